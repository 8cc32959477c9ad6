using Kadath.Crypto;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

/// <summary>
/// Runs a trace through key exchange, key schedule and record protection: opens every record, checks both Finished messages, and seals
/// every plaintext again into the very same bytes.
/// </summary>
internal sealed class TraceReplay : IDisposable
{
    private readonly Trace _trace;
    private readonly SuiteParameters _suite = SuiteParameters.Of(CipherSuite.Aes128GcmSha256, CryptoProvider.Default)!;
    private readonly Transcript _transcript = new();
    private readonly byte[] _clientSecret = new byte[32];
    private readonly byte[] _serverSecret = new byte[32];
    private KeyStage? _stage;
    private Direction? _client, _server;

    public TraceReplay(string name) => _trace = Trace.Read(name);

    public List<byte[]> ServerMessages { get; } = [];

    public List<byte[]> ClientMessages { get; } = [];

    public Transcript Transcript => _transcript;

    public EarlyStage Hellos()
    {
        _transcript.Append(_trace.Message("client-hello"));
        _transcript.Choose(_suite.Hash);
        if (_trace.Has("retry-request"))
        {
            _transcript.RestartForRetry();
            _transcript.Append(_trace.Message("retry-request"));
            _transcript.Append(_trace.Message("second-hello"));
        }

        EarlyStage early = new(_suite, _trace.Has("psk") ? _trace.Bytes("psk") : []);
        _stage = early;
        return early;
    }

    /// <summary>Opens early data under the secret of the first hello.</summary>
    public byte[] EarlyData()
    {
        Span<byte> secret = stackalloc byte[32];
        ((EarlyStage)_stage!).Derive("c e traffic"u8, Hash(), secret);
        _client = new(_suite, secret);
        var data = _client.Open(_trace.Bytes("early-data"), out var type);
        Assert.Equal(ContentType.ApplicationData, type);
        return data;
    }

    /// <summary>Key exchange from both sides, then the server's flight and Finished.</summary>
    public void ServerFlight()
    {
        var shared = Agree();
        _transcript.Append(_trace.Message("server-hello"));
        var handshake = ((EarlyStage)_stage!).Enter(shared);
        handshake.Derive("c hs traffic"u8, Hash(), _clientSecret);
        handshake.Derive("s hs traffic"u8, Hash(), _serverSecret);
        _stage = handshake;
        _server = new(_suite, _serverSecret);
        ServerMessages.AddRange(Split(_server.Open(_trace.Bytes("server-flight"), out var type)));
        Assert.Equal(ContentType.Handshake, type);
        foreach (var message in ServerMessages)
        {
            CheckFinished(message, _serverSecret);
            _transcript.Append(message);
        }
    }

    /// <summary>The client's flight and Finished, then everything under the application's keys.</summary>
    public void ClientFlight()
    {
        var master = ((HandshakeStage)_stage!).Enter();
        _stage = master;
        Span<byte> clientTraffic = stackalloc byte[32];
        Span<byte> serverTraffic = stackalloc byte[32];
        master.Derive("c ap traffic"u8, Hash(), clientTraffic);
        master.Derive("s ap traffic"u8, Hash(), serverTraffic);
        if (_trace.Has("client-end-of-early-data"))
        {
            var end = _client!.Open(_trace.Bytes("client-end-of-early-data"), out _);
            Assert.Equal([(byte)HandshakeType.EndOfEarlyData, 0, 0, 0], end);
            _transcript.Append(end);
        }

        _client = new(_suite, _clientSecret);
        ClientMessages.AddRange(Split(_client.Open(_trace.Bytes("client-flight"), out _)));
        foreach (var message in ClientMessages)
        {
            CheckFinished(message, _clientSecret);
            _transcript.Append(message);
        }

        (_client, _server) = (new(_suite, clientTraffic), new(_suite, serverTraffic));
    }

    /// <summary>The plaintext of a record under the application's keys.</summary>
    internal byte[] Application(string key, out ContentType type) => (key.StartsWith("client", StringComparison.Ordinal) ? _client! : _server!).Open(_trace.Bytes(key), out type);

    public byte[] TicketPsk(ReadOnlySpan<byte> nonce)
    {
        Span<byte> resumption = stackalloc byte[32];
        var psk = new byte[32];
        _stage!.Derive("res master"u8, Hash(), resumption);
        TrafficSecrets.ComputeResumptionPsk(_suite, resumption, nonce, psk);
        return psk;
    }

    public byte[] Hash()
    {
        var hash = new byte[32];
        _transcript.CopyDigest(hash);
        return hash;
    }

    public void Dispose() => _transcript.Dispose();

    private byte[] Agree()
    {
        var group = Enum.Parse<NamedGroup>(_trace["group"]);
        var agreement = group == NamedGroup.X25519 ? CryptoProvider.Default.X25519 : CryptoProvider.Default.P256;
        Assert.True(ServerHello.TryParse(_trace.Message("server-hello").AsSpan(4), out var serverHello, out _));
        Assert.True(serverHello.Extensions.TryGet(ExtensionType.KeyShare, out var serverShare));
        Assert.True(ClientHello.TryParse(_trace.Message(_trace.Has("second-hello") ? "second-hello" : "client-hello").AsSpan(4), out var clientHello, out _));
        Assert.True(clientHello.TryGetShares(out var shares) && shares.TryGet(group, out _));
        shares.TryGet(group, out var clientShare);
        var (one, other) = (new byte[32], new byte[32]);
        Assert.True(agreement.Import(_trace.Bytes("client-key"))!.TryAgree(serverShare[4..], one));
        Assert.True(agreement.Import(_trace.Bytes("server-key"))!.TryAgree(clientShare, other));
        Assert.Equal(one, other);
        return one;
    }

    private void CheckFinished(byte[] message, ReadOnlySpan<byte> secret)
    {
        if (message[0] == (byte)HandshakeType.Finished)
        {
            var expected = new byte[32];
            TrafficSecrets.ComputeFinished(_suite, secret, Hash(), expected);
            Assert.Equal(expected, message[4..]);
        }
    }

    private static List<byte[]> Split(byte[] messages)
    {
        List<byte[]> all = [];
        for (var at = 0; at < messages.Length;)
        {
            var length = 4 + (messages[at + 1] << 16 | messages[at + 2] << 8 | messages[at + 3]);
            all.Add(messages[at..(at + length)]);
            at += length;
        }

        return all;
    }

    /// <summary>Two protectors of one direction: one opens, the other seals what was opened.</summary>
    private sealed class Direction(SuiteParameters suite, ReadOnlySpan<byte> secret)
    {
        private readonly RecordProtector _opens = new(suite, secret);
        private readonly RecordProtector _seals = new(suite, secret);

        public byte[] Open(byte[] record, out ContentType type)
        {
            var copy = record.ToArray();
            Assert.True(_opens.TryOpen(copy, out var plaintext, out type));
            var again = new byte[record.Length];
            _seals.Seal(type, plaintext, 0, again);
            Assert.Equal(record, again);
            return plaintext.ToArray();
        }
    }
}
