using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Crypto;
using Kadath.Tls;

namespace Kadath.Tests.Interop.Tls;

/// <summary>A key with a self-signed certificate, in PEM files for the peers and as objects for us.</summary>
internal sealed class TlsIdentity
{
    private static readonly Dictionary<string, Lazy<TlsIdentity>> Made = new()
    {
        ["p256"] = new(() => Platform("p256", ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256)),
        ["p384"] = new(() => Platform("p384", ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384)),
        ["rsa"] = new(() => Rsa("rsa")),
        ["ed25519"] = new(() => Own("ed25519", PublicKeyKind.Ed25519, "302e020100300506032b657004220420")),
        ["mldsa65"] = new(() => Own("mldsa65", PublicKeyKind.MlDsa65, "3034020100300b060960864801650304031204228020")),
        ["client"] = new(() => Platform("client", ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256)),
    };

    private TlsIdentity(string name, string certificatePem, string keyPem)
    {
        CertificatePem = certificatePem;
        KeyPem = keyPem;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kadath-tls-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        CertificateFile = Path.Combine(folder.FullName, $"{name}.pem");
        KeyFile = Path.Combine(folder.FullName, $"{name}.key");
        File.WriteAllText(CertificateFile, certificatePem);
        File.WriteAllText(KeyFile, keyPem);
    }

    public string CertificatePem { get; }

    public string KeyPem { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    /// <summary>The certificate as the only authority.</summary>
    public X509Certificate2Collection Roots
    {
        get
        {
            X509Certificate2Collection roots = [];
            roots.ImportFromPem(CertificatePem);
            return roots;
        }
    }

    public static TlsIdentity Of(string kind) => Made[kind].Value;

    private static TlsIdentity Platform(string name, ECCurve curve, HashAlgorithmName hash)
    {
        using ECDsa key = ECDsa.Create(curve);
        using X509Certificate2 certificate = Sign(new CertificateRequest("CN=localhost", key, hash));
        return new TlsIdentity(name, certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static TlsIdentity Rsa(string name)
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = Sign(new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return new TlsIdentity(name, certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static TlsIdentity Own(string name, PublicKeyKind kind, string pkcs8)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(32);
        using SigningKey key = SigningKeys.Import(kind, seed, CryptoProvider.Default)!;
        DateTimeOffset now = DateTimeOffset.UtcNow;
        byte[] certificate = CertificateMaker.SelfSigned(key, ["localhost", "127.0.0.1"], (now.AddHours(-1), now.AddDays(2)), KeyEntropy.OperatingSystem);
        return new TlsIdentity(name, PemEncoding.WriteString("CERTIFICATE", certificate), PemEncoding.WriteString("PRIVATE KEY", [.. Convert.FromHexString(pkcs8), .. seed]));
    }

    private static X509Certificate2 Sign(CertificateRequest request)
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(2));
    }
}
