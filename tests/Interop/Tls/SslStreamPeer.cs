using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Tls;

/// <summary>.NET's own SslStream, in this process.</summary>
internal sealed class SslStreamPeer : TlsPeer
{
    public override string Name => "sslstream";

    public override string? Missing => null;

    public override Task<TlsPeerServer> ServeAsync(TlsSetup setup) => Task.FromResult<TlsPeerServer>(new Server(setup));

    public override async Task<TlsReport> ConnectAsync(int port, TlsSetup setup)
    {
        if (setup.Resume)
        {
            await OnceAsync(port, setup);
        }

        return await OnceAsync(port, setup);
    }

    private static async Task<TlsReport> OnceAsync(int port, TlsSetup setup)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, port);
        await using SslStream stream = new(tcp.GetStream());
        X509Certificate2Collection roots = TlsIdentity.Of(setup.Key).Roots;
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [.. setup.Alpn.Select(static name => new SslApplicationProtocol(name))],
                CipherSuitesPolicy = PolicyOf(setup),
                CertificateChainPolicy = Trusting(roots),
                ClientCertificateContext = setup.ClientCertificate ? SslStreamCertificateContext.Create(CertificateOf("client"), null, offline: true) : null,
            });
            byte[] line = new byte[Math.Min(4096, setup.Bytes)], back = new byte[line.Length];
            for (int sent = 0; sent < setup.Bytes; sent += line.Length)
            {
                await stream.WriteAsync(line);
                await stream.ReadExactlyAsync(back);
            }

            TlsReport report = new() { Alpn = Encoding.ASCII.GetString(stream.NegotiatedApplicationProtocol.Protocol.Span) };
            await stream.ShutdownAsync();
            while (await stream.ReadAsync(back) > 0)
            {
            }

            return report;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            throw new PeerException($"SslStream: {e.Message} {e.InnerException?.Message}");
        }
    }

    private static X509Certificate2 CertificateOf(string kind)
    {
        TlsIdentity identity = TlsIdentity.Of(kind);
        return X509Certificate2.CreateFromPem(identity.CertificatePem, identity.KeyPem);
    }

    private static CipherSuitesPolicy? PolicyOf(TlsSetup setup) =>
        setup.Suites is null ? null : new CipherSuitesPolicy(setup.Suites.Select(static name => Enum.Parse<TlsCipherSuite>(name)));

    private static X509ChainPolicy Trusting(X509Certificate2Collection roots)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private sealed class Server : TlsPeerServer
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _ended = new();
        private readonly Task _loop;
        private readonly SslServerAuthenticationOptions _options;

        public Server(TlsSetup setup)
        {
            _options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(CertificateOf(setup.Key), null, offline: true),
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [.. setup.Alpn.Select(static name => new SslApplicationProtocol(name))],
                CipherSuitesPolicy = PolicyOf(setup),
                ClientCertificateRequired = setup.ClientCertificate,
                CertificateChainPolicy = setup.ClientCertificate ? Trusting(TlsIdentity.Of("client").Roots) : null,
            };
            _listener.Start();
            _loop = RunAsync();
        }

        public override int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public override Task<TlsReport> ReportAsync() => Task.FromResult(new TlsReport());

        public override async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync();
            _listener.Stop();
            await _loop;
            _ended.Dispose();
        }

        private async Task RunAsync()
        {
            while (!_ended.IsCancellationRequested)
            {
                try
                {
                    using TcpClient tcp = await _listener.AcceptTcpClientAsync(_ended.Token);
                    await using SslStream stream = new(tcp.GetStream());
                    await stream.AuthenticateAsServerAsync(_options, _ended.Token);
                    byte[] buffer = new byte[16384];
                    int read;
                    while ((read = await stream.ReadAsync(buffer, _ended.Token)) > 0)
                    {
                        await stream.WriteAsync(buffer.AsMemory(0, read), _ended.Token);
                    }

                    await stream.ShutdownAsync();
                }
                catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException)
                {
                    // The other side reports what went wrong.
                }
            }
        }
    }
}
