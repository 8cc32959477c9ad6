using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Kadath.Node;
using Kadath.Primitives;
using Kadath.Tests.Interop.Krpc;

namespace Kadath.Tests.Interop;

/// <summary>A UDP socket that the test holds and shares with a Kadath node, so that it sees every query that reaches the node.</summary>
internal sealed class Wiretap : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private long _outside;

    public Wiretap(IPAddress address)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, 0));
        Endpoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <summary>Where the socket listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Queries that came in, in order.</summary>
    public ConcurrentQueue<RawQuery> Queries { get; } = new();

    /// <summary>Datagrams for addresses outside loopback.</summary>
    public long SentOutsideLoopback => Interlocked.Read(ref _outside);

    /// <summary>Whether a node has sent a query of a method.</summary>
    public bool Saw(string method, IPEndPoint from) => Queries.Any(query => query.Method == method && query.From.Equals(from));

    /// <summary>Begins to hand what comes in to a node.</summary>
    public void Open(MainlineNode node) => _loop = Task.Run(() => ReceiveAsync(node));

    /// <summary>Sends what the node hands out.</summary>
    public void Send(ReadOnlyMemory<byte> datagram, Endpoint to)
    {
        IPEndPoint target = IPEndPoint.Parse(to.ToString());
        if (!IPAddress.IsLoopback(target.Address))
        {
            Interlocked.Increment(ref _outside);
            return;
        }

        _socket.SendTo(datagram.Span, target);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync(MainlineNode node)
    {
        byte[] buffer = new byte[65536];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult got = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(Endpoint.Address, 0), _stop.Token);
                IPEndPoint from = (IPEndPoint)got.RemoteEndPoint;
                if (Bencode.Decode(buffer.AsSpan(0, got.ReceivedBytes)) is BencodeMap message && message.Text("y") == "q" && message.Text("q") is { } method)
                {
                    Queries.Enqueue(new RawQuery(method, message, from));
                }

                node.TryHandle(buffer.AsSpan(0, got.ReceivedBytes), KadathNode.ToKadath(from));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception broken) when (broken is SocketException or FormatException)
            {
                // An unreachable peer or junk: neither ends the tap.
            }
        }
    }
}
