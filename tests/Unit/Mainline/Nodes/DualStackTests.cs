using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Nodes;

/// <summary>One node per socket address, one store: BEP 32 and BEP 45.</summary>
public sealed class DualStackTests
{
    private static readonly Id160 InfoHash = Id160.Read("mnopqrstuvwxyz123456"u8);

    private readonly TestNetwork _network = new();

    public DualStackTests()
    {
        for (int i = 0; i < 12; i++)
        {
            TestMachine machine = _network.Add($"127.0.0.{i + 1}:6881");
            _network.AddSocket(machine, Endpoint.V6(0, 1, (ushort)(6881 + i)));

            // Only the first machine's IPv4 endpoint is known: the IPv6 network must be found through the other one.
            machine.Dht.SetRouters([Endpoint.V4(0x7f000001, 6881)], _network.Now);
        }

        _network.Machines[0].Dht.SetRouters([_network.Machines[1].Endpoints[0]], _network.Now);
        _network.Machines[3].Dht.AddNode(_network.Machines[4].Endpoints[1], _network.Now);
        _network.Run(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Each_socket_has_an_id_and_a_table_of_its_own()
    {
        Assert.Equal(24, _network.Machines.SelectMany(m => new[] { m.Dht.StateOf(0).Id, m.Dht.StateOf(1).Id }).Distinct().Count());
        Assert.All(_network.Machines, m => Assert.True(m.Dht.StateOf(0).Contacts >= 8));
    }

    [Fact]
    public void Nodes_of_the_wanted_families_are_named_and_those_of_the_transport_by_default()
    {
        TestMachine machine = _network.Machines[3];
        foreach (string endpoint in new[] { "127.0.0.99:7000", "[::1]:9999" })
        {
            TestPeer peer = new(_network, machine, endpoint);
            foreach (KrpcWant want in new[] { KrpcWant.None, KrpcWant.V4, KrpcWant.V6, KrpcWant.V4 | KrpcWant.V6 })
            {
                KrpcMessage reply = peer.Expect(peer.Ask(new KrpcQuery { Method = KrpcMethod.FindNode, Target = InfoHash, Want = want }));
                KrpcWant expected = want != KrpcWant.None ? want : peer.Endpoint.IsV6 ? KrpcWant.V6 : KrpcWant.V4;
                Assert.Equal((expected.HasFlag(KrpcWant.V4), expected.HasFlag(KrpcWant.V6)), (reply.NodesSlice.Present, reply.Nodes6Slice.Present));
                Assert.Equal(0, reply.NodesSlice.Length % 26);
                Assert.Equal(0, reply.Nodes6Slice.Length % 38);
                Assert.Equal(machine.Dht.StateOf(peer.Endpoint.IsV6 ? 1 : 0).Id, reply.Id);
            }
        }
    }

    [Fact]
    public void Peers_are_stored_once_and_given_to_those_of_their_own_family()
    {
        TestMachine machine = _network.Machines[2];
        TestPeer v4 = new(_network, machine, "127.0.0.99:7000"), v6 = new(_network, machine, "[::1]:9999");
        foreach (TestPeer peer in new[] { v4, v6 })
        {
            peer.Expect(peer.Ask(new KrpcQuery { Method = KrpcMethod.AnnouncePeer, Target = InfoHash, Port = 1, ImpliedPort = true, Token = peer.Token(InfoHash) }));
        }

        Assert.Equal(2, machine.Dht.Counters.Announces);
        foreach (TestPeer peer in new[] { v4, v6 })
        {
            KrpcMessage reply = peer.Expect(peer.Ask(new KrpcQuery { Method = KrpcMethod.GetPeers, Target = InfoHash, Scrape = true, Want = KrpcWant.V4 | KrpcWant.V6 }));
            var values = new CompactPeers(reply.Values);
            Assert.True(values.TryNext(out Endpoint found));
            Assert.Equal(peer.Endpoint, found);
            Assert.False(values.TryNext(out _));
            Assert.InRange(Kadath.Mainline.Queries.ScrapeFilter.Estimate(reply.PeersFilter), 1.9, 2.1);
        }
    }

    [Fact]
    public void A_token_of_one_family_is_worth_nothing_in_the_other()
    {
        TestMachine machine = _network.Machines[2];
        TestPeer v4 = new(_network, machine, "127.0.0.99:7000"), v6 = new(_network, machine, "[::1]:9999");
        byte[] token = v4.Token(InfoHash);
        Assert.Equal(203, TestPeer.ErrorOf(v6.Ask(new KrpcQuery { Method = KrpcMethod.AnnouncePeer, Target = InfoHash, Port = 1, Token = token })));
    }

    [Fact]
    public void Mapped_addresses_and_other_families_get_silence()
    {
        TestMachine machine = _network.Machines[2];
        byte[] ping = System.Text.Encoding.Latin1.GetBytes("d1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi1e1:t2:aa1:y1:qe");
        int sent = machine.Effects.Sent;
        machine.Dht.Receive(1, ping, Endpoint.V6(0, 0xffff_7f00_0001, 7000), _network.Now);
        machine.Dht.Receive(1, ping, Endpoint.V4(0x7f000001, 7000), _network.Now);
        machine.Dht.Receive(0, ping, Endpoint.V6(0, 1, 7000), _network.Now);
        machine.Dht.Receive(0, ping, Endpoint.V4(0xe0000001, 7000), _network.Now);
        machine.Dht.Receive(0, ping, Endpoint.V4(0x7f000009, 0), _network.Now);
        Assert.Equal(sent, machine.Effects.Sent);
        machine.Dht.Receive(0, ping, Endpoint.V4(0x7f000009, 1), _network.Now);
        Assert.Equal(sent + 1, machine.Effects.Sent);
    }
}
