namespace Kadath.Tls;

/// <summary>The key schedule of one handshake with the secrets that are still needed; each leaves for the sink when it is made.</summary>
internal sealed class TrafficSecretSet(TlsHandshake handshake) : IDisposable
{
    private EarlyStage? _early;
    private HandshakeStage? _handshake;
    private MasterStage? _master;
    private SecretBytes? _clientHandshake, _serverHandshake, _send, _receive, _exporter, _resumption;
    private byte[] _clientRandom = [];

    public SuiteParameters Suite { get; private set; } = null!;

    /// <summary>The secret of the client's Finished.</summary>
    public SecretBytes ClientHandshake => _clientHandshake!;

    /// <summary>The secret of the server's Finished.</summary>
    public SecretBytes ServerHandshake => _serverHandshake!;

    public void RememberClientRandom(ReadOnlySpan<byte> random) => _clientRandom = random.ToArray();

    /// <summary>Begins the schedule with a pre-shared key, or without one; a client that offers keys begins again when the server took none.</summary>
    public void Begin(SuiteParameters suite, ReadOnlySpan<byte> psk)
    {
        _early?.Dispose();
        Suite = suite;
        _early = new(suite, psk);
    }

    public EarlyStage Early => _early!;

    /// <summary>Makes the secret of early data; the transcript holds the ClientHello alone.</summary>
    public void EnterEarlyData(TrafficDirection direction)
    {
        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        using SecretBytes secret = new(Suite.HashBytes);
        handshake.Transcript.CopyDigestWith(Suite.Hash, [], hash);
        _early!.Derive("c e traffic"u8, hash[..Suite.HashBytes], secret.Span);
        handshake.Sink.Secret(EncryptionLevel.EarlyData, direction, Suite.Suite, secret.Span);
        Log("CLIENT_EARLY_TRAFFIC_SECRET", secret);
    }

    /// <summary>Makes the handshake's secrets; the transcript ends with ServerHello.</summary>
    public void EnterHandshake(ReadOnlySpan<byte> sharedSecret)
    {
        _handshake = _early!.Enter(sharedSecret);
        _early = null;
        _clientHandshake = new(Suite.HashBytes);
        _serverHandshake = new(Suite.HashBytes);
        Derive(_handshake, "c hs traffic"u8, _clientHandshake);
        Derive(_handshake, "s hs traffic"u8, _serverHandshake);
        Log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", _clientHandshake);
        Log("SERVER_HANDSHAKE_TRAFFIC_SECRET", _serverHandshake);
    }

    /// <summary>Tells the sink a secret of the handshake.</summary>
    public void TellHandshake(TrafficDirection direction)
    {
        var secret = IsClients(direction) ? _clientHandshake! : _serverHandshake!;
        handshake.Sink.Secret(EncryptionLevel.Handshake, direction, Suite.Suite, secret.Span);
    }

    /// <summary>Makes the application's secrets; the transcript ends with the server's Finished.</summary>
    public void EnterApplication()
    {
        _master = _handshake!.Enter();
        _handshake = null;
        _send = new(Suite.HashBytes);
        _receive = new(Suite.HashBytes);
        _exporter = new(Suite.HashBytes);
        Derive(_master, "c ap traffic"u8, IsClients(TrafficDirection.Send) ? _send : _receive);
        Derive(_master, "s ap traffic"u8, IsClients(TrafficDirection.Send) ? _receive : _send);
        Derive(_master, "exp master"u8, _exporter);
        Log("CLIENT_TRAFFIC_SECRET_0", IsClients(TrafficDirection.Send) ? _send : _receive);
        Log("SERVER_TRAFFIC_SECRET_0", IsClients(TrafficDirection.Send) ? _receive : _send);
        Log("EXPORTER_SECRET", _exporter);
    }

    /// <summary>Tells the sink a secret of the application.</summary>
    public void TellApplication(TrafficDirection direction) =>
        handshake.Sink.Secret(EncryptionLevel.Application, direction, Suite.Suite, Of(direction).Span);

    /// <summary>Makes the resumption secret, and erases what the handshake alone needed; the transcript ends with the client's Finished.</summary>
    public void EnterResumption()
    {
        _resumption = new(Suite.HashBytes);
        Derive(_master!, "res master"u8, _resumption);
        _master!.Dispose();
        _master = null;
        _clientHandshake!.Dispose();
        _serverHandshake!.Dispose();
    }

    public void ComputeResumptionPsk(ReadOnlySpan<byte> nonce, Span<byte> psk) => TrafficSecrets.ComputeResumptionPsk(Suite, _resumption!.Span, nonce, psk);

    public void Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_exporter!.IsErased, this);
        TrafficSecrets.Export(Suite, _exporter.Span, label, context, output);
    }

    /// <summary>Moves one direction to its next secret (KeyUpdate); the one before is erased.</summary>
    public void Update(TrafficDirection direction)
    {
        TrafficSecrets.Update(Suite, Of(direction).Span);
        TellApplication(direction);
        handshake.Sink.Event(new TlsEvent.KeysUpdated(direction));
    }

    public void Dispose()
    {
        _early?.Dispose();
        _handshake?.Dispose();
        _master?.Dispose();
        _clientHandshake?.Dispose();
        _serverHandshake?.Dispose();
        _send?.Dispose();
        _receive?.Dispose();
        _exporter?.Dispose();
        _resumption?.Dispose();
    }

    private SecretBytes Of(TrafficDirection direction) => direction == TrafficDirection.Send ? _send! : _receive!;

    private bool IsClients(TrafficDirection direction) => (direction == TrafficDirection.Send) != handshake.IsServer;

    private void Derive(KeyStage stage, ReadOnlySpan<byte> label, SecretBytes secret)
    {
        Span<byte> hash = stackalloc byte[SuiteParameters.MaxHashBytes];
        handshake.Transcript.CopyDigest(hash);
        stage.Derive(label, hash[..Suite.HashBytes], secret.Span);
    }

    private void Log(string label, SecretBytes secret)
    {
        if (handshake.Transport.LogSecrets)
        {
            handshake.Sink.Event(new TlsEvent.SecretLogged(label, _clientRandom, secret.Span.ToArray()));
        }
    }
}
