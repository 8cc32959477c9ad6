using System.Text;
using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Operations;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Nodes;

/// <summary>First-hand reputation, end to end: what counts as a lie, and what follows from it.</summary>
public sealed class ConductTests
{
    private static readonly Ed25519PrivateKey Key = CryptoProvider.Default.Ed25519.ImportSeed(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly Id160 Target = ItemRules.TargetOf(Key.PublicKey, default);
    private static readonly Endpoint Played = Endpoint.V4(0x7F000001, 9000);

    [Fact]
    public void Who_returned_a_forged_value_is_asked_last_and_stores_nothing_until_time_has_passed()
    {
        OperationNetwork net = new();
        Endpoint liar = net.Network.Machines.Where(m => m != net.Asker)
            .MinBy(m => Id160.Xor(m.Dht.StateOf(0).Id, Target), Comparer<Id160>.Create((a, b) => Id160.Compare(a, b)))!.Endpoints[0];
        Assert.True(StoredAt(Put(net, 1), liar));
        Assert.Equal(0, AskedAt(net, liar));

        net.Network.Watch = (from, _, datagram) =>
        {
            int at = datagram.AsSpan().IndexOf("4:true"u8);
            if (from == liar && at > 0)
            {
                "4:fake"u8.CopyTo(datagram.AsSpan(at));
            }
        };
        Recorder get = net.Complete((dht, r) => dht.Get(new(Target), r, net.Now));
        Assert.All(get.Items, found => Assert.Equal("4:true"u8.ToArray(), found.Value));
        net.Network.Watch = null;
        Assert.Equal(1, net.Asker.Dht.Counters.Lies);

        // It is among the eight closest, so that it is asked: after the seven others.
        Assert.InRange(AskedAt(net, liar), 7, 20);
        Recorder put = Put(net, 2);
        Assert.DoesNotContain(put.Nodes, n => n.Endpoint == liar && n.Result != NodeResult.Answered);
        Assert.InRange(put.Report!.Value.Stored, 7, 8);

        net.Network.Run(TimeSpan.FromHours(1));
        Assert.Equal(0, AskedAt(net, liar));
        Assert.True(StoredAt(Put(net, 3), liar));
    }

    [Fact]
    public void An_immutable_value_that_its_target_does_not_name_is_a_lie_and_a_salted_item_that_we_cannot_name_is_not()
    {
        OperationNetwork net = new(nodes: 8);
        byte[] value = "4:true"u8.ToArray();
        net.Complete((dht, r) => dht.Put(new(ItemRules.TargetOf(value), default, false, new(value, default, default, 0, default)), r, net.Now));
        SignedItem salted = OperationNetwork.Sign(Key, "salted", 1, "pepper"u8.ToArray());
        Id160 saltedTarget = ItemRules.TargetOf(Key.PublicKey, "pepper"u8);
        net.Complete((dht, r) => dht.Put(new(saltedTarget, salted.Salt, true, salted), r, net.Now));
        Recorder blind = net.Complete((dht, r) => dht.Get(new(saltedTarget), r, net.Now));
        Assert.Empty(blind.Items);
        Assert.Equal(0, net.Asker.Dht.Counters.Lies);

        net.Network.Watch = (from, _, datagram) =>
        {
            int at = datagram.AsSpan().IndexOf("4:true"u8);
            if (from == net.First && at > 0)
            {
                "4:fake"u8.CopyTo(datagram.AsSpan(at));
            }
        };
        net.Complete((dht, r) => dht.Put(new(ItemRules.TargetOf(value), default, false, new(value, default, default, 0, default)), r, net.Now));
        Assert.Equal(1, net.Asker.Dht.Counters.Lies);
    }

    [Theory]
    [InlineData("d1:rd5:nodes0:e1:t4:TTTT1:y1:re", 1)]
    [InlineData("d1:rd2:id19:abcdefghij012345678e1:t4:TTTT1:y1:re", 1)]
    [InlineData("d1:rd2:id20:IIIIIIIIIIIIIIIIIIIIe1:t4:TTTT1:y1:re", 1)]
    [InlineData("d1:eli201e1:?e1:t4:TTTT1:y1:ee", 0)]
    [InlineData("d1:rd2:id20:abcdefghij0123456789e1:t4:TTTT1:y1:re", 0)]
    public void A_reply_without_an_id_or_with_ours_is_a_lie(string reply, int lies)
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881");
        byte[] own = new byte[20];
        machine.Dht.StateOf(0).Id.Write(own);
        network.Play(Played, (from, datagram) =>
        {
            Assert.True(KrpcParser.TryParse(datagram, out KrpcMessage query));
            string text = reply.Replace("TTTT", Encoding.Latin1.GetString(query.Transaction)).Replace("IIIIIIIIIIIIIIIIIIII", Encoding.Latin1.GetString(own));
            network.Fly(Played, from, Encoding.Latin1.GetBytes(text));
        });
        machine.Dht.AddNode(Played, network.Now);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(lies, machine.Dht.Counters.Lies);
        Assert.Equal(lies == 0 && reply.Contains("abcdefghij", StringComparison.Ordinal) ? 1 : 0, machine.Dht.StateOf(0).Contacts);
    }

