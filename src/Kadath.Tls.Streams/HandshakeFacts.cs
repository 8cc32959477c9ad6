namespace Kadath.Tls.Streams;

/// <summary>Gathers what the machine tells during a handshake and after.</summary>
internal sealed class HandshakeFacts
{
    private KeyLogFile? _keyLog;
    private Action<ClientSession>? _keep;
    private TlsEvent.Negotiated? _negotiated;
    private TlsEvent.PeerProven? _proven;
    private string? _protocol;
    private HandshakeKind _kind;
    private bool? _earlyData;

    public string? ServerName { get; set; }

    public PeerState PeerState { get; set; }

    public SignatureScheme? OwnScheme { get; set; }

    public void Begin(KeyLogFile? keyLog, Action<ClientSession> keep) => (_keyLog, _keep) = (keyLog, keep);

    public void Take(TlsEvent fact)
    {
        switch (fact)
        {
            case TlsEvent.Negotiated negotiated: _negotiated = negotiated; break;
            case TlsEvent.ServerNamed named: ServerName = named.ServerName; break;
            case TlsEvent.ProtocolSelected selected: _protocol = selected.Protocol; break;
            case TlsEvent.PeerProven proven: _proven = proven; break;
            case TlsEvent.EarlyDataDecided decided: _earlyData = decided.Accepted; break;
            case TlsEvent.HandshakeCompleted completed: _kind = completed.Kind; break;
            case TlsEvent.SessionReceived received: _keep!(received.Session); break;
            case TlsEvent.SecretLogged secret: _keyLog?.Write(secret); break;
        }
    }

    public TlsConnectionInfo Describe() => new()
    {
        Suite = _negotiated!.Suite,
        Group = _negotiated.Group,
        Kind = _kind,
        HelloRetried = _negotiated.HelloRetried,
        ApplicationProtocol = _protocol,
        ServerName = ServerName,
        Peer = _proven?.Peer,
        PeerState = _kind == HandshakeKind.ExternalPsk && _proven is null ? PeerState.PreSharedKey : PeerState,
        PeerScheme = _proven?.Scheme,
        OwnScheme = OwnScheme,
        EarlyDataAccepted = _earlyData,
    };
}
