namespace Kadath.Tls;

/// <summary>The kinds of public key that this library authenticates peers by.</summary>
public enum PublicKeyKind
{
    /// <summary>ECDSA on P-256 (RFC 5480, named curve).</summary>
    P256,

    /// <summary>ECDSA on P-384.</summary>
    P384,

    /// <summary>Ed25519 (RFC 8410).</summary>
    Ed25519,

    /// <summary>RSA (RFC 8017), 2048 to 8192 bits.</summary>
    Rsa,

    /// <summary>ML-DSA-44 (FIPS 204, RFC 9881).</summary>
    MlDsa44,

    /// <summary>ML-DSA-65.</summary>
    MlDsa65,

    /// <summary>ML-DSA-87.</summary>
    MlDsa87,
}
