using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>SHA-256 (FIPS 180-4) with the compression function of the system's libcrypto 3, which uses the processor's SHA instructions.</summary>
public sealed class LibcryptoSha256 : IHash
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibcryptoSha256() => LibcryptoSymmetric.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibcryptoSymmetric.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.Libcrypto;

    /// <inheritdoc/>
    public int DigestLength => 32;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<LibcryptoSha256Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<LibcryptoSha256Core>();
}

/// <summary>SHA-384 (FIPS 180-4) with the compression function of the system's libcrypto 3.</summary>
public sealed class LibcryptoSha384 : IHash
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibcryptoSha384() => LibcryptoSymmetric.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibcryptoSymmetric.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.Libcrypto;

    /// <inheritdoc/>
    public int DigestLength => 48;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => ManagedHash.Compute<LibcryptoSha384Core>(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new ManagedRunningHash<LibcryptoSha384Core>();
}

/// <summary>HMAC-SHA-256 (RFC 2104) over <see cref="LibcryptoSha256"/>: no object of libcrypto is made for a key, so that deriving keys is cheap.</summary>
public sealed class LibcryptoHmacSha256 : IMac
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibcryptoHmacSha256() => LibcryptoSymmetric.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibcryptoSymmetric.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.Libcrypto;

    /// <inheritdoc/>
    public int TagLength => 32;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => ManagedHmac.Compute<LibcryptoSha256Core>(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new ManagedMacKey<LibcryptoSha256Core>(key);
}

/// <summary>HMAC-SHA-384 (RFC 2104) over <see cref="LibcryptoSha384"/>.</summary>
public sealed class LibcryptoHmacSha384 : IMac
{
    /// <summary>Makes the fill.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto 3 with these functions here (<see cref="IsSupported"/>).</exception>
    public LibcryptoHmacSha384() => LibcryptoSymmetric.RequireSha2();

    /// <summary>Whether a libcrypto 3 with these functions was found.</summary>
    public static bool IsSupported => LibcryptoSymmetric.HasSha2;

    /// <inheritdoc/>
    public string Fill => Fills.Libcrypto;

    /// <inheritdoc/>
    public int TagLength => 48;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => ManagedHmac.Compute<LibcryptoSha384Core>(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new ManagedMacKey<LibcryptoSha384Core>(key);
}

/// <summary>The state of SHA-256 where <c>SHA256_Transform</c> expects it: at the start of a <c>SHA256_CTX</c>, of which it touches nothing else.</summary>
internal unsafe struct LibcryptoSha256Core : IHashCore
{
    private Sha256Core _words;

    public readonly int BlockLength => 64;

    public readonly int DigestLength => 32;

    public void Initialize() => _words.Initialize();

    public void Compress(ReadOnlySpan<byte> block)
    {
        fixed (byte* blockAt = block)
        {
            LibcryptoSymmetric.Sha256Transform(Unsafe.AsPointer(ref _words), blockAt);
        }
    }

    public readonly void WriteDigest(Span<byte> digest) => _words.WriteDigest(digest);
}

/// <summary>The state of SHA-384 where <c>SHA512_Transform</c> expects it.</summary>
internal unsafe struct LibcryptoSha384Core : IHashCore
{
    private Sha512Core _words;

    public readonly int BlockLength => 128;

    public readonly int DigestLength => 48;

    public void Initialize() => _words.InitializeForSha384();

    public void Compress(ReadOnlySpan<byte> block)
    {
        fixed (byte* blockAt = block)
        {
            LibcryptoSymmetric.Sha512Transform(Unsafe.AsPointer(ref _words), blockAt);
        }
    }

    public readonly void WriteDigest(Span<byte> digest) => _words.WriteSixWords(digest);
}
