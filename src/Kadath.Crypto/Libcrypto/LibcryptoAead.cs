using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>AES-GCM (NIST SP 800-38D) of the system's libcrypto 3, with a key of 128 or 256 bits.</summary>
public sealed class LibcryptoAesGcm : IAead
{
    private readonly nint _cipher;

    /// <summary>Takes the length of keys: 16 bytes for AES-128-GCM, 32 for AES-256-GCM.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another length: AES-192 is refused by policy.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 here (<see cref="IsSupported"/>).</exception>
    public LibcryptoAesGcm(int keyBytes)
    {
        KeyBytes = AeadLengths.AesKey(keyBytes);
        _cipher = LibcryptoKey.Fetch(keyBytes == 16 ? "AES-128-GCM\0"u8 : "AES-256-GCM\0"u8);
    }

    /// <summary>Whether a libcrypto 3 was found.</summary>
    public static bool IsSupported => LibcryptoSymmetric.HasCiphers;

    /// <inheritdoc/>
    public string Fill => Fills.Libcrypto;

    /// <inheritdoc/>
    public int KeyBytes { get; }

    /// <inheritdoc/>
    public AeadKey CreateKey(ReadOnlySpan<byte> key) => new LibcryptoKey(_cipher, AeadLengths.Require(key, KeyBytes));
}

/// <summary>ChaCha20-Poly1305 (RFC 8439) of the system's libcrypto 3.</summary>
public sealed class LibcryptoChaCha20Poly1305 : IAead
{
    private readonly nint _cipher = LibcryptoKey.Fetch("ChaCha20-Poly1305\0"u8);

    /// <summary>Whether a libcrypto 3 was found.</summary>
    public static bool IsSupported => LibcryptoSymmetric.HasCiphers;

    /// <inheritdoc/>
    public string Fill => Fills.Libcrypto;

    /// <inheritdoc/>
    public int KeyBytes => AeadLengths.ChaChaKey;

    /// <inheritdoc/>
    public AeadKey CreateKey(ReadOnlySpan<byte> key) => new LibcryptoKey(_cipher, AeadLengths.Require(key, KeyBytes));
}

/// <summary>A key in libcrypto's hands: one context for each direction, that takes the key once and then a nonce per message.</summary>
internal sealed unsafe class LibcryptoKey : AeadKey
{
    // EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of openssl/evp.h.
    private const int GetTag = 0x10, SetTag = 0x11;

    private nint _seal, _open;

    public LibcryptoKey(nint cipher, ReadOnlySpan<byte> key)
    {
        _seal = LibcryptoSymmetric.NewContext();
        _open = LibcryptoSymmetric.NewContext();
        fixed (byte* keyAt = key)
        {
            if (_seal == 0 || _open == 0
                || LibcryptoSymmetric.EncryptInit(_seal, cipher, keyAt, null, 0) != 1 || LibcryptoSymmetric.DecryptInit(_open, cipher, keyAt, null, 0) != 1)
            {
                throw Failure();
            }
        }
    }

    ~LibcryptoKey() => EraseKey();

    /// <summary>Finds a cipher once and for all: fetching one for each message is what makes libcrypto 3 slow.</summary>
    public static nint Fetch(ReadOnlySpan<byte> name)
    {
        if (!LibcryptoSymmetric.HasCiphers)
        {
            throw new PlatformNotSupportedException("There is no libcrypto 3 here.");
        }

        fixed (byte* nameAt = name)
        {
            var cipher = LibcryptoSymmetric.FetchCipher(0, nameAt, null);
            return cipher != 0 ? cipher : throw new PlatformNotSupportedException("This libcrypto lacks the cipher.");
        }
    }

    private protected override void SealCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        int written;
        byte nothing;
        fixed (byte* nonceAt = nonce, associatedAt = associatedData, inputAt = plaintext, outputAt = ciphertext, tagAt = tag)
        {
            if (LibcryptoSymmetric.EncryptInit(_seal, 0, null, nonceAt, 0) != 1
                || (associatedData.Length > 0 && LibcryptoSymmetric.EncryptUpdate(_seal, null, &written, associatedAt, associatedData.Length) != 1)
                || (plaintext.Length > 0 && LibcryptoSymmetric.EncryptUpdate(_seal, outputAt, &written, inputAt, plaintext.Length) != 1)
                || LibcryptoSymmetric.EncryptFinal(_seal, &nothing, &written) != 1 || LibcryptoSymmetric.Control(_seal, GetTag, TagBytes, tagAt) != 1)
            {
                throw Failure();
            }
        }

        GC.KeepAlive(this);
    }

    private protected override bool TryOpenCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        int written;
        byte nothing;
        bool authentic;
        fixed (byte* nonceAt = nonce, associatedAt = associatedData, inputAt = ciphertext, outputAt = plaintext, tagAt = tag)
        {
            if (LibcryptoSymmetric.DecryptInit(_open, 0, null, nonceAt, 0) != 1
                || LibcryptoSymmetric.Control(_open, SetTag, TagBytes, tagAt) != 1
                || (associatedData.Length > 0 && LibcryptoSymmetric.DecryptUpdate(_open, null, &written, associatedAt, associatedData.Length) != 1)
                || (ciphertext.Length > 0 && LibcryptoSymmetric.DecryptUpdate(_open, outputAt, &written, inputAt, ciphertext.Length) != 1))
            {
                throw Failure();
            }

            authentic = LibcryptoSymmetric.DecryptFinal(_open, &nothing, &written) == 1;
        }

        if (!authentic)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            if (Libcrypto.IsAvailable)
            {
                Libcrypto.ClearErrors();
            }
        }

        GC.KeepAlive(this);
        return authentic;
    }

    /// <summary>Frees the contexts, which erases them.</summary>
    private protected override void EraseKey()
    {
        LibcryptoSymmetric.FreeContext(_seal);
        LibcryptoSymmetric.FreeContext(_open);
        _seal = _open = 0;
    }

    private static InvalidOperationException Failure() => new("libcrypto refused a call that cannot fail but for want of memory.");
}
