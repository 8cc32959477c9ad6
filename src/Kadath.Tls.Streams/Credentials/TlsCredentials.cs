using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Crypto;

namespace Kadath.Tls.Streams;

/// <summary>Makes credentials of what .NET users have: <see cref="X509Certificate2"/>, PEM files, or nothing yet.</summary>
public static class TlsCredentials
{
    private static readonly string[] LocalNames = ["localhost", "127.0.0.1", "::1"];

    // A clock that runs behind by less than this still finds the certificate valid.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>A certificate with its private key, exportable or not.</summary>
    /// <param name="certificate">The certificate; its key is taken by reference, and the certificate stays the caller's.</param>
    /// <param name="intermediates">The certificates between it and the root, in any order; null for none.</param>
    /// <exception cref="ArgumentException">It has no private key of a kind that signs: ECDSA on P-256 or P-384, or RSA of at least 2048 bits.</exception>
    public static Credential FromCertificate(X509Certificate2 certificate, X509Certificate2Collection? intermediates = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        SigningKey key = PlatformSigningKey.Of(certificate) ?? throw new ArgumentException("the certificate has no private key that signs here", nameof(certificate));
        return Credential.Certificates(key, ChainOf(certificate.RawData, intermediates?.Select(static other => other.RawData) ?? []));
    }

    /// <summary>The bare public key of a certificate's private key (RFC 7250).</summary>
    /// <exception cref="ArgumentException">It has no private key of a kind that signs.</exception>
    public static Credential RawPublicKeyOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Credential.RawPublicKey(PlatformSigningKey.Of(certificate) ?? throw new ArgumentException("the certificate has no private key that signs here", nameof(certificate)));
    }

    /// <summary>Certificates and a private key in PEM. Ed25519 and ML-DSA keys are taken too, which the platform may not know.</summary>
    /// <param name="certificates">The chain, ours first; null or empty for a raw public key.</param>
    /// <param name="privateKey">A PKCS #8, SEC 1 or PKCS #1 key, not encrypted.</param>
    /// <exception cref="ArgumentException">The key cannot be read, or the first certificate is another key's.</exception>
    public static Credential FromPem(string? certificates, string privateKey)
    {
        SigningKey key = ReadKey(privateKey);
        List<ReadOnlyMemory<byte>> chain = [];
        ReadOnlySpan<char> rest = certificates;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label] is "CERTIFICATE")
            {
                chain.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            }

            rest = rest[fields.Location.End..];
        }

        return chain.Count == 0 && string.IsNullOrEmpty(certificates) ? Credential.RawPublicKey(key) : Credential.Certificates(key, chain);
    }

    /// <summary>A fresh key with a self-signed certificate for <c>localhost</c>, <c>127.0.0.1</c> and <c>::1</c>, or for the names given.</summary>
    /// <param name="kind">P-256 is what every peer accepts; RSA cannot be made here.</param>
    /// <param name="names">DNS names and addresses; null for those of this machine.</param>
    /// <param name="lifetime">How long it is valid from now; null for 30 days.</param>
    public static Credential SelfSigned(PublicKeyKind kind = PublicKeyKind.P256, IReadOnlyList<string>? names = null, TimeSpan? lifetime = null)
    {
        SigningKey key = SigningKeys.Generate(kind, CryptoProvider.Default, KeyEntropy.OperatingSystem);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return Credential.Certificates(key, CertificateMaker.SelfSigned(key, names ?? LocalNames, (now - ClockSkew, now + (lifetime ?? TimeSpan.FromDays(30))), KeyEntropy.OperatingSystem));
    }

    /// <summary>A fresh key that is shown bare (RFC 7250).</summary>
    public static Credential RawPublicKey(PublicKeyKind kind = PublicKeyKind.Ed25519) =>
        Credential.RawPublicKey(SigningKeys.Generate(kind, CryptoProvider.Default, KeyEntropy.OperatingSystem));

    private static SigningKey ReadKey(string pem)
    {
        ReadOnlySpan<char> rest = pem;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label].EndsWith("PRIVATE KEY"))
            {
                byte[] der = GC.AllocateUninitializedArray<byte>(fields.DecodedDataLength, pinned: true);
                try
                {
                    Convert.TryFromBase64Chars(rest[fields.Base64Data], der, out int length);
                    if (SigningKeys.ImportDer(der.AsSpan(0, length), CryptoProvider.Default) is { } key)
                    {
                        return key;
                    }

                    RSA rsa = RSA.Create();
                    rsa.ImportFromPem(rest[fields.Location]);
                    return PlatformSigningKey.Of(rsa) ?? throw new ArgumentException("RSA keys have 2048 to 8192 bits", nameof(pem));
                }
                catch (CryptographicException failed)
                {
                    throw new ArgumentException("the private key cannot be read", nameof(pem), failed);
                }
                finally
                {
                    CryptographicOperations.ZeroMemory(der);
                }
            }

            rest = rest[fields.Location.End..];
        }

        throw new ArgumentException("there is no private key", nameof(pem));
    }

    /// <summary>Orders a chain: each certificate is followed by its issuer's, and what leads nowhere is left out.</summary>
    private static List<ReadOnlyMemory<byte>> ChainOf(byte[] first, IEnumerable<byte[]> others)
    {
        List<ReadOnlyMemory<byte>> chain = [first];
        List<byte[]> left = [.. others];
        while (CertificateView.TryParse(chain[^1].Span, out CertificateView last) && !last.IsSelfIssued)
        {
            byte[] issuer = last.Issuer.ToArray();
            byte[]? next = left.Find(other => CertificateView.TryParse(other, out CertificateView view) && view.Subject.SequenceEqual(issuer));
            if (next is null)
            {
                break;
            }

            left.Remove(next);
            chain.Add(next);
        }

        return chain;
    }
}
