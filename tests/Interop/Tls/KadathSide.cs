using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Kadath.Crypto;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Tests.Interop.Tls;

/// <summary>Kadath's own end of a connection, in this process, set up as the foreign one is.</summary>
internal static class KadathSide
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TlsPolicy PolicyOf(TlsSetup setup, bool server)
    {
        TlsPolicy policy = TlsPolicy.Default;
        if (setup.Groups is { } groups)
        {
            NamedGroup[] named = [.. groups.Select(static name => Enum.Parse<NamedGroup>(name, ignoreCase: true))];

            // A retry: a client sends no share for the group that it will be asked for, a server takes that group alone.
            policy = policy with { Groups = server && setup.HelloRetry ? named[^1..] : named, Shares = setup.HelloRetry ? named[..1] : named };
        }

        return setup.Suites is null ? policy : policy with
        {
            Suites = [.. setup.Suites.Select(static name => name switch
            {
                "TLS_AES_256_GCM_SHA384" => CipherSuite.Aes256GcmSha384,
                "TLS_CHACHA20_POLY1305_SHA256" => CipherSuite.ChaCha20Poly1305Sha256,
                _ => CipherSuite.Aes128GcmSha256,
            })],
        };
    }

    public static Credential CredentialOf(string kind, bool raw)
    {
        TlsIdentity identity = TlsIdentity.Of(kind);
        return TlsCredentials.FromPem(raw ? null : identity.CertificatePem, identity.KeyPem);
    }

    public static TlsTrust TrustOf(string kind, bool raw)
    {
        using Credential credential = CredentialOf(kind, raw: true);

        // The platform's OpenSSL may know no ML-DSA: then the key is pinned, as raw ones are.
        return raw || kind == "mldsa65"
            ? new TlsTrust { Pins = [SpkiPin.Of(credential.Key.PublicKeyInfo.Span, CryptoProvider.Default.Sha256)] }
            : new TlsTrust { Roots = TlsIdentity.Of(kind).Roots };
    }

    public static CertificateType[] TypesOf(TlsSetup setup) => setup.RawPublicKeys ? [CertificateType.RawPublicKey] : [CertificateType.X509];

    public static ExternalPsk? PskOf(TlsSetup setup, PskRole role) => setup.Psk is null ? null : new ExternalPsk("lab"u8, Convert.FromHexString(setup.Psk)) { Role = role };

    public static string ExporterOf(TlsStream stream)
    {
        byte[] exported = new byte[32];
        stream.Export(Encoding.ASCII.GetBytes(TlsSetup.ExporterLabel), [], exported);
        return Convert.ToHexStringLower(exported);
    }

    /// <summary>Connects, and has a conversation.</summary>
    public static async Task<Seen> ConnectAsync(int port, TlsSetup setup, TlsSessionCache? sessions, Func<TlsStream, Task> converse)
    {
        using CancellationTokenSource deadline = new(Patience);
        using ExternalPsk? psk = PskOf(setup, PskRole.Client);
        using Credential? credential = setup.ClientCertificate ? CredentialOf("client", setup.RawPublicKeys) : null;
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await using TlsStream stream = new(socket);
        await socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        await stream.AuthenticateAsClientAsync(
            new TlsClientAuthenticationOptions
            {
                TargetHost = "localhost",
                Trust = TrustOf(setup.Key, setup.RawPublicKeys),
                ApplicationProtocols = setup.Alpn,
                Policy = PolicyOf(setup, server: false),
                ServerCertificateTypes = TypesOf(setup),
                Credentials = credential is null ? [] : [credential],
                Sessions = sessions,
                Psk = psk,
                EarlyData = setup.EarlyData && sessions!.Count > 0 ? "hell\n"u8.ToArray() : default,
                RecordSizeLimit = setup.RecordSizeLimit,
                HandshakeTimeout = Patience,
            },
            deadline.Token);
        await converse(stream).WaitAsync(deadline.Token);
        Seen seen = new(stream.Info, setup.Exporter ? ExporterOf(stream) : null, stream.KeyUpdatesSent, stream.KeyUpdatesReceived, "");
        await stream.CloseWriteAsync(deadline.Token);
        try
        {
            // Tickets come until the end.
            while (await stream.ReadAsync(new byte[256], deadline.Token) > 0)
            {
            }
        }
        catch (TlsException e) when (e.Failure is TlsFailure.Truncated or TlsFailure.Network)
        {
            // Not every peer says goodbye.
        }

        return seen;
    }

    /// <summary>A connection as Kadath saw it.</summary>
    /// <param name="Info">What was agreed on.</param>
    /// <param name="Exporter">What was exported, if asked for.</param>
    /// <param name="KeyUpdatesSent">Ours.</param>
    /// <param name="KeyUpdatesReceived">The peer's.</param>
    /// <param name="Early">Early data that a server got.</param>
    public sealed record Seen(TlsConnectionInfo Info, string? Exporter, int KeyUpdatesSent, int KeyUpdatesReceived, string Early);

    /// <summary>A server that sends back what comes.</summary>
    public sealed class Server : IAsyncDisposable
    {
        private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly CancellationTokenSource _ended = new();
        private readonly Channel<object> _seen = Channel.CreateUnbounded<object>();
        private readonly Credential _credential;
        private readonly ExternalPsk? _psk;
        private readonly TlsTickets? _tickets;
        private readonly TlsServerAuthenticationOptions _options;
        private readonly TlsSetup _setup;
        private readonly Task _loop;

        public Server(TlsSetup setup)
        {
            (_setup, _credential, _psk) = (setup, CredentialOf(setup.Key, setup.RawPublicKeys), PskOf(setup, PskRole.Server));
            _tickets = setup.Resume ? new TlsTickets { MaxEarlyData = setup.EarlyData ? 16384u : 0 } : null;
            _options = new TlsServerAuthenticationOptions
            {
                Credentials = [_credential],
                ApplicationProtocols = setup.Alpn,
                Policy = PolicyOf(setup, server: true),
                ClientAuthentication = setup.ClientCertificate ? ClientAuthentication.Require : ClientAuthentication.None,
                ClientTrust = setup.ClientCertificate ? TrustOf("client", setup.RawPublicKeys) : TlsTrust.Platform,
                ClientCertificateTypes = TypesOf(setup),
                Tickets = _tickets,
                Psks = _psk is null ? [] : [_psk],
                RecordSizeLimit = setup.RecordSizeLimit,
            };
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            _loop = RunAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        /// <summary>The next connection that ended; throws what it failed with.</summary>
        public async Task<Seen> NextAsync()
        {
            using CancellationTokenSource deadline = new(Patience);
            object seen = await _seen.Reader.ReadAsync(deadline.Token);
            return seen as Seen ?? throw new InvalidOperationException($"as a server: {((Exception)seen).Message}");
        }

        public async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync();
            _listener.Dispose();
            await _loop;
            _credential.Dispose();
            _psk?.Dispose();
            _tickets?.Dispose();
            _ended.Dispose();
        }

        private async Task RunAsync()
        {
            while (!_ended.IsCancellationRequested)
            {
                try
                {
                    Socket socket = await _listener.AcceptAsync(_ended.Token);
                    socket.NoDelay = true;
                    await ServeAsync(socket);
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private async Task ServeAsync(Socket socket)
        {
            await using TlsStream stream = new(socket);
            Seen? seen = null;
            try
            {
                await stream.AuthenticateAsServerAsync(_options, _ended.Token);
                byte[] buffer = new byte[65536];
                int read = await stream.ReadEarlyDataAsync(buffer, _ended.Token);
                string early = Encoding.ASCII.GetString(buffer, 0, read);
                for (bool first = true; read > 0 || (read = await stream.ReadAsync(buffer, _ended.Token)) > 0; read = 0, first = false)
                {
                    if (_setup.KeyUpdate && first)
                    {
                        await stream.UpdateKeysAsync(askPeer: true, _ended.Token);
                    }

                    await stream.WriteAsync(buffer.AsMemory(0, read), _ended.Token);
                    seen = new Seen(stream.Info, _setup.Exporter ? ExporterOf(stream) : null, stream.KeyUpdatesSent, stream.KeyUpdatesReceived, early);
                }

                seen = seen is null ? null : seen with { KeyUpdatesReceived = stream.KeyUpdatesReceived };
                await stream.CloseWriteAsync(_ended.Token);
                _seen.Writer.TryWrite(seen is null ? new InvalidOperationException("the peer sent nothing") : seen);
            }
            catch (TlsException e)
            {
                // After the exchange a peer may go without a word.
                _seen.Writer.TryWrite(seen is not null && e.Failure is TlsFailure.Truncated or TlsFailure.Network ? (object?)seen ?? e : e);
            }
        }
    }
}
