using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>A peer that the test plays: it answers what it likes, asks what it likes, and remembers what it was sent. None of Kadath's code.</summary>
internal sealed class RawPeer : IDisposable
{
    private static readonly Encoding Bytes = Encoding.Latin1;

    private static int _made;

    private readonly Socket _socket;
    private readonly ConcurrentDictionary<string, (Endpoint Whom, TaskCompletionSource<string> Reply)> _asked = new();
    private readonly ConcurrentQueue<RawDatagram> _received = new();
    private int _transactions;

    private RawPeer(Socket socket)
    {
        _socket = socket;
        Local = Endpoint.TryParse(socket.LocalEndPoint!.ToString(), out Endpoint local) ? local : default;
        Id = SecureIds.For(Local, (byte)Local.Port);
        BinaryPrimitives.WriteInt32BigEndian(Id.AsSpan(8), Interlocked.Increment(ref _made));
        _ = ReceiveAsync();
    }

    /// <summary>Its endpoint.</summary>
    public Endpoint Local { get; }

    /// <summary>Its id, at first one that BEP 42 derives from its address.</summary>
    public byte[] Id { get; set; }

    /// <summary>What it says the asker's endpoint is; none: what it sees.</summary>
    public Endpoint Vote { get; set; }

    /// <summary>The nodes that it names.</summary>
    public string Nodes { get; set; } = "";

    /// <summary>The IPv6 nodes that it names.</summary>
    public string Nodes6 { get; set; } = "";

    /// <summary>It does not answer.</summary>
    public bool Silent { get; set; }

    /// <summary>What it was sent.</summary>
    public IReadOnlyCollection<RawDatagram> Received => _received;

    /// <summary>The queries it was sent.</summary>
    public int Queries => _received.Count(datagram => datagram.IsQuery);

    /// <summary>This peer as others name it.</summary>
    public string Compact => CompactNode(Id, Local);

    /// <summary>Peers at these addresses of a namespace, on free ports where none is given.</summary>
    public static RawPeer[] At(LabSpace space, IEnumerable<string> addresses, int port = 0)
    {
        string[] all = [.. addresses];
        space.Add(all.Distinct());
        return [.. space.Bind(all.Select(address => new IPEndPoint(IPAddress.Parse(address), port))).Select(socket => new RawPeer(socket))];
    }

    /// <summary>One peer.</summary>
    public static RawPeer At(LabSpace space, string address, int port = 0) => At(space, [address], port)[0];

    /// <summary>A peer that hears what is sent to a multicast group on the namespace's wire.</summary>
    public static RawPeer AtGroup(LabSpace space, string group) => new(space.Bind(new IPEndPoint(IPAddress.Parse(group), 0))[0]);

    /// <summary>A node as replies name it.</summary>
    public static string CompactNode(byte[] id, in Endpoint endpoint)
    {
        byte[] compact = new byte[endpoint.CompactSize];
        endpoint.WriteCompact(compact);
        return Bytes.GetString(id) + Bytes.GetString(compact);
    }

    /// <summary>A bencoded string.</summary>
    public static string Text(string value) => $"{value.Length}:{value}";

    /// <summary>Sends a query with these bencoded arguments after the id; gives the reply, which must come from where it was asked.</summary>
    public async Task<string> AskAsync(Endpoint to, string method, string arguments = "", double seconds = 5)
    {
        string transaction = $"{Interlocked.Increment(ref _transactions) % 10_000:0000}";
        TaskCompletionSource<string> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[transaction] = (to, reply);
        await SendAsync(to, $"d1:ad2:id20:{Bytes.GetString(Id)}{arguments}e1:q{Text(method)}1:t4:{transaction}1:y1:qe");
        return await reply.Task.WaitAsync(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);
    }

    /// <summary>Sends anything.</summary>
    public Task SendAsync(Endpoint to, string datagram) =>
        _socket.SendToAsync(Bytes.GetBytes(datagram), IPEndPoint.Parse(to.ToString())).WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits until so many queries have come.</summary>
    public async Task<bool> WasAskedAsync(int queries, double seconds = 10)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (Queries < queries && DateTime.UtcNow < end)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return Queries >= queries;
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        EndPoint any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (true)
        {
            try
            {
                SocketReceiveFromResult datagram = await _socket.ReceiveFromAsync(buffer, any);
                await TakeAsync(Bytes.GetString(buffer, 0, datagram.ReceivedBytes), datagram.RemoteEndPoint);
            }
            catch (SocketException)
            {
                // "Port unreachable", about something sent before.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task TakeAsync(string text, EndPoint from)
    {
        Endpoint sender = Endpoint.TryParse(from.ToString(), out Endpoint parsed) ? parsed : default;
        RawDatagram datagram = new(DateTime.UtcNow, sender, text);
        _received.Enqueue(datagram);
        if (!datagram.IsQuery)
        {
            if (datagram.Transaction is { } answered && _asked.TryGetValue(answered, out var asked) && asked.Whom == sender)
            {
                asked.Reply.TrySetResult(text);
            }
        }
        else if (!Silent && datagram.Transaction is { } transaction)
        {
            byte[] vote = new byte[sender.CompactSize];
            (Vote.IsValid ? Vote : sender).WriteCompact(vote);
            string nodes = Nodes.Length > 0 ? "5:nodes" + Text(Nodes) : "", nodes6 = Nodes6.Length > 0 ? "6:nodes6" + Text(Nodes6) : "";
            string reply = $"d2:ip{Text(Bytes.GetString(vote))}1:rd2:id20:{Bytes.GetString(Id)}{nodes}{nodes6}e1:t{Text(transaction)}1:y1:re";
            await _socket.SendToAsync(Bytes.GetBytes(reply), from);
        }
    }
}

/// <summary>A datagram as it came, a byte a character.</summary>
internal sealed record RawDatagram(DateTime At, Endpoint From, string Text)
{
    public bool IsQuery => Text.EndsWith("1:y1:qe", StringComparison.Ordinal);

    /// <summary>The transaction id: before "v" and "y", after everything that may look like it.</summary>
    public string? Transaction => Field(Text, "t");

    /// <summary>The string value of the last key of this name, or null.</summary>
    public static string? Field(string text, string key)
    {
        string marker = $"{key.Length}:{key}";
        int at = text.LastIndexOf(marker, StringComparison.Ordinal);
        int colon = at < 0 ? -1 : text.IndexOf(':', at + marker.Length);
        return colon > 0 && int.TryParse(text.AsSpan(at + marker.Length, colon - at - marker.Length), out int length) && colon + 1 + length <= text.Length
            ? text.Substring(colon + 1, length)
            : null;
    }
}
