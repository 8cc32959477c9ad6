using System.Net;
using System.Text;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Kadath.Tests.Interop.Krpc;

namespace Kadath.Tests.Interop;

/// <summary>A Kadath node on a loopback address, in the terms of these tests. When it ends, nothing it sent may have left loopback.</summary>
internal sealed class KadathNode : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private KadathNode(MainlineNode node, Wiretap? tap)
    {
        Node = node;
        Tap = tap;
        Endpoint = tap?.Endpoint ?? ToIp(node.Endpoints[0]);
    }

    /// <summary>The node itself.</summary>
    public MainlineNode Node { get; }

    /// <summary>What passed the node's socket, if the test holds it.</summary>
    public Wiretap? Tap { get; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Its id in hex.</summary>
    public string Id => Node.Ids[0].ToString();

    /// <summary>Starts a node on sockets of its own.</summary>
    public static async Task<KadathNode> StartAsync(string address, params IReadOnlyList<IPEndPoint> bootstrap) =>
        new(await MainlineNode.StartAsync(Options(address, bootstrap) with { Bind = [ToKadath(new IPEndPoint(IPAddress.Parse(address), 0))] }), null);

    /// <summary>Starts a node on a socket that the test holds, and so sees everything that passes.</summary>
    public static async Task<KadathNode> StartTappedAsync(string address, params IReadOnlyList<IPEndPoint> bootstrap)
    {
        Wiretap tap = new(IPAddress.Parse(address));
        MainlineNodeOptions options = Options(address, bootstrap) with { Bind = [], SharedSockets = [new SharedSocket(ToKadath(tap.Endpoint), tap.Send)] };
        MainlineNode node = await MainlineNode.StartAsync(options);
        tap.Open(node);
        return new KadathNode(node, tap);
    }

    /// <summary>Pings a node; its id in hex, or null.</summary>
    public async Task<string?> PingAsync(IPEndPoint node)
    {
        PingResult pong = await Node.PingAsync(ToKadath(node), TimeSpan.FromSeconds(5));
        return pong.Answered ? pong.Node!.Value.Id.ToString() : null;
    }

    /// <summary>Searches for nodes; the ids that answered, in hex.</summary>
    public async Task<IReadOnlyList<string>> FindNodeAsync(string target) =>
        [.. (await Node.FindNodeAsync(ToId(target), Limit)).Nodes.Select(node => node.Id.ToString())];

    /// <summary>Searches for the peers of a torrent.</summary>
    public async Task<IReadOnlyList<IPEndPoint>> GetPeersAsync(string infoHash)
    {
        List<IPEndPoint> found = [];
        await using IOperationStream<Endpoint> stream = Node.GetPeersAsync(new GetPeersRequest(ToId(infoHash), Timeout: Limit));
        await foreach (Endpoint peer in stream)
        {
            found.Add(ToIp(peer));
        }

        return found;
    }

    /// <summary>Announces once.</summary>
    public Task<AnnounceResult> AnnounceAsync(string infoHash, int port) => Node.AnnounceAsync(new AnnounceRequest(ToId(infoHash), (ushort)port, Timeout: Limit));

    /// <summary>Stores an immutable text.</summary>
    public Task<PutResult> PutAsync(string text) => Node.PutAsync(Bencode.Encode(text), Limit);

    /// <summary>Stores a mutable text.</summary>
    public async Task<PutResult> PutAsync(byte[] seed, string text, long? sequence, string? salt = null, long? cas = null)
    {
        using ItemKey key = ItemKey.FromSeed(seed);
        return await Node.PutAsync(new MutablePut(key, Bencode.Encode(text))
        {
            Salt = Encoding.UTF8.GetBytes(salt ?? ""),
            Sequence = sequence,
            Cas = cas,
            Timeout = Limit,
        });
    }

    /// <summary>Searches for an item.</summary>
    public async Task<FoundItem?> GetAsync(string target, string? salt = null) =>
        (await Node.GetAsync(new GetRequest(ToId(target), Encoding.UTF8.GetBytes(salt ?? ""), Timeout: Limit))).Item;

    /// <summary>Estimates seeds and downloaders.</summary>
    public Task<ScrapeResult> ScrapeAsync(string infoHash) => Node.ScrapeAsync(ToId(infoHash), Limit);

    /// <summary>Asks a node for a sample of its info-hashes; null if it gives none.</summary>
    public async Task<SampleReply?> SampleAsync(IPEndPoint node) => (await Node.SampleAsync(ToKadath(node), ToId(RawOperations.RandomKey()), TimeSpan.FromSeconds(3))).Reply;

    /// <summary>Tells the node of another, and waits until it has answered and the table is not empty.</summary>
    public async Task MeetAsync(IPEndPoint node)
    {
        Node.AddNode(ToKadath(node));
        await Eventually.TrueAsync(async () => await ContactsAsync() > 0 && await PingAsync(node) is not null, $"Kadath takes {node} into its table");
    }

    /// <summary>How many contacts the table holds.</summary>
    public async Task<int> ContactsAsync() => (await Node.GetStatusAsync()).Sockets.Sum(socket => socket.Contacts);

    /// <summary>Ends the node; throws if anything that it sent was meant for an address outside loopback.</summary>
    public async ValueTask DisposeAsync()
    {
        TrafficCounters traffic = (await Node.GetStatusAsync()).Traffic;
        await Node.DisposeAsync();
        long outside = traffic.SentOutsideLoopback + traffic.Withheld + (Tap?.SentOutsideLoopback ?? 0);
        if (Tap is not null)
        {
            await Tap.DisposeAsync();
        }

        if (outside != 0)
        {
            throw new InvalidOperationException($"Kadath sent {outside} datagrams to addresses outside loopback");
        }
    }

    /// <summary>An endpoint as Kadath writes it.</summary>
    public static Endpoint ToKadath(IPEndPoint endpoint) =>
        Primitives.Endpoint.TryParse(endpoint.ToString(), out Endpoint parsed) ? parsed : throw new FormatException(endpoint.ToString());

    private static MainlineNodeOptions Options(string address, IReadOnlyList<IPEndPoint> bootstrap) => new()
    {
        Bootstrap = [.. bootstrap.Select(node => node.ToString())],
        LoopOptions = new NodeLoopOptions { LoopbackOnly = true, Name = $"kadath {address}" },
    };

    private static Id160 ToId(string hex) => Id160.Read(Convert.FromHexString(hex));

    private static IPEndPoint ToIp(Endpoint endpoint) => IPEndPoint.Parse(endpoint.ToString());
}
