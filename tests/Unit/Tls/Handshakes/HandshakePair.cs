using Kadath.Crypto;
using Kadath.Primitives;
using Kadath.Tls;

namespace Kadath.Tests.Support;

/// <summary>One side of a handshake without records, as QUIC uses it: messages leave with their level, secrets with level and direction.</summary>
internal sealed class HandshakeSide : ITlsSink
{
    public TlsHandshake Handshake { get; set; } = null!;

    public required TlsAnswers Answers { get; init; }

    public Queue<(EncryptionLevel Level, byte[] Bytes)> Messages { get; } = new();

    public List<(EncryptionLevel Level, TrafficDirection Direction, CipherSuite Suite, byte[] Secret)> Secrets { get; } = [];

    public List<AlertDescription> Alerts { get; } = [];

    public List<TlsEvent> Events { get; } = [];

    public Instant Now { get; set; } = Instant.FromSeconds(1000);

    public byte[] Secret(EncryptionLevel level, TrafficDirection direction) => Secrets.Last(secret => secret.Level == level && secret.Direction == direction).Secret;

    public void Take(EncryptionLevel level, byte[] bytes)
    {
        Handshake.Receive(level, bytes, Now);
        while (Handshake.Pause is { } pause)
        {
            Answers.Answer(pause);
        }
    }

    void ITlsSink.Message(EncryptionLevel level, ReadOnlySpan<byte> messages) => Messages.Enqueue((level, messages.ToArray()));

    void ITlsSink.Secret(EncryptionLevel level, TrafficDirection direction, CipherSuite suite, ReadOnlySpan<byte> secret) =>
        Secrets.Add((level, direction, suite, secret.ToArray()));

    void ITlsSink.Alert(AlertDescription alert) => Alerts.Add(alert);

    void ITlsSink.Event(TlsEvent fact) => Events.Add(fact);
}

/// <summary>A client and a server that hand each other whole messages; what goes between them can be changed.</summary>
internal sealed class HandshakePair : IDisposable
{
    public HandshakePair(TlsClientOptions client, TlsServerOptions server, Credential? serverCredential, Credential? clientCredential = null)
    {
        Client = new() { Answers = new(client.Entropy) { Credential = clientCredential } };
        Server = new() { Answers = new(server.Entropy) { Credential = serverCredential } };
        ClientHandshake = new(client, Client);
        ServerHandshake = new(server, Server);
        (Client.Handshake, Server.Handshake) = (ClientHandshake, ServerHandshake);
    }

    public HandshakeSide Client { get; }

    public HandshakeSide Server { get; }

    public ClientHandshake ClientHandshake { get; }

    public ServerHandshake ServerHandshake { get; }

    /// <summary>Changes a message of the given type, or drops it (empty), on its way to the client.</summary>
    public Func<byte[], byte[]> ToClient { get; set; } = message => message;

    /// <summary>The same on its way to the server.</summary>
    public Func<byte[], byte[]> ToServer { get; set; } = message => message;

    public void Run(bool start = true)
    {
        if (start)
        {
            ClientHandshake.Start(Client.Now);
        }

        while (Client.Messages.Count + Server.Messages.Count > 0)
        {
            Carry(Client, Server, ToServer);
            Carry(Server, Client, ToClient);
        }
    }

    public void Dispose()
    {
        ClientHandshake.Dispose();
        ServerHandshake.Dispose();
    }

    private static void Carry(HandshakeSide from, HandshakeSide to, Func<byte[], byte[]> change)
    {
        while (from.Messages.TryDequeue(out var message))
        {
            if (change(message.Bytes) is { Length: > 0 } bytes)
            {
                to.Take(message.Level, bytes);
            }
        }
    }
}
