using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>AES-GCM (NIST SP 800-38D) of the class library, with a key of 128 or 256 bits.</summary>
/// <remarks>What is not authentic costs the class library an exception, which allocates: another reason to prefer other fills.</remarks>
public sealed class BclAesGcm : IAead
{
    /// <summary>Takes the length of keys: 16 bytes for AES-128-GCM, 32 for AES-256-GCM.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another length: AES-192 is refused by policy.</exception>
    /// <exception cref="PlatformNotSupportedException">This system has no AES-GCM (<see cref="IsSupported"/>).</exception>
    public BclAesGcm(int keyBytes)
    {
        KeyBytes = AeadLengths.AesKey(keyBytes);
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("The class library has no AES-GCM here.");
        }
    }

    /// <summary>Whether the class library has AES-GCM on this system.</summary>
    public static bool IsSupported => AesGcm.IsSupported;

    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int KeyBytes { get; }

    /// <inheritdoc/>
    public AeadKey CreateKey(ReadOnlySpan<byte> key) => new Key(AeadLengths.Require(key, KeyBytes));

    private sealed class Key(ReadOnlySpan<byte> key) : AeadKey
    {
        private readonly AesGcm _cipher = new(key, TagBytes);

        private protected override void SealCore(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag) =>
            _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);

        private protected override bool TryOpenCore(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
        {
            try
            {
                _cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                CryptographicOperations.ZeroMemory(plaintext);
                return false;
            }
        }

        private protected override void EraseKey() => _cipher.Dispose();
    }
}

/// <summary>ChaCha20-Poly1305 (RFC 8439) of the class library.</summary>
/// <remarks>What is not authentic costs the class library an exception, which allocates: another reason to prefer other fills.</remarks>
public sealed class BclChaCha20Poly1305 : IAead
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">This system has no ChaCha20-Poly1305 (<see cref="IsSupported"/>).</exception>
    public BclChaCha20Poly1305()
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("The class library has no ChaCha20-Poly1305 here.");
        }
    }

    /// <summary>Whether the class library has ChaCha20-Poly1305 on this system.</summary>
    public static bool IsSupported => ChaCha20Poly1305.IsSupported;

    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int KeyBytes => AeadLengths.ChaChaKey;

    /// <inheritdoc/>
    public AeadKey CreateKey(ReadOnlySpan<byte> key) => new Key(AeadLengths.Require(key, KeyBytes));

    private sealed class Key(ReadOnlySpan<byte> key) : AeadKey
    {
        private readonly ChaCha20Poly1305 _cipher = new(key);

        private protected override void SealCore(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag) =>
            _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);

        private protected override bool TryOpenCore(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
        {
            try
            {
                _cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                CryptographicOperations.ZeroMemory(plaintext);
                return false;
            }
        }

        private protected override void EraseKey() => _cipher.Dispose();
    }
}

/// <summary>The lengths of keys, checked in one place.</summary>
internal static class AeadLengths
{
    public const int ChaChaKey = 32;

    public static int AesKey(int keyBytes) => keyBytes is 16 or 32
        ? keyBytes
        : throw new ArgumentOutOfRangeException(nameof(keyBytes), keyBytes, "An AES key has 16 or 32 bytes here.");

    public static ReadOnlySpan<byte> Require(ReadOnlySpan<byte> key, int length) => key.Length == length
        ? key
        : throw new ArgumentException($"The key has {key.Length} bytes, not {length}.", nameof(key));
}
