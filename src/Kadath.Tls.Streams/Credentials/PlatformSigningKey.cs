using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Crypto;

namespace Kadath.Tls.Streams;

/// <summary>
/// A private key that the platform holds and need not give away: of an <see cref="X509Certificate2"/>, in a store, on a device. ECDSA on P-256 and
/// P-384, and RSA with PSS. It may be slow, so a stream signs with it away from the caller's thread.
/// </summary>
internal sealed class PlatformSigningKey : SigningKey
{
    private readonly AsymmetricAlgorithm _key;
    private readonly byte[] _publicKeyInfo;

    private PlatformSigningKey(PublicKeyKind kind, AsymmetricAlgorithm key, byte[] publicKeyInfo)
    {
        Kind = kind;
        _key = key;
        _publicKeyInfo = publicKeyInfo;
    }

    /// <inheritdoc/>
    public override PublicKeyKind Kind { get; }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> PublicKeyInfo => _publicKeyInfo;

    /// <summary>Takes the private key of a certificate; null if it has none of a kind that signs here.</summary>
    public static PlatformSigningKey? Of(X509Certificate2 certificate)
    {
        byte[] publicKeyInfo = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        if (!SubjectPublicKeyInfo.TryParse(publicKeyInfo, out SubjectPublicKeyInfo info))
        {
            return null;
        }

        AsymmetricAlgorithm? key = info.Kind switch
        {
            PublicKeyKind.P256 or PublicKeyKind.P384 => certificate.GetECDsaPrivateKey(),
            PublicKeyKind.Rsa => certificate.GetRSAPrivateKey(),
            _ => null,
        };
        return key is null ? null : new PlatformSigningKey(info.Kind, key, publicKeyInfo);
    }

    /// <summary>Takes an RSA key; the caller gives it away. Null if its length is not one that is used here.</summary>
    public static PlatformSigningKey? Of(RSA key)
    {
        byte[] publicKeyInfo = key.ExportSubjectPublicKeyInfo();
        return SubjectPublicKeyInfo.TryParse(publicKeyInfo, out _) ? new PlatformSigningKey(PublicKeyKind.Rsa, key, publicKeyInfo) : null;
    }

    /// <inheritdoc/>
    public override int Sign(SignatureScheme scheme, ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature)
    {
        int length = 0;
        bool signed = (_key, scheme) switch
        {
            (ECDsa ecdsa, SignatureScheme.EcdsaSecp256r1Sha256) when Kind == PublicKeyKind.P256 =>
                ecdsa.TrySignData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence, out length),
            (ECDsa ecdsa, SignatureScheme.EcdsaSecp384r1Sha384) when Kind == PublicKeyKind.P384 =>
                ecdsa.TrySignData(message, signature, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence, out length),
            (RSA rsa, SignatureScheme.RsaPssRsaeSha256) => rsa.TrySignData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss, out length),
            (RSA rsa, SignatureScheme.RsaPssRsaeSha384) => rsa.TrySignData(message, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss, out length),
            (RSA rsa, SignatureScheme.RsaPssRsaeSha512) => rsa.TrySignData(message, signature, HashAlgorithmName.SHA512, RSASignaturePadding.Pss, out length),
            _ => throw new ArgumentException($"a {Kind} key does not sign {scheme}", nameof(scheme)),
        };
        return signed ? length : throw new ArgumentException("the signature does not fit", nameof(signature));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _key.Dispose();
}
