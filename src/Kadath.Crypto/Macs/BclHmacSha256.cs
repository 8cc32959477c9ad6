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
}
