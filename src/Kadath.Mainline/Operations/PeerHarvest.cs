using Kadath.Mainline.Queries;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>Gathers the peers of a torrent from get_peers replies, each once, and what BEP 33 filters they bring.</summary>
internal sealed class PeerHarvest
{
    /// <summary>Peers that one search reports at most: more than any client connects to.</summary>
    public const int MaxPeers = 20_000;

    // A reply of a kilobyte holds at most a hundred peers; what a larger one holds beyond this waits for the next search.
    private const int MaxPerReply = 256;

    private readonly IMainlineObserver _observer;
    private readonly EndpointSet _seen;

    public PeerHarvest(IMainlineObserver observer, EntropyStream entropy)
    {
        _observer = observer;
        _seen = new(MaxPeers, entropy.NextUInt64());
    }

    /// <summary>The filters of all replies, united; null before the first.</summary>
    public ScrapeSum? Scrape { get; private set; }

    /// <summary>Takes what a reply holds. Peers of a narrower scope than the node's are somebody's mistake, or an attack on our own network.</summary>
    public void Take(in KrpcMessage reply, AddressScope scope)
    {
        Span<Endpoint> fresh = stackalloc Endpoint[MaxPerReply];
        int count = 0;
        var peers = new CompactPeers(reply.Values);
        while (count < fresh.Length && peers.TryNext(out Endpoint peer))
        {
            if (peer.Scope == scope && _seen.TryAdd(peer))
            {
                fresh[count++] = peer;
            }
        }

        if (count > 0)
        {
            _observer.OnPeers(fresh[..count]);
        }

        if (reply.SeedsFilter.Length == KrpcLimits.Filter || reply.PeersFilter.Length == KrpcLimits.Filter)
        {
            (Scrape ??= new()).Add(reply.SeedsFilter, reply.PeersFilter);
        }
    }
}

/// <summary>The union of the BEP 33 filters that a scrape was given.</summary>
internal sealed class ScrapeSum
{
    private readonly byte[] _seeds = new byte[KrpcLimits.Filter];
    private readonly byte[] _peers = new byte[KrpcLimits.Filter];

    /// <summary>Estimated number of seeds.</summary>
    public double Seeds => ScrapeFilter.Estimate(_seeds);

    /// <summary>Estimated number of downloaders.</summary>
    public double Peers => ScrapeFilter.Estimate(_peers);

    /// <summary>Adds one reply's filters; one of another length than 256 bytes is ignored.</summary>
    public void Add(ReadOnlySpan<byte> seeds, ReadOnlySpan<byte> peers)
    {
        Unite(_seeds, seeds);
        Unite(_peers, peers);
    }

    private static void Unite(Span<byte> sum, ReadOnlySpan<byte> filter)
    {
        if (filter.Length == sum.Length)
        {
            ScrapeFilter.Merge(sum, filter);
        }
    }
}
