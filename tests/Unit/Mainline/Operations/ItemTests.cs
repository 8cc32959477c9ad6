using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Operations;

public sealed class ItemTests
{
    private static readonly byte[] Value = "12:Hello World!"u8.ToArray();
    private static readonly Ed25519PrivateKey Key = CryptoProvider.Default.Ed25519.ImportSeed(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly byte[] Public = Key.PublicKey.ToArray();

    [Fact]
    public void An_immutable_item_is_stored_at_the_eight_closest_and_found()
    {
        OperationNetwork net = new();
        Id160 target = ItemRules.TargetOf(Value);
        Recorder put = net.Complete((dht, r) => dht.Put(new(target, default, false, new(Value, default, default, 0, default)), r, net.Now));
        Assert.Equal(8, put.Report!.Value.Stored);
        Recorder get = net.Complete((dht, r) => dht.Get(new(target), r, net.Now));
        Assert.Equal(Value, Assert.Single(get.Items).Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("pepper")]
    public void A_mutable_put_waits_for_its_item_until_the_highest_number_is_known(string? salt)
    {
        OperationNetwork net = new();
        byte[] salted = System.Text.Encoding.ASCII.GetBytes(salt ?? "");
        Assert.Equal(-1, PutSigned(net, "one", awaited => awaited + 1, salted));
        Assert.Equal(0, PutSigned(net, "two", awaited => awaited + 1, salted));
        Recorder get = net.Complete((dht, r) => dht.Get(new(ItemRules.TargetOf(Public, salted), salted), r, net.Now));
        Assert.Equal("3:two", System.Text.Encoding.ASCII.GetString(get.Items[^1].Value));
        Assert.Equal(1, get.Items[^1].Sequence);
    }

    [Fact]
    public void A_lower_sequence_number_is_refused_by_every_node_and_said_so()
    {
        OperationNetwork net = new();
        Id160 target = ItemRules.TargetOf(Public, default);
        net.Complete((dht, r) => dht.Put(new(target, default, true, OperationNetwork.Sign(Key, "new", 5)), r, net.Now));
        Recorder late = net.Complete((dht, r) => dht.Put(new(target, default, true, OperationNetwork.Sign(Key, "old", 4)), r, net.Now));
        Assert.Equal(0, late.Report!.Value.Stored);
        Assert.Equal(8, late.Nodes.Count(n => n.Result == NodeResult.Refused && n.ErrorCode == 302));
    }

    [Fact]
    public void An_expectation_that_does_not_hold_is_refused_by_every_node()
    {
        OperationNetwork net = new();
        Id160 target = ItemRules.TargetOf(Public, default);
        net.Complete((dht, r) => dht.Put(new(target, default, true, OperationNetwork.Sign(Key, "new", 5)), r, net.Now));
        Recorder wrong = net.Complete((dht, r) => dht.Put(new(target, default, true, OperationNetwork.Sign(Key, "newer", 6, cas: 4)), r, net.Now));
        Assert.Equal(8, wrong.Nodes.Count(n => n.Result == NodeResult.Refused && n.ErrorCode == 301));
        Recorder right = net.Complete((dht, r) => dht.Put(new(target, default, true, OperationNetwork.Sign(Key, "newer", 6, cas: 5)), r, net.Now));
        Assert.Equal(8, right.Report!.Value.Stored);
    }

    [Fact]
    public void A_forged_signature_is_never_reported_and_its_sender_is_named()
    {
        OperationNetwork net = new(nodes: 8);
        Id160 target = ItemRules.TargetOf(Public, default);
        SignedItem item = OperationNetwork.Sign(Key, "true", 1);
        net.Complete((dht, r) => dht.Put(new(target, default, true, item), r, net.Now));
        // Another value under the same signature travels in every reply of one node.
        net.Network.Watch = (from, to, datagram) =>
        {
            int at = datagram.AsSpan().IndexOf("4:true"u8);
            if (from == net.First && at > 0)
            {
                "4:fake"u8.CopyTo(datagram.AsSpan(at));
            }
        };
        Recorder get = net.Complete((dht, r) => dht.Get(new(target), r, net.Now));
        Assert.All(get.Items, found => Assert.Equal("4:true"u8.ToArray(), found.Value));
        Assert.NotEmpty(get.Items);
    }

    [Fact]
    public void A_followed_item_tells_each_new_version_once()
    {
        OperationNetwork net = new();
        var follower = new Recorder();
        net.Asker.Dht.Follow(new(Public, default, TimeSpan.FromMinutes(1)), follower, net.Now);
        for (int version = 1; version <= 3; version++)
        {
            PutSigned(net, $"v{version}", awaited => awaited + 1, []);
            net.Network.Run(TimeSpan.FromMinutes(3));
        }

        Assert.Equal(["2:v1", "2:v2", "2:v3"], follower.Items.Select(item => System.Text.Encoding.ASCII.GetString(item.Value)));
        Assert.True(follower.Rounds.Count > 5);
    }

    [Fact]
    public void A_published_item_survives_its_time_to_live_and_its_holders()
    {
        OperationNetwork net = new();
        var publisher = new Recorder();
        net.Asker.Dht.KeepPublished(OperationNetwork.Sign(Key, "kept", 1), publisher, net.Now);
        net.Network.Run(TimeSpan.FromMinutes(90));
        foreach (NodeOutcome holder in publisher.Nodes.Where(n => n.Result == NodeResult.Stored).DistinctBy(n => n.Endpoint).Take(8).ToArray())
        {
            net.Network.Remove(net.Network.Machines.Single(m => m.Endpoints[0] == holder.Endpoint));
        }

        net.Network.Run(TimeSpan.FromMinutes(150));
        Recorder get = net.Complete((dht, r) => dht.Get(new(ItemRules.TargetOf(Public, default)), r, net.Now));
        Assert.Equal("4:kept"u8.ToArray(), get.Items[^1].Value);
    }

    private static long PutSigned(OperationNetwork net, string value, Func<long, long> next, byte[] salt)
    {
        var put = new Recorder();
        OperationId id = net.Asker.Dht.Put(new(ItemRules.TargetOf(Public, salt), salt, true, null), put, net.Now);
        Assert.True(net.Network.Run(TimeSpan.FromSeconds(70), () => put.Awaited.HasValue));
        net.Asker.Dht.Provide(id, OperationNetwork.Sign(Key, value, next(put.Awaited!.Value), salt), net.Now);
        Assert.True(net.Network.Run(TimeSpan.FromSeconds(70), () => put.IsDone));
        Assert.Equal(8, put.Report!.Value.Stored);
        return put.Awaited.Value;
    }
}
