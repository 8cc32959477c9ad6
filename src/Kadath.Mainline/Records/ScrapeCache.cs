using System.Numerics;
using Kadath.Kademlia;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Records;

/// <summary>
/// The filters of torrents that are scraped (BEP 33), so that a scrape of a large one does not visit all its peers. A new peer is added to a
/// filter that is kept; who has left cannot be taken out of a Bloom filter, so that a filter which has lost peers is built anew by a later
/// scrape, at most once in half a minute. Small torrents are not kept: their filters cost less to build than to look up.
/// </summary>
internal sealed class ScrapeCache(ulong secret)
{
    /// <summary>Peers below which a torrent is not kept.</summary>
    public const int LeastPeers = 16;

    /// <summary>Torrents kept at most: as many as clients scrape of those for which one node is among the closest; 560 bytes each.</summary>
    public const int Capacity = 256;

    private const int Ways = 4;

    /// <summary>How long a filter may still show peers that have left.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private Entry[] _entries = [];
    private long _uses;

    /// <summary>Filters built so far by visiting every peer.</summary>
    public long Built { get; private set; }

    /// <summary>Torrents kept.</summary>
    public int Count { get; private set; }

    /// <summary>How many peers a scrape of the torrent will have to visit.</summary>
    public int CostOf(MemberRecords<Id160, PeerMember> announces, in Id160 infoHash, Instant now)
    {
        int at = Find(infoHash);
        return at >= 0 && IsGood(_entries[at], announces.DeparturesOf(infoHash), now) ? 0 : announces.CountOf(infoHash);
    }

    /// <summary>Writes the filters of downloaders and seeds, 256 bytes each.</summary>
    public void Write(MemberRecords<Id160, PeerMember> announces, in Id160 infoHash, Instant now, Span<byte> peers, Span<byte> seeds)
    {
        if (announces.CountOf(infoHash) < LeastPeers)
        {
            Build(announces, infoHash, peers, seeds);
            return;
        }

        int at = Find(infoHash);
        uint departures = announces.DeparturesOf(infoHash);
        at = at >= 0 ? at : Place(infoHash);
        ref Entry entry = ref _entries[at];
        if (!IsGood(entry, departures, now))
        {
            entry.Key = infoHash;
            entry.Departures = departures;
            entry.Built = now;
            entry.Filters ??= new byte[2 * KrpcLimits.Filter];
            Build(announces, infoHash, entry.Filters.AsSpan(0, KrpcLimits.Filter), entry.Filters.AsSpan(KrpcLimits.Filter));
        }

        entry.Used = ++_uses;
        entry.Filters.AsSpan(0, KrpcLimits.Filter).CopyTo(peers);
        entry.Filters.AsSpan(KrpcLimits.Filter).CopyTo(seeds);
    }

    /// <summary>A peer was stored: it is added to the filter, if that is kept.</summary>
    public void Add(in Id160 infoHash, in PeerMember peer)
    {
        int at = Find(infoHash);
        if (at >= 0)
        {
            ScrapeFilter.Insert(_entries[at].Filters.AsSpan(peer.Seed ? KrpcLimits.Filter : 0, KrpcLimits.Filter), peer.ScrapeHash);
        }
    }

    // Whoever has not departed is in the filter; with departures it serves until its time is up.
    private static bool IsGood(in Entry entry, uint departures, Instant now) =>
        entry.Used != 0 && (entry.Departures == departures || now < entry.Built + Interval);

    private void Build(MemberRecords<Id160, PeerMember> announces, in Id160 infoHash, Span<byte> peers, Span<byte> seeds)
    {
        Built++;
        peers.Clear();
        seeds.Clear();
        Span<PeerMember> members = stackalloc PeerMember[64];
        for (int memberClass = 0; memberClass < MemberRecords<Id160, PeerMember>.Classes; memberClass++)
        {
            Span<byte> filter = (memberClass & 1) == 0 ? peers : seeds;
            for (int skip = 0, count = members.Length; count == members.Length; skip += count)
            {
                count = announces.CopyMembers(infoHash, memberClass, skip, members);
                foreach (ref readonly PeerMember member in members[..count])
                {
                    ScrapeFilter.Insert(filter, member.ScrapeHash);
                }
            }
        }
    }

    private int Find(in Id160 infoHash)
    {
        if (Count == 0)
        {
            return -1;
        }

        int at = FirstOf(infoHash), end = at + Ways;
        while (at < end && !(_entries[at].Used != 0 && _entries[at].Key == infoHash))
        {
            at++;
        }

        return at < end ? at : -1;
    }

    /// <summary>A free place in the torrent's set, after growing if need be; at the bound the place of the one that was not asked for the longest.</summary>
    private int Place(in Id160 infoHash)
    {
        while (true)
        {
            int first = _entries.Length == 0 ? 0 : FirstOf(infoHash), oldest = first;
            for (int at = first; at < first + Ways && _entries.Length > 0; at++)
            {
                oldest = _entries[at].Used < _entries[oldest].Used ? at : oldest;
            }

            if (_entries.Length > 0 && (_entries[oldest].Used == 0 || _entries.Length == Capacity))
            {
                Count += _entries[oldest].Used == 0 ? 1 : 0;
                _entries[oldest].Used = 0;
                return oldest;
            }

            Grow();
        }
    }

    private void Grow()
    {
        Entry[] old = _entries;
        _entries = new Entry[Math.Max(Ways, 2 * old.Length)];
        foreach (Entry entry in old)
        {
            if (entry.Used != 0)
            {
                // Doubling splits each set in two, so that there is always room.
                int at = FirstOf(entry.Key);
                while (_entries[at].Used != 0)
                {
                    at++;
                }

                _entries[at] = entry;
            }
        }
    }

    private int FirstOf(in Id160 infoHash)
    {
        ulong high = Math.BigMul(infoHash.High ^ secret, (secret << 1) | 1, out ulong low);
        high = Math.BigMul(high ^ low ^ BitOperations.RotateLeft(secret, 32), 0x9E3779B97F4A7C15UL, out low);
        return (int)((high ^ low) & (uint)((_entries.Length / Ways) - 1)) * Ways;
    }

    private struct Entry
    {
        public Id160 Key;
        public uint Departures;
        public Instant Built;
        public long Used;
        public byte[]? Filters;
    }
}
