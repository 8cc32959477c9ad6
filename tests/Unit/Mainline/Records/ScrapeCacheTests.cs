using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Records;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Records;

public sealed class ScrapeCacheTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(60);

    private readonly MemberRecords<Id160, PeerMember> _announces = new(new() { MaxLifetime = Lifetime, MaxPerSource = 1_000_000 }, EntropyTree.FromSeed(1).Stream(0));
    private readonly ScrapeCache _cache = new(12345);
    private readonly byte[] _peers = new byte[256];
    private readonly byte[] _seeds = new byte[256];
    private Instant _now = Instant.FromSeconds(100_000);

    [Fact]
    public void A_large_torrent_is_built_once_and_newcomers_are_added()
    {
        Fill(Key(1), 0, 1000);
        for (uint i = 0; i < 100; i++)
        {
            Announce(Key(1), 5000 + i, seed: i % 2 == 0);
            AssertExact(Key(1));
        }

        Assert.Equal((1, 1), (_cache.Built, _cache.Count));
        Assert.Equal(0, _cache.CostOf(_announces, Key(1), _now));
        // Whoever announces again changes nothing; whoever has become a seed stays among the downloaders for a while.
        Announce(Key(1), 5001, seed: true);
        Scrape(Key(1));
        Assert.True(Has(_seeds, 5001) && Has(_peers, 5001));
        _now += ScrapeCache.Interval;
        AssertExact(Key(1));
        Assert.Equal(2, _cache.Built);
    }

    [Fact]
    public void Who_has_left_is_gone_from_the_filter_within_half_a_minute_and_it_is_built_no_more_often()
    {
        Fill(Key(1), 0, 200);
        _now += TimeSpan.FromMinutes(30);
        Fill(Key(1), 1000, 200);
        AssertExact(Key(1));
        _now += TimeSpan.FromMinutes(31);
        while (_announces.Expire(_now) > 0)
        {
        }

        Assert.Equal(200, _announces.CountOf(Key(1)));
        AssertExact(Key(1));
        Assert.Equal(2, _cache.Built);
        for (uint i = 0; i < 29; i++)
        {
            _announces.Remove(Key(1), Peer(1000 + i, seed: false));
            _now += TimeSpan.FromSeconds(1);
            Scrape(Key(1));
            Assert.True(Has(_peers, 1000 + i) || Has(_seeds, 1000 + i));
        }

        Assert.Equal(2, _cache.Built);
        _now += TimeSpan.FromSeconds(1);
        AssertExact(Key(1));
        Assert.Equal(3, _cache.Built);
    }

    [Fact]
    public void A_torrent_that_was_forgotten_and_came_back_is_not_mistaken_for_the_old_one()
    {
        Fill(Key(1), 0, 100);
        AssertExact(Key(1));
        for (uint i = 0; i < 100; i++)
        {
            Assert.True(_announces.Remove(Key(1), Peer(i, seed: i % 3 == 0)));
        }

        Fill(Key(1), 500, 100);
        _now += ScrapeCache.Interval;
        AssertExact(Key(1));
    }

    [Fact]
    public void Small_torrents_are_not_kept_and_large_ones_up_to_a_bound()
    {
        Fill(Key(9999), 0, ScrapeCache.LeastPeers - 1);
        AssertExact(Key(9999));
        Assert.Equal(0, _cache.Count);
        for (uint torrent = 0; torrent < 3 * ScrapeCache.Capacity; torrent++)
        {
            Fill(Key(torrent), torrent, ScrapeCache.LeastPeers);
            AssertExact(Key(torrent));
            Assert.InRange(_cache.Count, 1, ScrapeCache.Capacity);
        }

        // The last ones are kept, and asked again without visiting anybody.
        Assert.Equal(0, _cache.CostOf(_announces, Key((3 * ScrapeCache.Capacity) - 1), _now));
        long built = _cache.Built;
        Scrape(Key((3 * ScrapeCache.Capacity) - 1));
        Assert.Equal(built, _cache.Built);
    }

    [Fact]
    public void A_scrape_of_a_kept_torrent_allocates_nothing()
    {
        Fill(Key(1), 0, 3000);
        Scrape(Key(1));
        PeerMember[] gone = [.. Enumerable.Range(0, 1000).Select(static i => Peer((uint)i, seed: false))];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            _now += TimeSpan.FromMilliseconds(5);
            if (i % 10 == 0)
            {
                _announces.Remove(Key(1), gone[i / 10]);
            }

            Scrape(Key(1));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2, _cache.Built);
    }

    private static Id160 Key(uint number) => new(number * 0x9E3779B97F4A7C15UL, number, number);

    private static PeerMember Peer(uint address, bool seed)
    {
        Endpoint endpoint = Endpoint.V4(0x0A000000 + address, 6881);
        return new(endpoint, seed, ScrapeFilter.HashOf(endpoint, CryptoProvider.Default.Sha1));
    }

    private void Fill(in Id160 key, uint from, int count)
    {
        for (uint i = 0; i < count; i++)
        {
            Announce(key, from + i, seed: i % 3 == 0);
        }
    }

    private void Announce(in Id160 key, uint address, bool seed)
    {
        PeerMember peer = Peer(address, seed);
        if (_announces.Put(key, peer, new(0, 0, Lifetime), _now).Outcome is PutOutcome.Stored or PutOutcome.Replaced)
        {
            _cache.Add(key, peer);
        }
    }

    private void Scrape(in Id160 key) => _cache.Write(_announces, key, _now, _peers, _seeds);

    /// <summary>The filters are those of all members and of nobody else.</summary>
    private void AssertExact(in Id160 key)
    {
        Scrape(key);
        byte[] peers = new byte[256], seeds = new byte[256];
        PeerMember[] members = new PeerMember[5000];
        for (int c = 0; c < 4; c++)
        {
            foreach (PeerMember member in members.AsSpan(0, _announces.CopyMembers(key, c, 0, members)))
            {
                ScrapeFilter.Insert(c % 2 == 0 ? peers : seeds, member.ScrapeHash);
            }
        }

        Assert.Equal(peers, _peers);
        Assert.Equal(seeds, _seeds);
    }

    private static bool Has(byte[] filter, uint address)
    {
        byte[] alone = new byte[256];
        ScrapeFilter.Insert(alone, Peer(address, seed: false).ScrapeHash);
        return alone.Zip(filter).All(static pair => (pair.First & pair.Second) == pair.First);
    }
}
