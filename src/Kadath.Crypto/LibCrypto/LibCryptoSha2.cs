using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>SHA-256 (FIPS 180-4) with the compression function of the system's libcrypto 3, which uses the processor's SHA instructions.</summary>
public sealed class LibCryptoSha256 : IHash
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibCryptoSha256() => LibCryptoFunctions.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibCryptoFunctions.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.LibCrypto;

    /// <inheritdoc/>
    public int DigestLength => 32;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<LibCryptoSha256Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<LibCryptoSha256Core>();
}

/// <summary>SHA-384 (FIPS 180-4) with the compression function of the system's libcrypto 3.</summary>
public sealed class LibCryptoSha384 : IHash
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibCryptoSha384() => LibCryptoFunctions.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibCryptoFunctions.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.LibCrypto;

    /// <inheritdoc/>
    public int DigestLength => 48;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<LibCryptoSha384Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<LibCryptoSha384Core>();
}

/// <summary>HMAC-SHA-256 (RFC 2104) over <see cref="LibCryptoSha256"/>: no object of libcrypto is made for a key, so that deriving keys is cheap.</summary>
public sealed class LibCryptoHmacSha256 : IMac
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibCryptoHmacSha256() => LibCryptoFunctions.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibCryptoFunctions.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.LibCrypto;

    /// <inheritdoc/>
    public int TagLength => 32;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => ManagedHmac.Compute<LibCryptoSha256Core>(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new ManagedMacKey<LibCryptoSha256Core>(key);
}

/// <summary>HMAC-SHA-384 (RFC 2104) over <see cref="LibCryptoSha384"/>.</summary>
public sealed class LibCryptoHmacSha384 : IMac
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibCryptoHmacSha384() => LibCryptoFunctions.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibCryptoFunctions.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.LibCrypto;

    /// <inheritdoc/>
    public int TagLength => 48;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => ManagedHmac.Compute<LibCryptoSha384Core>(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new ManagedMacKey<LibCryptoSha384Core>(key);
}

/// <summary>The state of SHA-256 where <c>SHA256_Transform</c> expects it: at the start of a <c>SHA256_CTX</c>, of which it touches nothing else.</summary>
internal unsafe struct LibCryptoSha256Core : IHashCore
{
    private Sha256Core _words;

    public readonly int BlockLength => 64;

    public readonly int DigestLength => 32;

    public void Initialize() => _words.Initialize();

    public void Compress(ReadOnlySpan<byte> block)
    {
        fixed (byte* blockAt = block)
        {
            LibCryptoFunctions.Sha256Transform(Unsafe.AsPointer(ref _words), blockAt);
        }
    }

    public readonly void WriteDigest(Span<byte> digest) => _words.WriteDigest(digest);
}

/// <summary>The state of SHA-384 where <c>SHA512_Transform</c> expects it.</summary>
internal unsafe struct LibCryptoSha384Core : IHashCore
{
    private Sha512Core _words;

    public readonly int BlockLength => 128;

    public readonly int DigestLength => 48;

    public void Initialize() => _words.InitializeForSha384();

    public void Compress(ReadOnlySpan<byte> block)
    {
        fixed (byte* blockAt = block)
        {
            LibCryptoFunctions.Sha512Transform(Unsafe.AsPointer(ref _words), blockAt);
        }
    }

    public readonly void WriteDigest(Span<byte> digest) => _words.WriteSixWords(digest);
}
