using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Kadath.Tests.Interop.Krpc;

/// <summary>A reply as it came: the dictionary <c>r</c>, or an error.</summary>
internal sealed record RawReply(BencodeMap Message, byte[] Datagram)
{
    /// <summary>The reply's values, or null for an error.</summary>
    public BencodeMap? Values => Message.Text("y") == "r" ? Message.Map("r") : null;

    /// <summary>The error code, or 0.</summary>
    public long ErrorCode => Message.Text("y") == "e" && Message.List("e") is [long code, ..] ? code : 0;
}

/// <summary>A query that a node sent us.</summary>
internal sealed record RawQuery(string Method, BencodeMap Message, IPEndPoint From)
{
    /// <summary>The arguments.</summary>
    public BencodeMap Arguments => Message.Map("a") ?? [];
}

/// <summary>
/// A KRPC endpoint on a loopback address, independent of Kadath's own codec: asks any node anything, records what others ask it, and
/// answers pings and lookups as a node with an empty table. Its queries carry "ro" (BEP 43), so that it stays out of the tables of those it asks.
/// </summary>
internal sealed class RawNode : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<RawReply>> _pending = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _transactions = RandomNumberGenerator.GetInt32(int.MaxValue);

    public RawNode(IPAddress address)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, 0));
        Endpoint = (IPEndPoint)_socket.LocalEndPoint!;
        _loop = Task.Run(ReceiveAsync);
    }

    /// <summary>Where this node listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>This node's id.</summary>
    public byte[] Id { get; init; } = RandomNumberGenerator.GetBytes(20);

    /// <summary>Queries received, in order.</summary>
    public ConcurrentQueue<RawQuery> Queries { get; } = new();

    /// <summary>Bytes of the transaction ids of our queries: 4, or fewer for a test.</summary>
    public int TransactionLength { get; set; } = 4;

    /// <summary>Asks a node; null if it stays silent until the time is up. One retry covers a lost datagram.</summary>
    public async Task<RawReply?> AskAsync(IPEndPoint node, string method, BencodeMap? arguments = null, TimeSpan? limit = null)
    {
        TimeSpan patience = limit ?? TimeSpan.FromSeconds(3);
        byte[] transaction = BitConverter.GetBytes(Interlocked.Increment(ref _transactions))[..TransactionLength];
        BencodeMap message = new() { ["t"] = transaction, ["y"] = "q", ["q"] = method, ["ro"] = 1, ["a"] = new BencodeMap { ["id"] = Id } };
        foreach ((string key, object value) in arguments ?? [])
        {
            message.Map("a")![key] = value;
        }

        TaskCompletionSource<RawReply> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string slot = Slot(node, transaction);
        _pending[slot] = answer;
        try
        {
            byte[] datagram = Bencode.Encode(message);
            for (int attempt = 0; attempt < 2; attempt++)
            {
                await _socket.SendToAsync(datagram, node);
                if (await Task.WhenAny(answer.Task, Task.Delay(patience / 2)) == answer.Task)
                {
                    return await answer.Task;
                }
            }

            return null;
        }
        finally
        {
            _pending.TryRemove(slot, out _);
        }
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendAsync(byte[] datagram, IPEndPoint node) => await _socket.SendToAsync(datagram, node);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private static string Slot(EndPoint node, byte[] transaction) => $"{node} {Convert.ToHexString(transaction)}";

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[65536];
        EndPoint any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult got = await _socket.ReceiveFromAsync(buffer, any, _stop.Token);
                await HandleAsync(buffer.AsMemory(0, got.ReceivedBytes).ToArray(), (IPEndPoint)got.RemoteEndPoint);
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception broken) when (broken is SocketException or FormatException)
            {
                // An unreachable peer or junk: neither concerns the loop.
            }
        }
    }

    private async Task HandleAsync(byte[] datagram, IPEndPoint from)
    {
        if (Bencode.Decode(datagram) is not BencodeMap message || message.Bytes("t") is not { } transaction)
        {
            return;
        }

        if (message.Text("y") is "r" or "e")
        {
            if (_pending.TryGetValue(Slot(from, transaction), out TaskCompletionSource<RawReply>? waiting))
            {
                waiting.TrySetResult(new RawReply(message, datagram));
            }
        }
        else if (message.Text("y") == "q" && message.Text("q") is { } method)
        {
            Queries.Enqueue(new RawQuery(method, message, from));
            BencodeMap values = new() { ["id"] = Id };
            if (method is "find_node" or "get_peers" or "get")
            {
                values["nodes"] = Array.Empty<byte>();
            }

            if (method is "get_peers" or "get")
            {
                values["token"] = "rawtoken";
            }

            await _socket.SendToAsync(Bencode.Encode(new BencodeMap { ["t"] = transaction, ["y"] = "r", ["r"] = values }), from);
        }
    }
}
