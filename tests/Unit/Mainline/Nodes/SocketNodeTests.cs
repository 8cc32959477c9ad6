using System.Text;
using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Nodes;

public sealed class SocketNodeTests
{
    private static readonly Endpoint Peer = Endpoint.V4(0x7f000001, 7777);

    [Fact]
    public void A_ping_is_answered_with_our_id_its_transaction_and_its_address()
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881");
        byte[] reply = Ask(network, machine, "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t3:xyz1:y1:qe");
        Assert.True(KrpcParser.TryParse(reply, out KrpcMessage pong));
        Assert.Equal(KrpcKind.Response, pong.Kind);
        Assert.True(pong.Transaction.SequenceEqual("xyz"u8));
        Assert.Equal(machine.Dht.StateOf(0).Id, pong.Id);
        Assert.True(Endpoint.TryReadCompact(pong.External, out Endpoint seen) && seen == Peer);
        Assert.True(BencodeReader.IsCanonical(reply));
    }

    [Theory]
    [InlineData("d1:ad2:id19:abcdefghij012345678e1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:ade1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q9:find_node1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe", 204)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:t2:aa1:y1:qe", 204)]
    public void Wrong_arguments_get_an_error(string query, int code)
    {
        TestNetwork network = new();
        byte[] reply = Ask(network, network.Add("127.0.0.1:6881"), query);
        Assert.True(KrpcParser.TryParse(reply, out KrpcMessage error));
        Assert.Equal((KrpcKind.Error, (ushort)code), (error.Kind, error.ErrorCode));
        Assert.True(error.ExternalSlice.Present && error.Transaction.SequenceEqual("aa"u8));
    }

    [Theory]
    [InlineData("d1:q4:ping1:t2:aae")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t0:1:y1:qe")]
    [InlineData("d1:rd2:id20:abcdefghij0123456789e1:t4:aaaa1:y1:re")]
    [InlineData("d1:eli201e3:abce1:t4:aaaa1:y1:ee")]
    [InlineData("hello, I am no bencode at all")]
    public void Junk_and_answers_to_nothing_get_silence_and_are_counted(string datagram)
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881");
        Assert.Empty(Ask(network, machine, datagram));
        Assert.Equal(1, machine.Dht.Counters.Dropped);
    }

    [Fact]
    public void A_read_only_node_answers_nothing()
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881", new() { ReadOnly = true });
        Assert.Empty(Ask(network, machine, "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"));
    }

    [Fact]
    public void Nodes_that_know_one_of_them_find_each_other()
    {
        TestNetwork network = Connected(20);
        foreach (TestMachine machine in network.Machines)
        {
            Assert.InRange(machine.Dht.StateOf(0).Contacts, 8, 19);
            Assert.True(machine.Dht.StateOf(0).Bootstrapped);
            Assert.Contains(machine.Effects.Events, e => e.Kind == MainlineEventKind.Bootstrapped);
        }
    }

    [Fact]
    public void A_find_node_names_the_eight_closest_that_live()
    {
        TestNetwork network = Connected(20);
        TestMachine machine = network.Machines[3];
        Id160 target = network.Machines[7].Dht.StateOf(0).Id;
        byte[] query = new byte[200];
        int length = new KrpcQuery { Method = KrpcMethod.FindNode, Target = target }.Encode(query, target, 1, readOnly: true);
        byte[] reply = Ask(network, machine, query[..length]);
        Assert.True(KrpcParser.TryParse(reply, out KrpcMessage found));
        Assert.Equal(8 * 26, found.NodesSlice.Length);
        Assert.False(found.Nodes6Slice.Present);
        HashSet<Id160> closest = [.. network.Machines.Select(m => m.Dht.StateOf(0).Id).OrderBy(id => NodeIds.ToHex(Id160.Xor(id, target)), StringComparer.Ordinal).Take(8)];
        int hits = 0;
        var nodes = new CompactNodes(found.Nodes, v6: false);
        Id160 previous = Id160.Read(found.Nodes);
        while (nodes.TryNext(out var contact))
        {
            Assert.True(NodeIds.CompareDistance(target, previous, contact.Id) <= 0);
            Assert.Contains(network.Machines, m => m.Endpoints[0] == contact.Handle && m.Dht.StateOf(0).Id == contact.Id);
            previous = contact.Id;
            hits += closest.Contains(contact.Id) ? 1 : 0;
        }

        Assert.InRange(hits, 5, 8);
    }

    [Fact]
    public void Who_queries_enters_the_table_only_after_answering_a_ping_and_read_only_nodes_never()
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881");
        int pings = 0;
        network.Play(Peer, (from, datagram) =>
        {
            if (KrpcParser.TryParse(datagram, out KrpcMessage message) && message.Kind == KrpcKind.Query)
            {
                pings++;
                byte[] reply = new byte[300];
                var writer = new BencodeWriter(reply);
                ReplyWriter.Begin(ref writer, from);
                ReplyWriter.Id(ref writer, Id160.Read("abcdefghij0123456789"u8));
                ReplyWriter.End(ref writer, message.Transaction);
                network.Fly(Peer, from, reply[..writer.Length]);
            }
        });
        network.Fly(Peer, machine.Endpoints[0], Encoding.Latin1.GetBytes("d1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi1e1:t2:aa1:y1:qe"));
        network.Run(TimeSpan.FromSeconds(60));
        Assert.Equal(0, pings);
        Assert.Equal(0, machine.Dht.StateOf(0).Contacts);
        machine.Dht.AddNode(Peer, network.Now);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, machine.Dht.StateOf(0).Contacts);
    }

    [Fact]
    public void Endpoints_of_another_scope_or_family_are_never_asked()
    {
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881");
        foreach (string other in new[] { "10.0.0.1:6881", "8.8.8.8:6881", "[::1]:6881", "[::ffff:127.0.0.1]:6881", "224.0.0.1:6881", "127.0.0.1:0" })
        {
            Assert.True(Endpoint.TryParse(other, out Endpoint endpoint));
            machine.Dht.AddNode(endpoint, network.Now);
            machine.Dht.SetRouters([endpoint], network.Now);
            network.Run(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(0, machine.Effects.Sent);
    }

    [Fact]
    public void Who_leaves_for_good_is_forgotten_and_nobody_names_it()
    {
        TestNetwork network = Connected(20);
        TestMachine gone = network.Machines[4];
        Id160 id = gone.Dht.StateOf(0).Id;
        network.Remove(gone);
        network.Run(TimeSpan.FromHours(3));
        byte[] query = new byte[200];
        int length = new KrpcQuery { Method = KrpcMethod.FindNode, Target = id }.Encode(query, id, 1, readOnly: true);
        foreach (TestMachine machine in network.Machines)
        {
            byte[] reply = Ask(network, machine, query[..length]);
            Assert.True(KrpcParser.TryParse(reply, out KrpcMessage found) && found.NodesSlice.Length == 8 * 26);
            Assert.True(found.Nodes.IndexOf(query.AsSpan(12, 20)) < 0);
        }

        Assert.Contains(network.Machines, m => m.Effects.Events.Any(e => e.Kind == MainlineEventKind.NodeLost && e.Id == id));
    }

    private static TestNetwork Connected(int count)
    {
        TestNetwork network = new();
        for (int i = 0; i < count; i++)
        {
            TestMachine machine = network.Add($"127.0.0.{i + 1}:{6881 + i}");
            machine.Dht.SetRouters([network.Machines[Math.Max(0, i - 1)].Endpoints[0]], network.Now);
        }

        network.Machines[0].Dht.SetRouters([network.Machines[^1].Endpoints[0]], network.Now);
        network.Run(TimeSpan.FromMinutes(20));
        return network;
    }

    private static byte[] Ask(TestNetwork network, TestMachine machine, string query) => Ask(network, machine, Encoding.Latin1.GetBytes(query));

    private static byte[] Ask(TestNetwork network, TestMachine machine, byte[] query)
    {
        byte[] reply = [];
        network.Play(Peer, (_, datagram) => reply = KrpcParser.TryParse(datagram, out KrpcMessage message) && message.Kind != KrpcKind.Query ? datagram : reply);
        network.Fly(Peer, machine.Endpoints[0], query);
        network.Run(TimeSpan.FromMilliseconds(30));
        return reply;
    }
}
