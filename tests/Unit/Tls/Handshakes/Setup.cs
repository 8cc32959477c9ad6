using Kadath.Crypto;
using Kadath.Tls;

namespace Kadath.Tests.Support;

/// <summary>Options and credentials for handshakes in memory.</summary>
internal static class Setup
{
    public static Credential Raw(PublicKeyKind kind = PublicKeyKind.Ed25519, ulong seed = 1) =>
        Credential.RawPublicKey(SigningKeys.Generate(kind, CryptoProvider.Default, new SeededKeyEntropy(seed)));

    public static TlsClientOptions Client(params NamedGroup[] groups) => new()
    {
        Entropy = new SeededKeyEntropy(2),
        ServerCertificateTypes = [CertificateType.RawPublicKey],
        ClientCertificateTypes = [CertificateType.RawPublicKey],
        ServerName = "example.org",
        Policy = Policy(groups),
    };

    public static TlsServerOptions Server(params NamedGroup[] groups) => new()
    {
        Entropy = new SeededKeyEntropy(3),
        ServerCertificateTypes = [CertificateType.RawPublicKey],
        ClientCertificateTypes = [CertificateType.RawPublicKey],
        Policy = Policy(groups),
    };

    public static TlsPolicy Policy(params NamedGroup[] groups) =>
        groups.Length == 0 ? TlsPolicy.Default : TlsPolicy.Default with { Groups = groups, Shares = [groups[0]] };
}
