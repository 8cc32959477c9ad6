using Kadath.Mainline;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Queries;

public sealed class PeerQueriesTests
{
    private static readonly Id160 InfoHash = Id160.Read("mnopqrstuvwxyz123456"u8);

    private readonly TestNetwork _network = new();
    private readonly TestMachine _machine;

    public PeerQueriesTests() => _machine = _network.Add("127.0.0.1:6881");

    [Fact]
    public void Who_announces_is_found_by_others()
    {
        TestPeer peer = Peer("127.0.0.2:7000"), other = Peer("127.0.0.3:7000");
        Announce(peer, port: 7001);
        Assert.Equal([Endpoint.V4(0x7f000002, 7001)], Peers(other));
        Announce(peer, port: 9, implied: true);
        Assert.Equal([peer.Endpoint], Peers(other));
        Assert.Equal(1, _machine.Dht.Counters.Announces);
        Assert.Single(_machine.Effects.Events, e => e.Kind == MainlineEventKind.AnnounceStored && e.Id == InfoHash);
        Assert.Equal(2, _machine.Effects.Persisted.Count(p => p.Collection == MainlineCollection.Announces));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_that_is_none_is_refused(long port)
    {
        TestPeer peer = Peer("127.0.0.2:7000");
        string token = System.Text.Encoding.Latin1.GetString(peer.Token(InfoHash));
        byte[] reply = peer.Ask($"d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234564:porti{port}e5:token8:{token}e1:q13:announce_peer1:t1:a1:y1:qe");
        Assert.Equal(203, TestPeer.ErrorOf(reply));
        Assert.Empty(Peers(peer));
    }

    [Fact]
    public void A_token_of_another_address_or_target_or_age_is_refused()
    {
        TestPeer peer = Peer("127.0.0.2:7000"), other = Peer("127.0.0.3:7000");
        byte[] token = peer.Token(InfoHash);
        Assert.Equal(203, TestPeer.ErrorOf(other.Ask(AnnounceQuery(token))));
        Assert.Equal(203, TestPeer.ErrorOf(peer.Ask(AnnounceQuery(peer.Token(TestPeer.Id)))));
        Assert.Equal(203, TestPeer.ErrorOf(peer.Ask(AnnounceQuery([]))));
        _network.Run(TimeSpan.FromMinutes(11));
        Assert.Equal(203, TestPeer.ErrorOf(peer.Ask(AnnounceQuery(token))));
        Assert.Empty(Peers(other));
    }

    [Fact]
    public void An_announce_lasts_an_hour()
    {
        TestPeer peer = Peer("127.0.0.2:7000");
        Announce(peer, 7000);
        _network.Run(TimeSpan.FromMinutes(58));
        Assert.Single(Peers(peer));
        _network.Run(TimeSpan.FromMinutes(3));
        Assert.Empty(Peers(peer));
        Assert.Equal(0, _machine.Dht.Counters.Announces);
    }

    [Fact]
    public void A_reply_never_exceeds_1024_bytes_and_samples_the_swarm()
    {
        for (int i = 0; i < 300; i++)
        {
            Announce(Peer($"127.1.{i / 250}.{1 + (i % 250)}:7000"), 7000);
        }

        TestPeer asker = Peer("127.0.0.9:7000");
        HashSet<Endpoint> seen = [];
        for (int i = 0; i < 40; i++)
        {
            List<Endpoint> peers = Peers(asker, scrape: i % 2 == 0);
            Assert.InRange(peers.Count, 10, 64);
            Assert.Equal(peers.Count, peers.Distinct().Count());
            seen.UnionWith(peers);
        }

        Assert.InRange(seen.Count, 290, 300);
    }

    [Fact]
    public void A_scrape_counts_seeds_and_downloaders_by_address()
    {
        for (int i = 0; i < 60; i++)
        {
            Announce(Peer($"127.1.0.{1 + i}:7000"), 7000, seed: i < 20);
        }

        TestPeer asker = Peer("127.0.0.9:7000");
        KrpcMessage reply = asker.Expect(asker.Ask(new KrpcQuery { Method = KrpcMethod.GetPeers, Target = InfoHash, Scrape = true }));
        Assert.InRange(ScrapeFilter.Estimate(reply.SeedsFilter), 18.5, 21.5);
        Assert.InRange(ScrapeFilter.Estimate(reply.PeersFilter), 37.5, 42.5);
        KrpcMessage unknown = asker.Expect(asker.Ask(new KrpcQuery { Method = KrpcMethod.GetPeers, Target = TestPeer.Id, Scrape = true }));
        Assert.False(unknown.SeedsSlice.Present || unknown.PeersSlice.Present || unknown.ValuesSlice.Present);
    }

    [Fact]
    public void Seeds_are_left_out_where_they_are_not_wanted()
    {
        Announce(Peer("127.0.0.2:7000"), 7000, seed: true);
        Announce(Peer("127.0.0.3:7000"), 7000);
        TestPeer asker = Peer("127.0.0.9:7000");
        Assert.Equal(2, Peers(asker).Count);
        Assert.Equal([Endpoint.V4(0x7f000003, 7000)], Peers(asker, noSeed: true));
    }

    [Fact]
    public void A_sample_names_info_hashes_that_have_peers()
    {
        TestPeer asker = Peer("127.0.0.9:7000");
        KrpcMessage empty = asker.Expect(asker.Ask(new KrpcQuery { Method = KrpcMethod.SampleInfohashes, Target = InfoHash }));
        Assert.True(empty.SamplesSlice.Present && empty.Has(KrpcFields.Total) && empty.Has(KrpcFields.Interval));
        Assert.Equal((0, 0L), (empty.SamplesSlice.Length, empty.Total));
        HashSet<Id160> stored = [];
        for (int i = 0; i < 30; i++)
        {
            Id160 infoHash = Id160.Flip(InfoHash, i);
            stored.Add(infoHash);
            Assert.Equal(-1, TestPeer.ErrorOf(asker.Ask(new KrpcQuery { Method = KrpcMethod.AnnouncePeer, Target = infoHash, Port = 1, Token = asker.Token(infoHash) })));
        }

        KrpcMessage full = asker.Expect(asker.Ask(new KrpcQuery { Method = KrpcMethod.SampleInfohashes, Target = InfoHash }));
        Assert.Equal((400, 30L), (full.SamplesSlice.Length, full.Total));
        Assert.InRange(full.Interval, 0, 21600);
        byte[] samples = full.Samples.ToArray();
        Assert.All(Enumerable.Range(0, 20), i => Assert.Contains(Id160.Read(samples.AsSpan(20 * i)), stored));
        Assert.Equal(203, TestPeer.ErrorOf(asker.Ask("d1:ad2:id20:abcdefghij0123456789e1:q17:sample_infohashes1:t1:a1:y1:qe")));
    }

    [Fact]
    public void A_bound_on_announces_sheds_and_never_grows()
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881", new() { MaxAnnounces = 50 });
        for (int i = 0; i < 200; i++)
        {
            TestPeer peer = new(network, machine, $"127.1.0.{1 + i}:7000");
            byte[] reply = peer.Ask(new KrpcQuery { Method = KrpcMethod.AnnouncePeer, Target = Id160.Flip(InfoHash, i % 160), Port = 1, Token = peer.Token(Id160.Flip(InfoHash, i % 160)) });
            Assert.Contains(TestPeer.ErrorOf(reply), new[] { -1, 202 });
            Assert.InRange(machine.Dht.Counters.Announces, 1, 50);
        }
    }

    private TestPeer Peer(string endpoint) => new(_network, _machine, endpoint);

    private static KrpcQuery AnnounceQuery(ReadOnlySpan<byte> token, ushort port = 7000, bool implied = false, bool seed = false) =>
        new() { Method = KrpcMethod.AnnouncePeer, Target = InfoHash, Port = port, ImpliedPort = implied, Seed = seed, Token = token };

    private static void Announce(TestPeer peer, ushort port, bool implied = false, bool seed = false) =>
        peer.Expect(peer.Ask(AnnounceQuery(peer.Token(InfoHash), port, implied, seed)));

    private static List<Endpoint> Peers(TestPeer asker, bool noSeed = false, bool scrape = false)
    {
        KrpcMessage reply = asker.Expect(asker.Ask(new KrpcQuery { Method = KrpcMethod.GetPeers, Target = InfoHash, NoSeed = noSeed, Scrape = scrape }));
        Assert.True(reply.NodesSlice.Present && reply.TokenSlice.Length == 8);
        List<Endpoint> peers = [];
        var values = new CompactPeers(reply.Values);
        while (values.TryNext(out Endpoint peer))
        {
            peers.Add(peer);
        }

        return peers;
    }
}