    [Fact]
    public void A_liar_enters_no_table_and_nobody_can_be_slandered_by_what_was_not_asked_for()
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881");
        bool lies = true;
        network.Play(Played, (from, datagram) =>
        {
            if (KrpcParser.TryParse(datagram, out KrpcMessage query) && query.Kind == KrpcKind.Query)
            {
                string id = lies ? "" : "2:id20:abcdefghij0123456789";
                network.Fly(Played, from, Encoding.Latin1.GetBytes($"d1:rd{id}e1:t4:{Encoding.Latin1.GetString(query.Transaction)}1:y1:re"));
            }
        });
        foreach (string junk in (string[])["d1:rde1:t4:aaaa1:y1:re", "d1:rde1:t0:1:y1:re", "junk", "d1:eli203e1:?e1:t4:aaaa1:y1:ee"])
        {
            network.Fly(Played, machine.Endpoints[0], Encoding.Latin1.GetBytes(junk));
            network.Run(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(0, machine.Dht.Counters.Lies);
        machine.Dht.AddNode(Played, network.Now);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, machine.Dht.Counters.Lies);

        // It behaves again, and asks us: not yet.
        lies = false;
        byte[] ping = Encoding.Latin1.GetBytes("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t1:x1:y1:qe");
        network.Fly(Played, machine.Endpoints[0], ping);
        machine.Dht.AddNode(Played, network.Now);
        network.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(0, machine.Dht.StateOf(0).Contacts);
        network.Run(TimeSpan.FromHours(1));
        network.Fly(Played, machine.Endpoints[0], ping);
        network.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(1, machine.Dht.StateOf(0).Contacts);
    }

    /// <summary>How many others a lookup of the target asked before this node.</summary>
    private static int AskedAt(OperationNetwork net, Endpoint node)
    {
        List<Endpoint> asked = [];
        net.Network.Watch = (from, to, datagram) =>
        {
            if (from == net.Asker.Endpoints[0] && KrpcParser.TryParse(datagram, out KrpcMessage query) && query.Method == KrpcMethod.FindNode && query.Target == Target)
            {
                asked.Add(to);
            }
        };
        net.Complete((dht, r) => dht.FindNode(Target, default, r, net.Now));
        net.Network.Watch = null;
        return asked.IndexOf(node);
    }

    private static Recorder Put(OperationNetwork net, long sequence) =>
        net.Complete((dht, r) => dht.Put(new(Target, default, true, OperationNetwork.Sign(Key, "true", sequence)), r, net.Now));

    private static bool StoredAt(Recorder put, Endpoint node) => put.Nodes.Any(n => n.Endpoint == node && n.Result == NodeResult.Stored);
}
