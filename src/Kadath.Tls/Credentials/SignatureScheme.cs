namespace Kadath.Tls;

/// <summary>Signature algorithms by their code points in TLS 1.3 (RFC 8446 section 4.2.3; ML-DSA as registered by IANA for draft-ietf-tls-mldsa).</summary>
public enum SignatureScheme : ushort
{
    /// <summary>None chosen yet.</summary>
    None = 0,

    /// <summary>ecdsa_secp256r1_sha256; the signature is an ECDSA-Sig-Value in DER.</summary>
    EcdsaSecp256r1Sha256 = 0x0403,

    /// <summary>ecdsa_secp384r1_sha384.</summary>
    EcdsaSecp384r1Sha384 = 0x0503,

    /// <summary>rsa_pss_rsae_sha256.</summary>
    RsaPssRsaeSha256 = 0x0804,

    /// <summary>rsa_pss_rsae_sha384.</summary>
    RsaPssRsaeSha384 = 0x0805,

    /// <summary>rsa_pss_rsae_sha512.</summary>
    RsaPssRsaeSha512 = 0x0806,

    /// <summary>ed25519.</summary>
    Ed25519 = 0x0807,

    /// <summary>mldsa44.</summary>
    MlDsa44 = 0x0904,

    /// <summary>mldsa65.</summary>
    MlDsa65 = 0x0905,

    /// <summary>mldsa87.</summary>
    MlDsa87 = 0x0906,
}
