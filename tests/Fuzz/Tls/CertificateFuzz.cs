using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Crypto;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Fuzz.Tls;

/// <summary>Certificates and keys with wrong bytes in them: never an exception, and what is accepted holds what it says.</summary>
public sealed class CertificateFuzz
{
    private const int Rounds = 60_000;

    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Fact]
    public void Wrong_certificates_never_throw()
    {
        List<byte[]> corpus = Corpus();
        Mutator mutator = new(FuzzRun.Stream(41), corpus);
        int accepted = 0;
        for (int round = 0; round < Rounds * FuzzRun.Factor; round++)
        {
            byte[] bytes = mutator.Next();
            if (!CertificateView.TryParse(bytes, out CertificateView view))
            {
                continue;
            }

            accepted++;
            Assert.Equal(bytes.Length, view.Encoded.Length);
            Assert.True(view.Encoded.Overlaps(view.ToBeSigned) && view.ToBeSigned.Overlaps(view.PublicKeyInfo));
            int names = 0;
            for (SubjectNames list = view.Names; list.TryNext(out _, out _); names++)
            {
                Assert.InRange(names, 0, 256);
            }

            HostNames.Matches(view, "host.example");
            HostNames.Matches(view, "127.0.0.1");
            view.MayAuthenticate(server: true);
            if (SubjectPublicKeyInfo.TryParse(view.PublicKeyInfo, out SubjectPublicKeyInfo key))
            {
                Assert.Equal(view.PublicKeyInfo.ToArray(), SubjectPublicKeyInfo.Encode(key.Kind, key.Key));
            }

            // Signatures cost: only where there is something to find.
            if (!view.LibP2pExtension.IsEmpty && round % 50 == 0)
            {
                LibP2pCertificate.TryVerify(view, Now, CryptoProvider.Default, out _);
            }
        }

        Assert.InRange(accepted, Rounds / 20, Rounds * FuzzRun.Factor);
    }

    [Fact]
    public void Wrong_private_keys_never_throw()
    {
        using ECDsa p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] edwards = Convert.FromBase64String("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC");
        Mutator mutator = new(FuzzRun.Stream(42), [p256.ExportPkcs8PrivateKey(), p256.ExportECPrivateKey(), p384.ExportPkcs8PrivateKey(), edwards]);
        for (int round = 0; round < Rounds * FuzzRun.Factor; round++)
        {
            byte[] bytes = mutator.Next();
            if (PrivateKeyInfo.TryParse(bytes, out PublicKeyKind kind, out ReadOnlySpan<byte> secret))
            {
                Assert.Equal(kind == PublicKeyKind.P384 ? 48 : 32, secret.Length);
            }
        }
    }

    private static List<byte[]> Corpus()
    {
        SeededKeyEntropy entropy = new(FuzzRun.Seed);
        using SigningKey p256 = SigningKeys.Generate(PublicKeyKind.P256, CryptoProvider.Default, entropy);
        using SigningKey edwards = SigningKeys.Generate(PublicKeyKind.Ed25519, CryptoProvider.Default, entropy);
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = new("CN=host.example", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("*.host.example");
        names.AddUri(new Uri("https://host.example/"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 3, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], true));
        using X509Certificate2 other = request.CreateSelfSigned(Now, Now.AddYears(40));
        return
        [
            CertificateMaker.SelfSigned(p256, ["host.example", "127.0.0.1", "::1"], (Now, Now.AddDays(1)), entropy),
            CertificateMaker.SelfSigned(edwards, [], (Now, Now.AddDays(1)), entropy),
            LibP2pCertificate.Make(p256, edwards, Now, entropy),
            other.RawData,
        ];
    }
}
