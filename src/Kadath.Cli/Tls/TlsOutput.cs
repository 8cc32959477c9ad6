using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Cli.Tls;

/// <summary>Prints what became of connections: JSON lines, or a few words for people.</summary>
internal sealed class TlsOutput(bool json)
{
    private readonly Lock _printing = new();

    public void Listening(string host, int port, Credential credential)
    {
        string pin = SpkiPin.Of(credential.Key.PublicKeyInfo.Span, Crypto.CryptoProvider.Default.Sha256).ToString();
        string? pem = credential.IsRawPublicKey ? null : System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", credential.Chain[0].Span);
        string shown = host.Contains(':') ? $"[{host}]" : host;
        Print(ListeningLine.At(host, port, pin, pem), $"listening on {shown}:{port}, key {pin}");
    }

    /// <summary>A connection has ended well: a line for programs; people are told of what goes wrong.</summary>
    public void Handshake(HandshakeLine line)
    {
        if (json)
        {
            Print(line, "");
        }
    }

    public void Refused(Exception failure, bool quiet)
    {
        if (json)
        {
            Print(Explain(failure), "");
        }
        else if (!quiet)
        {
            Console.Error.WriteLine($"kadath: {Printable.Line(Explain(failure).Reason)}");
        }
    }

    public void Summary(SummaryLine line) => Print(line, $"{line.Handshakes} handshakes, {line.Errors} errors; {line.HandshakesPerSecond:0.0}/s, "
        + $"median {line.MedianMs:0.00} ms, 99% {line.P99Ms:0.00} ms, {line.CpuMicroseconds:0} µs of CPU each");

    /// <summary>Everything that is known of a connection at its end.</summary>
    public static HandshakeLine Describe(TlsStream stream, TlsSettings settings, bool server, (long In, long Out) bytes, double milliseconds)
    {
        TlsConnectionInfo info = stream.Info;
        Span<byte> exported = stackalloc byte[32];
        stream.Export(Encoding.ASCII.GetBytes(settings.Exporter), [], exported);
        return new HandshakeLine
        {
            Group = TlsNames.Of(info.Group),
            Suite = TlsNames.Of(info.Suite),
            Signature = info.Kind == HandshakeKind.Full && (server ? info.OwnScheme : info.PeerScheme) is { } scheme ? TlsNames.Of(scheme) : null,
            Kind = info.Kind switch { HandshakeKind.Resumed => "resumed", HandshakeKind.ExternalPsk => "psk", _ => "full" },
            HelloRetry = info.HelloRetried,
            EarlyData = info.EarlyDataAccepted switch { null => "none", true => "accepted", false => "rejected" },
            Alpn = info.ApplicationProtocol,
            Sni = info.ServerName,
            Peer = info.Peer is { } peer ? Describe(peer, info.PeerState) : null,
            Exporter = Convert.ToHexStringLower(exported),
            KeyUpdates = new KeyUpdateLine(stream.KeyUpdatesSent, stream.KeyUpdatesReceived),
            BytesIn = bytes.In,
            BytesOut = bytes.Out,
            Milliseconds = Math.Round(milliseconds, 3),
        };
    }

    private static PeerLine Describe(PeerIdentity peer, PeerState state)
    {
        string? subject = null;
        if (peer.Type == CertificateType.X509)
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(peer.Entries[0].Span);
            subject = certificate.Subject;
        }

        bool verified = state is PeerState.Chain or PeerState.Pinned or PeerState.Verified or PeerState.PreSharedKey;
        return new PeerLine(peer.Type == CertificateType.X509 ? "x509" : "rawPublicKey", peer.Pin.ToString(), subject, verified, state.ToString().ToLowerInvariant());
    }

    private static RefusedLine Explain(Exception failure) => failure switch
    {
        TlsException { Failure: TlsFailure.RefusedByPeer } e => new RefusedLine("refused", "peer", Name(e.Alert), e.Reason),
        TlsException { Failure: TlsFailure.Network or TlsFailure.Truncated } e => new RefusedLine("refused", "network", null, e.Reason),
        TlsException e => new RefusedLine("refused", "us", Name(e.Alert), e.Reason),
        OperationCanceledException => new RefusedLine("refused", "network", null, "no end in time"),
        _ => new RefusedLine("refused", "network", null, failure.Message.ReplaceLineEndings(" ")),
    };

    private static string? Name(AlertDescription? alert) => alert is { } named ? TlsNames.Of(named) : null;

    private void Print(object line, string text)
    {
        lock (_printing)
        {
            Console.Out.WriteLine(json ? TlsJson.Line(line) : Printable.Line(text));
            Console.Out.Flush();
        }
    }
}
