using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Crypto;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Bench.Tls;

/// <summary>How the two implementations are set up, so that they do the same.</summary>
internal static class Sides
{
    private static readonly SslApplicationProtocol[] None = [];

    public static X509Certificate2 Certificate { get; } = MakeCertificate();

    public static TlsTrust Pinned(Credential credential) => new() { Pins = [SpkiPin.Of(credential.Key.PublicKeyInfo.Span, CryptoProvider.Default.Sha256)] };

    public static SslClientAuthenticationOptions SslClient(bool resume) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = SslProtocols.Tls13,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        ApplicationProtocols = [.. None],
        AllowTlsResume = resume,
        CipherSuitesPolicy = Policy(),
    };

    public static SslServerAuthenticationOptions SslServer(SslStreamCertificateContext context, bool resume) => new()
    {
        ServerCertificateContext = context,
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = resume,
        CipherSuitesPolicy = Policy(),
    };

    public static async Task<(SslStream Client, SslStream Server)> SslAsync(Stream client, Stream server, SslStreamCertificateContext context, bool resume)
    {
        SslStream a = new(client), b = new(server);
        await Task.WhenAll(a.AuthenticateAsClientAsync(SslClient(resume)), b.AuthenticateAsServerAsync(SslServer(context, resume)));
        return (a, b);
    }

    public static async Task<(TlsStream Client, TlsStream Server)> TlsAsync(TlsStream client, TlsStream server, Credential credential)
    {
        TlsClientAuthenticationOptions options = new() { TargetHost = "localhost", Trust = Pinned(credential) };
        await Task.WhenAll(client.AuthenticateAsClientAsync(options), server.AuthenticateAsServerAsync(new TlsServerAuthenticationOptions { Credentials = [credential] }));
        return (client, server);
    }

    private static CipherSuitesPolicy? Policy() => OperatingSystem.IsLinux() ? new([TlsCipherSuite.TLS_AES_128_GCM_SHA256]) : null;

    private static X509Certificate2 MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
    }
}
