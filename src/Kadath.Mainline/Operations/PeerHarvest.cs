using Kadath.Kademlia;
using Kadath.Mainline.Lookups;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Records;
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

    /// <summary>Peers found so far.</summary>
    public int Count => _seen.Count;

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

    /// <summary>Takes what we hold ourselves: peers of the families and scopes of our sockets, and our filters where a scrape was asked for.</summary>
    public void TakeOwn(MainlineContext context, in LookupSpec spec, Instant now)
    {
        if (context.Records.Announces is not { } announces || announces.CountOf(spec.Target) == 0)
        {
            return;
        }

        foreach (SocketNode node in context.Nodes)
        {
            int peers = node.IsV6 ? PeerMember.PeerV6 : PeerMember.PeerV4;
            TakeOwn(announces, spec.Target, peers, node.Scope);
            if (!spec.NoSeed)
            {
                TakeOwn(announces, spec.Target, peers + 1, node.Scope);
            }
        }

        if (spec.Scrape)
        {
            Span<byte> seeds = stackalloc byte[KrpcLimits.Filter], peers = stackalloc byte[KrpcLimits.Filter];
            context.Records.WriteFilters(spec.Target, now, peers, seeds);
            (Scrape ??= new()).Add(seeds, peers);
        }
    }

    private void TakeOwn(MemberRecords<Id160, PeerMember> announces, in Id160 infoHash, int memberClass, AddressScope scope)
    {
        Span<PeerMember> members = stackalloc PeerMember[64];
        Span<Endpoint> fresh = stackalloc Endpoint[64];
        for (int skip = 0, copied = members.Length; copied == members.Length; skip += copied)
        {
            copied = announces.CopyMembers(infoHash, memberClass, skip, members);
            int count = 0;
            foreach (ref readonly PeerMember member in members[..copied])
            {
                if (member.Endpoint.Scope == scope && _seen.TryAdd(member.Endpoint))
                {
                    fresh[count++] = member.Endpoint;
                }
            }

            if (count > 0)
            {
                _observer.OnPeers(fresh[..count]);
            }
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
