using System.Security.Cryptography;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>The signatures on certificates themselves. For self-signed ones: chains are validated by the platform.</summary>
internal static class CertificateSignatures
{
    /// <summary>The AlgorithmIdentifier that a key of this kind signs certificates with (RFC 5758, RFC 8410, RFC 9881).</summary>
    public static byte[] AlgorithmOf(PublicKeyKind kind)
    {
        DerWriter writer = new DerWriter().Begin(DerTag.Sequence).ObjectIdentifier(IdentifierOf(kind));
        if (kind == PublicKeyKind.Rsa)
        {
            writer.Element(DerTag.Null, []);
        }

        return writer.End().ToArray();
    }

    /// <summary>Whether the certificate's own key signed it.</summary>
    public static bool IsSelfSigned(in CertificateView certificate, CryptoProvider crypto)
    {
        if (!SubjectPublicKeyInfo.TryParse(certificate.PublicKeyInfo, out SubjectPublicKeyInfo key) || !certificate.IsSelfIssued
            || !certificate.SignatureAlgorithm.SequenceEqual(AlgorithmOf(key.Kind)))
        {
            return false;
        }

        return key.Kind == PublicKeyKind.Rsa
            ? SignatureVerifier.VerifyRsa(key.Key, certificate.ToBeSigned, certificate.Signature, RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA256)
            : SignatureVerifier.Verify(SignatureSchemes.Of(key.Kind)[0], key, certificate.ToBeSigned, certificate.Signature, crypto);
    }

    private static ReadOnlySpan<byte> IdentifierOf(PublicKeyKind kind) => kind switch
    {
        PublicKeyKind.P256 => ObjectIdentifiers.EcdsaWithSha256,
        PublicKeyKind.P384 => ObjectIdentifiers.EcdsaWithSha384,
        PublicKeyKind.Ed25519 => ObjectIdentifiers.Ed25519,
        PublicKeyKind.Rsa => ObjectIdentifiers.Sha256WithRsa,
        PublicKeyKind.MlDsa44 => ObjectIdentifiers.MlDsa44,
        PublicKeyKind.MlDsa65 => ObjectIdentifiers.MlDsa65,
        _ => ObjectIdentifiers.MlDsa87,
    };
}
