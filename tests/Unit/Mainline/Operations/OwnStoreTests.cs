using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Operations;

/// <summary>A node stores at itself what it is among the closest to, and finds what it holds.</summary>
public sealed class OwnStoreTests
{
    private static readonly byte[] Value = "12:Hello World!"u8.ToArray();
    private static readonly Id160 Target = ItemRules.TargetOf(Value);
    private static readonly Id160 InfoHash = new(0x0123456789ABCDEF, 0x0123456789ABCDEF, 0x01234567);
    private static readonly Ed25519PrivateKey Key = CryptoProvider.Default.Ed25519.ImportSeed(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    private readonly TestNetwork _network = new();

    [Fact]
    public void A_node_that_is_alone_keeps_what_is_put_and_a_second_node_finds_it_there()
    {
        TestMachine alone = _network.Add("127.0.0.1:6881");
        Recorder put = Complete(alone, (dht, r) => dht.Put(Immutable(), r, _network.Now));
        NodeOutcome own = Assert.Single(put.Nodes);
        Assert.Equal((NodeResult.Stored, alone.Dht.StateOf(0).Id, alone.Endpoints[0]), (own.Result, own.Id, own.Endpoint));
        Assert.Equal((OperationEnd.Done, 1), (put.Report!.Value.End, put.Report.Value.Stored));
        // It counts once the driver has made it durable, like what strangers put.
        Assert.Contains(alone.Effects.Persisted, p => p.Collection == MainlineCollection.Items && p.Key.AsSpan().SequenceEqual(Bytes(Target)));

        Recorder get = Complete(alone, (dht, r) => dht.Get(new(Target), r, _network.Now));
        Assert.Equal(Value, Assert.Single(get.Items).Value);
        Assert.Equal(OperationEnd.Done, get.Report!.Value.End);

        TestMachine second = _network.Add("127.0.0.1:6882");
        second.Dht.SetRouters([alone.Endpoints[0]], _network.Now);
        _network.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(Value, Assert.Single(Complete(second, (dht, r) => dht.Get(new(Target), r, _network.Now)).Items).Value);
    }

    [Fact]
    public void A_mutable_item_passes_the_same_rules_at_home()
    {
        TestMachine alone = _network.Add("127.0.0.1:6881");
        Assert.Equal(NodeResult.Stored, Put(alone, OperationNetwork.Sign(Key, "one", 5)).Result);
        Assert.Equal(302, Put(alone, OperationNetwork.Sign(Key, "old", 4)).ErrorCode);
        Assert.Equal(301, Put(alone, OperationNetwork.Sign(Key, "two", 6, cas: 4)).ErrorCode);
        Assert.Equal(206, Put(alone, OperationNetwork.Sign(Key, "two", 6) with { Sequence = 7 }).ErrorCode);
        Assert.Equal(203, Put(alone, OperationNetwork.Sign(Key, "two", 6) with { Value = "02:xx"u8.ToArray() }).ErrorCode);
        alone.Effects.DiskBroken = true;
        Assert.Equal(202, Put(alone, OperationNetwork.Sign(Key, "two", 6, cas: 5)).ErrorCode);

        // What is held is found, and the next number follows it.
        Recorder next = new();
        OperationId id = alone.Dht.Put(new(ItemRules.TargetOf(Key.PublicKey, default), default, true, null), next, _network.Now);
        Assert.True(_network.Run(TimeSpan.FromSeconds(5), () => next.Awaited.HasValue));
        Assert.Equal(6, next.Awaited);
        alone.Effects.DiskBroken = false;
        alone.Dht.Provide(id, OperationNetwork.Sign(Key, "three", 7), _network.Now);
        Assert.False(next.IsDone, "an operation does not end inside a call of its user");
        alone.Effects.Complete(alone.Dht, _network.Now);
        Assert.True(_network.Run(TimeSpan.FromSeconds(5), () => next.IsDone));
        Assert.Equal(1, next.Report!.Value.Stored);
    }

    [Fact]
    public void An_announce_is_kept_at_home_and_found_with_its_filters()
    {
        TestMachine alone = _network.Add("127.0.0.1:6881");
        Recorder announce = Complete(alone, (dht, r) => dht.Announce(new(InfoHash, 7777, Seed: true), r, _network.Now));
        Assert.Equal((NodeResult.Stored, 1), (Assert.Single(announce.Nodes).Result, announce.Report!.Value.Stored));
        Recorder peers = Complete(alone, (dht, r) => dht.GetPeers(new(InfoHash, Scrape: true), r, _network.Now));
        Assert.Equal("127.0.0.1:7777", Assert.Single(peers.Peers).ToString());
        Assert.Equal(OperationEnd.Done, peers.Report!.Value.End);
        Assert.InRange(peers.Report.Value.Seeds, 0.9, 1.1);
        Assert.Equal(0, peers.Report.Value.Peers, 0.1);
        Assert.Empty(Complete(alone, (dht, r) => dht.GetPeers(new(InfoHash, NoSeed: true), r, _network.Now)).Peers);
    }

    [Fact]
    public void A_node_that_does_not_know_its_address_announces_to_others_only()
    {
        TestMachine alone = _network.Add("127.0.0.1:6881", wildcard: true);
        Recorder announce = Complete(alone, (dht, r) => dht.Announce(new(InfoHash, 7777), r, _network.Now));
        Assert.Equal(0, announce.Report!.Value.Stored);
        Assert.Empty(announce.Nodes);
    }

    [Fact]
    public void In_a_larger_network_only_a_node_among_the_closest_keeps_a_copy()
    {
        OperationNetwork net = new(nodes: 24);
        TestMachine[] byDistance = [.. net.Network.Machines.Where(m => m != net.Asker)];
        Array.Sort(byDistance, (a, b) => NodeIds.CompareDistance(Target, a.Dht.StateOf(0).Id, b.Dht.StateOf(0).Id));
        Recorder near = Complete(net.Network, byDistance[0], (dht, r) => dht.Put(Immutable(), r, net.Now));
        Assert.Contains(near.Nodes, n => n.Result == NodeResult.Stored && n.Id == byDistance[0].Dht.StateOf(0).Id);
        Assert.Equal(9, near.Report!.Value.Stored);
        Recorder far = Complete(net.Network, byDistance[^1], (dht, r) => dht.Put(Immutable(), r, net.Now));
        Assert.DoesNotContain(far.Nodes, n => n.Id == byDistance[^1].Dht.StateOf(0).Id);
        Assert.Equal(8, far.Report!.Value.Stored);
    }

    [Fact]
    public void Neither_a_read_only_node_nor_one_that_is_cut_off_keeps_anything()
    {
        TestMachine reader = _network.Add("127.0.0.1:6881", new() { ReadOnly = true }), cut = _network.Add("127.0.0.1:6882");
        cut.Dht.SetRouters([Endpoint.V4(0x7F000001, 9)], _network.Now);
        foreach (TestMachine machine in (TestMachine[])[reader, cut])
        {
            Recorder put = Complete(machine, (dht, r) => dht.Put(Immutable(), r, _network.Now));
            Assert.Equal((OperationEnd.NoNodes, 0), (put.Report!.Value.End, put.Report.Value.Stored));
            Assert.DoesNotContain(put.Nodes, n => n.Result == NodeResult.Stored);
        }
    }

    [Fact]
    public void What_is_kept_up_by_a_lonely_node_reaches_the_first_who_comes_within_a_minute()
    {
        TestMachine alone = _network.Add("127.0.0.1:6881");
        Recorder kept = new();
        alone.Dht.KeepPublished(new(Value, default, default, 0, default), kept, _network.Now);
        _network.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(1, Assert.Single(kept.Rounds).Stored);
        TestMachine second = _network.Add("127.0.0.1:6882");
        second.Dht.SetRouters([alone.Endpoints[0]], _network.Now);
        Assert.True(_network.Run(TimeSpan.FromSeconds(60), () => second.Dht.Counters.Items == 1));
    }

    private static PutRequest Immutable() => new(Target, default, false, new(Value, default, default, 0, default));

    private static byte[] Bytes(in Id160 id)
    {
        byte[] bytes = new byte[20];
        id.Write(bytes);
        return bytes;
    }

    private NodeOutcome Put(TestMachine machine, SignedItem item) => Assert.Single(
        Complete(machine, (dht, r) => dht.Put(new(ItemRules.TargetOf(Key.PublicKey, default), default, true, item), r, _network.Now)).Nodes);

    private Recorder Complete(TestMachine machine, Func<MainlineDht, Recorder, OperationId> start) => Complete(_network, machine, start);

    private static Recorder Complete(TestNetwork network, TestMachine machine, Func<MainlineDht, Recorder, OperationId> start)
    {
        var recorder = new Recorder();
        start(machine.Dht, recorder);
        Assert.False(recorder.IsDone, "an operation never ends inside the call that starts it");
        Assert.True(network.Run(TimeSpan.FromSeconds(70), () => recorder.IsDone), "the operation did not end");
        return recorder;
    }
}
