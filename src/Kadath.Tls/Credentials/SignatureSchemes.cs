namespace Kadath.Tls;

/// <summary>Which key signs with which scheme.</summary>
public static class SignatureSchemes
{
    private static readonly SignatureScheme[] Rsa = [SignatureScheme.RsaPssRsaeSha256, SignatureScheme.RsaPssRsaeSha384, SignatureScheme.RsaPssRsaeSha512];
    private static readonly SignatureScheme[] P256 = [SignatureScheme.EcdsaSecp256r1Sha256];
    private static readonly SignatureScheme[] P384 = [SignatureScheme.EcdsaSecp384r1Sha384];
    private static readonly SignatureScheme[] Ed25519 = [SignatureScheme.Ed25519];
    private static readonly SignatureScheme[] MlDsa44 = [SignatureScheme.MlDsa44];
    private static readonly SignatureScheme[] MlDsa65 = [SignatureScheme.MlDsa65];
    private static readonly SignatureScheme[] MlDsa87 = [SignatureScheme.MlDsa87];

    /// <summary>The schemes of a kind of key, preferred first.</summary>
    public static IReadOnlyList<SignatureScheme> Of(PublicKeyKind kind) => kind switch
    {
        PublicKeyKind.P256 => P256,
        PublicKeyKind.P384 => P384,
        PublicKeyKind.Ed25519 => Ed25519,
        PublicKeyKind.Rsa => Rsa,
        PublicKeyKind.MlDsa44 => MlDsa44,
        PublicKeyKind.MlDsa65 => MlDsa65,
        PublicKeyKind.MlDsa87 => MlDsa87,
        _ => [],
    };

    /// <summary>Whether a key of this kind signs with this scheme: in TLS 1.3 the curve is part of the scheme.</summary>
    public static bool Fits(SignatureScheme scheme, PublicKeyKind kind) => Of(kind).Contains(scheme);

    /// <summary>The IANA name, in lower case; null for a number without one here.</summary>
    public static string? NameOf(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => "ecdsa_secp256r1_sha256",
        SignatureScheme.EcdsaSecp384r1Sha384 => "ecdsa_secp384r1_sha384",
        SignatureScheme.RsaPssRsaeSha256 => "rsa_pss_rsae_sha256",
        SignatureScheme.RsaPssRsaeSha384 => "rsa_pss_rsae_sha384",
        SignatureScheme.RsaPssRsaeSha512 => "rsa_pss_rsae_sha512",
        SignatureScheme.Ed25519 => "ed25519",
        SignatureScheme.MlDsa44 => "mldsa44",
        SignatureScheme.MlDsa65 => "mldsa65",
        SignatureScheme.MlDsa87 => "mldsa87",
        _ => null,
    };
}
