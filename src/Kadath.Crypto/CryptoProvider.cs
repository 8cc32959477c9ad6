namespace Kadath.Crypto;

/// <summary>The cryptography that everything above uses: one field per primitive, each filled by one implementation.</summary>
/// <remarks>
/// A field can be forced with a <c>with</c> expression. Every fill of a primitive passes the same conformance suite, so
/// exchanging one changes speed and nothing else.
/// </remarks>
public sealed record CryptoProvider
{
    /// <summary>The fastest constant-time fill of each primitive on this processor.</summary>
    public static CryptoProvider Default { get; } = new()
    {
        Sha1 = new BclSha1(),
        Sha256 = new BclSha256(),
        Sha512 = new BclSha512(),
        HmacSha256 = new BclHmacSha256(),
        SipHash = new ManagedSipHash(),
        Crc32C = new ManagedCrc32C(),
        Ed25519 = new ManagedEd25519(),
    };

    /// <summary>SHA-1 (FIPS 180-4), for the identifiers that BitTorrent defines with it.</summary>
    public required IHash Sha1 { get; init; }

    /// <summary>SHA-256 (FIPS 180-4).</summary>
    public required IHash Sha256 { get; init; }

    /// <summary>SHA-512 (FIPS 180-4).</summary>
    public required IHash Sha512 { get; init; }

    /// <summary>HMAC-SHA-256 (RFC 2104), for deriving keys from secrets.</summary>
    public required IMac HmacSha256 { get; init; }

    /// <summary>SipHash-2-4, for a MAC per packet.</summary>
    public required ISipHash SipHash { get; init; }

    /// <summary>CRC-32C, for node ids bound to addresses (BEP 42).</summary>
    public required IChecksum Crc32C { get; init; }

    /// <summary>Ed25519 signatures (RFC 8032).</summary>
    public required IEd25519 Ed25519 { get; init; }
}
