using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the class library.</summary>
public sealed class BclHmacSha256 : IMac
{
    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int TagLength => HMACSHA256.HashSizeInBytes;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => HMACSHA256.HashData(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new BclMacKey(HashAlgorithmName.SHA256, key, TagLength);
}

/// <summary>HMAC-SHA-384 (RFC 2104, FIPS 198-1) of the class library.</summary>
public sealed class BclHmacSha384 : IMac
{
    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int TagLength => HMACSHA384.HashSizeInBytes;

    /// <inheritdoc/>
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag) => HMACSHA384.HashData(key, data, tag);

    /// <inheritdoc/>
    public MacKey CreateKey(ReadOnlySpan<byte> key) => new BclMacKey(HashAlgorithmName.SHA384, key, TagLength);
}

/// <summary>A key in the class library's hands.</summary>
internal sealed class BclMacKey(HashAlgorithmName name, ReadOnlySpan<byte> key, int tagLength) : MacKey(tagLength)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(name, key);

    public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    private protected override void FinishCore(Span<byte> tag) => _hash.GetHashAndReset(tag);

    private protected override void EraseKey() => _hash.Dispose();
}
