using Kadath.Crypto;
using Kadath.Primitives;
using Kadath.Tls;

namespace Kadath.Tests.Support;

/// <summary>One side of a connection in memory: its machine, what it was told, and the caller's answers to its pauses.</summary>
internal sealed class TlsSide(TlsConnection connection, KeyEntropy entropy) : IDisposable
{
    private readonly TlsAnswers _answers = new(entropy);
    private readonly byte[] _input = new byte[4 * TlsConnection.MaxRecordBytes];
    private int _waiting;

    public TlsConnection Connection { get; } = connection;

    public Credential? Credential { get => _answers.Credential; set => _answers.Credential = value; }

    public Func<VerificationNeeded, AlertDescription?> Verify { get => _answers.Verify; set => _answers.Verify = value; }

    public Func<SessionNeeded, (ServerSession? Session, int Index)> FindSession { get => _answers.FindSession; set => _answers.FindSession = value; }

    public List<TlsEvent> Events { get; } = [];

    public List<TlsPause> Pauses { get; } = [];

    public List<byte> Data { get; } = [];

    public List<byte> EarlyData { get; } = [];

    public Instant Now { get; set; } = Instant.FromSeconds(1000);

    public T Event<T>()
        where T : TlsEvent => Events.OfType<T>().Single();

    /// <summary>Takes bytes of the peer and all that follows from them, pauses included.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, _input.Length - _waiting)];
            part.CopyTo(_input.AsSpan(_waiting));
            _waiting += part.Length;
            bytes = bytes[part.Length..];
            if (!Step())
            {
                return;
            }
        }
    }

    public byte[] TakeOutput()
    {
        var bytes = Connection.Output.ToArray();
        Connection.Sent(bytes.Length);
        DrainEvents();
        return bytes;
    }

    public void AnswerPauses()
    {
        while (Connection.Pause is { } pause)
        {
            Pauses.Add(pause);
            _answers.Answer(pause);
        }
    }

    public void Dispose() => Connection.Dispose();

    private bool Step()
    {
        while (true)
        {
            AnswerPauses();
            var read = Connection.Receive(_input.AsSpan(0, _waiting), Now);
            DrainEvents();
            if (read.Kind is TlsReadKind.ApplicationData or TlsReadKind.EarlyData)
            {
                (read.Kind == TlsReadKind.EarlyData ? EarlyData : Data).AddRange(_input.AsSpan(read.Offset, read.Length));
            }

            _input.AsSpan(read.Consumed, _waiting - read.Consumed).CopyTo(_input);
            _waiting -= read.Consumed;
            AnswerPauses();
            DrainEvents();
            if (read.Kind is TlsReadKind.NeedsMore or TlsReadKind.Failed or TlsReadKind.Closed)
            {
                return read.Kind == TlsReadKind.NeedsMore;
            }
        }
    }

    private void DrainEvents()
    {
        while (Connection.TakeEvent() is { } fact)
        {
            Events.Add(fact);
        }
    }
}

/// <summary>A client and a server in memory.</summary>
internal sealed class TlsPair : IDisposable
{
    public TlsPair(TlsClientOptions client, TlsServerOptions server, Credential? serverCredential, Credential? clientCredential = null, Instant? now = null)
    {
        var at = now ?? Instant.FromSeconds(1000);
        Client = new(TlsConnection.CreateClient(client, at), client.Entropy) { Credential = clientCredential, Now = at };
        Server = new(TlsConnection.CreateServer(server), server.Entropy) { Credential = serverCredential, Now = at };
    }

    public TlsSide Client { get; }

    public TlsSide Server { get; }

    /// <summary>Changes bytes on their way; the second argument says whether they go to the server.</summary>
    public Func<byte[], bool, byte[]> Wire { get; set; } = (bytes, _) => bytes;

    /// <summary>Where everything that goes over the wire is kept; null: nowhere.</summary>
    public List<byte[]>? Records { get; set; }

    /// <summary>Carries bytes both ways until neither side has any.</summary>
    public void Run()
    {
        for (var round = 0; round < 100; round++)
        {
            var toServer = Wire(Client.TakeOutput(), true);
            Records?.Add([.. toServer]);
            Server.Take(toServer);
            var toClient = Wire(Server.TakeOutput(), false);
            Records?.Add([.. toClient]);
            Client.Take(toClient);
            if (toServer.Length == 0 && toClient.Length == 0)
            {
                return;
            }
        }

        throw new InvalidOperationException("Two machines talk without end.");
    }

    /// <summary>Sends bytes both ways and returns what arrived.</summary>
    public (byte[] AtServer, byte[] AtClient) Exchange(ReadOnlySpan<byte> fromClient, ReadOnlySpan<byte> fromServer)
    {
        Client.Data.Clear();
        Server.Data.Clear();
        Client.Connection.Write(fromClient, Client.Now);
        Server.Connection.Write(fromServer, Server.Now);
        Run();
        return ([.. Server.Data], [.. Client.Data]);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
