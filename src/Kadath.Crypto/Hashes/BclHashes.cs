using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>SHA-1 (FIPS 180-4) of the class library. For identifiers that a protocol defines so, never where collisions matter.</summary>
public sealed class BclSha1 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int DigestLength => SHA1.HashSizeInBytes;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => SHA1.HashData(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new BclRunningHash(HashAlgorithmName.SHA1, DigestLength);
}

/// <summary>SHA-256 (FIPS 180-4) of the class library.</summary>
public sealed class BclSha256 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int DigestLength => SHA256.HashSizeInBytes;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => SHA256.HashData(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new BclRunningHash(HashAlgorithmName.SHA256, DigestLength);
}

/// <summary>SHA-384 (FIPS 180-4) of the class library.</summary>
public sealed class BclSha384 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int DigestLength => SHA384.HashSizeInBytes;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => SHA384.HashData(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new BclRunningHash(HashAlgorithmName.SHA384, DigestLength);
}

/// <summary>SHA-512 (FIPS 180-4) of the class library.</summary>
public sealed class BclSha512 : IHash
{
    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int DigestLength => SHA512.HashSizeInBytes;

    /// <inheritdoc/>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> digest) => SHA512.HashData(data, digest);

    /// <inheritdoc/>
    public RunningHash Start() => new BclRunningHash(HashAlgorithmName.SHA512, DigestLength);
}
