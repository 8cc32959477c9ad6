using System.Net;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>
/// One foreign node and Kadath, who know each other, and what a test needs beside them: bare KRPC endpoints that prepare and check either
/// side without Kadath's help.
/// </summary>
internal sealed class Lab : IAsyncDisposable
{
    /// <summary>Transmission looks nothing up before it knows more than eight nodes.</summary>
    private const int CrowdSize = 12;

    /// <summary>How long a bare endpoint waits before it calls a node silent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly Family _family;
    private readonly List<KadathNode> _nodes = [];
    private readonly List<RawNode> _raws = [];

    private string? _getRefusal;
    private bool _askedGet;

    private Lab(string name, Family family)
    {
        _name = name;
        _family = family;
    }

    /// <summary>The foreign node.</summary>
    public ForeignPeer Peer { get; private set; } = null!;

    /// <summary>The foreign node's id, in hex, as it told a bare endpoint.</summary>
    public string PeerId { get; private set; } = "";

    /// <summary>The Kadath node under test.</summary>
    public KadathNode Kadath { get; private set; } = null!;

    /// <summary>A second Kadath node, on a socket that the test holds: what the peer asks it, the test sees.</summary>
    public KadathNode Tapped { get; private set; } = null!;

    /// <summary>A bare endpoint that neither side has in its table.</summary>
    public RawNode Raw { get; private set; } = null!;

    /// <summary>A bare node that only the tapped Kadath node knows.</summary>
    public RawNode BehindKadath { get; private set; } = null!;

    /// <summary>
    /// The peer keeps one contact for each IP address, and over IPv6 the loopback has one address: then a single Kadath node, on a socket
    /// that the test holds, is all it may meet.
    /// </summary>
    public bool OneContactForAll => _name == Mldht.PeerName && _family == Family.IPv6;

    /// <summary>Starts everything; throws <see cref="PeerException"/> if the peer does not work over this family.</summary>
    public static async Task<Lab> StartAsync(string peer, Family family)
    {
        Lab lab = new(peer, family);
        try
        {
            await lab.StartAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A bare endpoint on an address of its own (on IPv6 there is one loopback address for all).</summary>
    public RawNode NewRaw(int host)
    {
        RawNode raw = new(IPAddress.Parse(Address(host)));
        _raws.Add(raw);
        return raw;
    }

    /// <summary>A Kadath node that knows nobody but its bootstrap nodes.</summary>
    public async Task<KadathNode> NewKadathAsync(params IReadOnlyList<IPEndPoint> bootstrap)
    {
        KadathNode node = await KadathNode.StartAsync(Address(2), bootstrap);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Whether the peer has sent a query of a method to any node whose socket the test holds.</summary>
    public bool Saw(string method) => _nodes.Any(node => node.Tap?.Saw(method, Peer.Endpoint) ?? false);

    /// <summary>How the peer refuses a BEP 44 get, in a few words; null if it answers one.</summary>
    public async Task<string?> GetRefusalAsync()
    {
        if (!_askedGet)
        {
            RawReply? reply = await Raw.AskAsync(Peer.Endpoint, "get", new BencodeMap { ["target"] = Convert.FromHexString(RawOperations.RandomKey()) }, Silence);
            _getRefusal = reply is null ? "silence to get" : reply.ErrorCode != 0 ? $"error {reply.ErrorCode} to get" : reply.Values?.Bytes("token") is null ? "no token" : null;
            _askedGet = true;
        }

        return _getRefusal;
    }

    /// <summary>A random key to which the peer is closer than anybody else.</summary>
    public string KeyNearPeer() => Near(PeerId);

    /// <summary>A random key to which the Kadath node under test is closer than anybody else.</summary>
    public string KeyNearKadath() => Near(Kadath.Id);

    /// <summary>A random key near an id.</summary>
    public static string Near(string id) => id[..20] + RawOperations.RandomKey()[20..];

    /// <summary>Whether the peer's reply to a scrape holds filters (BEP 33).</summary>
    public async Task<bool> SpeaksScrapeAsync()
    {
        string hash = RawOperations.RandomKey();
        await Raw.AnnounceAsync(Peer.Endpoint, hash, 7000);
        RawReply? reply = await Raw.AskAsync(Peer.Endpoint, "get_peers", new BencodeMap { ["info_hash"] = Convert.FromHexString(hash), ["scrape"] = 1 });
        return reply?.Values?.ContainsKey("BFpe") ?? false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Peer is not null)
        {
            await Peer.DisposeAsync();
        }

        foreach (RawNode raw in _raws)
        {
            await raw.DisposeAsync();
        }

        foreach (KadathNode node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<KadathNode> NewTappedAsync(params IReadOnlyList<IPEndPoint> bootstrap)
    {
        KadathNode node = await KadathNode.StartTappedAsync(Address(3), bootstrap);
        _nodes.Add(node);
        return node;
    }

    private string Address(int host) => _family == Family.IPv4 ? PeerCatalog.Address(_name, host) : "::1";

    private async Task StartAsync()
    {
        Raw = NewRaw(10);
        BehindKadath = NewRaw(11);
        Tapped = await NewTappedAsync();
        Kadath = OneContactForAll ? Tapped : await NewKadathAsync();
        List<IPEndPoint> bootstrap = [Tapped.Endpoint, Kadath.Endpoint];
        for (int i = 0; _name == Transmission.PeerName && i < CrowdSize; i++)
        {
            bootstrap.Add((await NewTappedAsync(Kadath.Endpoint)).Endpoint);
        }

        if (!OneContactForAll)
        {
            await Tapped.MeetAsync(BehindKadath.Endpoint);
        }

        Peer = await PeerCatalog.StartAsync(_name, Ports.Free(Address(1)), bootstrap);
        RawReply pong = await Raw.AskAsync(Peer.Endpoint, "ping", limit: TimeSpan.FromSeconds(10))
            ?? throw new PeerException($"{_name} does not answer at {Peer.Endpoint}");
        PeerId = Convert.ToHexStringLower(pong.Values?.Bytes("id") ?? []);
        await Kadath.MeetAsync(Peer.Endpoint);
        await Tapped.MeetAsync(Peer.Endpoint);
        foreach (KadathNode node in new[] { Kadath, Tapped })
        {
            try
            {
                await Peer.MeetAsync(node.Endpoint);
            }
            catch (PeerCannotException)
            {
                // It has them as bootstrap nodes.
            }
        }
    }
}
