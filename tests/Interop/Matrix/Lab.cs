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

    private readonly string _name;
    private readonly Family _family;
    private readonly List<KadathNode> _crowd = [];
    private readonly List<RawNode> _raws = [];

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

    /// <summary>A Kadath node that knows nobody.</summary>
    public async Task<KadathNode> NewKadathAsync(params IReadOnlyList<IPEndPoint> bootstrap)
    {
        KadathNode node = await KadathNode.StartAsync(Address(2), bootstrap);
        _crowd.Add(node);
        return node;
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

        foreach (KadathNode node in _crowd)
        {
            await node.DisposeAsync();
        }
    }

    private string Address(int host) => _family == Family.IPv4 ? PeerCatalog.Address(_name, host) : "::1";

    private async Task StartAsync()
    {
        Raw = NewRaw(10);
        BehindKadath = NewRaw(11);
        Kadath = await NewKadathAsync();
        Tapped = await KadathNode.StartTappedAsync(Address(3));
        _crowd.Add(Tapped);
        List<IPEndPoint> bootstrap = [Tapped.Endpoint, Kadath.Endpoint];
        if (_name == Transmission.PeerName)
        {
            for (int i = 0; i < CrowdSize; i++)
            {
                bootstrap.Add((await NewKadathAsync(Kadath.Endpoint)).Endpoint);
            }
        }

        await Tapped.MeetAsync(BehindKadath.Endpoint);
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
