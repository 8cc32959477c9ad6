using Kadath.Primitives;
using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Unit.Simulator.Nats;

/// <summary>NATs in the packet network: who reaches whom.</summary>
public sealed class NattedNetworkTests
{
    [Theory]
    [InlineData(NatKind.None, true)]
    [InlineData(NatKind.FullCone, false)]
    [InlineData(NatKind.AddressRestricted, false)]
    [InlineData(NatKind.PortRestricted, false)]
    [InlineData(NatKind.Symmetric, false)]
    public void A_node_behind_a_NAT_reaches_others_and_is_reached_only_where_it_spoke_first(NatKind kind, bool reachedAtOnce)
    {
        Mouth[] mouths = Three(out KademliaNetwork network);
        network.SetNat(1, kind);
        Endpoint known = network.EndpointOf(1);

        Say(network, 0, known);
        Assert.Equal(reachedAtOnce ? 1 : 0, mouths[1].Heard.Count);
        Say(network, 1, network.EndpointOf(0));
        Endpoint seen = Assert.Single(mouths[0].Heard);
        Assert.Equal(kind != NatKind.Symmetric, seen == known);

        mouths[1].Heard.Clear();
        Say(network, 0, seen);
        Say(network, 2, seen);
        Assert.Equal(kind is NatKind.None or NatKind.FullCone ? 2 : 1, mouths[1].Heard.Count);
        Assert.Equal(kind is NatKind.None or NatKind.FullCone, network.Packets.WouldPass(2, seen));
        Assert.True(network.Packets.WouldPass(0, seen));

        mouths[1].Heard.Clear();
        network.Run(TimeSpan.FromSeconds(31));
        Assert.Equal(reachedAtOnce, network.Packets.WouldPass(0, seen));
        Say(network, 0, seen);
        Assert.Equal(reachedAtOnce ? 1 : 0, mouths[1].Heard.Count);
    }

    [Fact]
    public void Two_symmetric_NATs_never_let_each_other_in()
    {
        Mouth[] mouths = Three(out KademliaNetwork network);
        network.SetNat(1, NatKind.Symmetric);
        network.SetNat(2, NatKind.Symmetric);
        Say(network, 1, network.EndpointOf(0));
        Say(network, 2, network.EndpointOf(0));
        (Endpoint one, Endpoint two) = (mouths[0].Heard[0], mouths[0].Heard[1]);
        for (int i = 0; i < 3; i++)
        {
            Say(network, 1, two);
            Say(network, 2, one);
        }

        Assert.Empty(mouths[1].Heard);
        Assert.Empty(mouths[2].Heard);
        Assert.False(network.Packets.WouldPass(1, two));
    }

    [Fact]
    public void Shares_of_the_options_are_those_of_the_nodes_and_node_0_has_none()
    {
        var network = KademliaNetwork.Create(5, new() { Nats = new() { FullConePerMille = 100, AddressRestrictedPerMille = 200, PortRestrictedPerMille = 300, SymmetricPerMille = 400 } });
        int[] counts = new int[5];
        for (int i = 0; i < 2_001; i++)
        {
            counts[(int)network.NatOf(network.Add())]++;
        }

        Assert.Equal(1, counts[0]);
        Assert.Equal(NatKind.None, network.NatOf(0));
        Assert.All((int[])[1, 2, 3, 4], kind => Assert.InRange(counts[kind], (200 * kind) - 80, (200 * kind) + 80));
        Assert.Throws<ArgumentException>(() => KademliaNetwork.Create(5, new() { Nats = new() { FullConePerMille = 600, SymmetricPerMille = 401 } }));
    }

    private static Mouth[] Three(out KademliaNetwork network)
    {
        KademliaNetwork made = network = KademliaNetwork.Create(3, new() { Addresses = AddressOptions.Scattered });
        return [.. Enumerable.Range(0, 3).Select(_ =>
        {
            Mouth mouth = new();
            made.Packets.Start(made.Add(), mouth);
            return mouth;
        })];
    }

    private static void Say(KademliaNetwork network, int node, Endpoint to)
    {
        network.Packets.Do(node, _ =>
        {
            "hello"u8.CopyTo(network.Sink.Rent(0));
            network.Sink.Send(0, 5, to);
        });
        network.Run(TimeSpan.FromSeconds(2));
    }

    private sealed class Mouth : IDatagramMachine
    {
        public List<Endpoint> Heard { get; } = [];

        public Instant NextDeadline => Instant.Never;

        public void Receive(int socket, ReadOnlySpan<byte> datagram, in Endpoint from, Instant now) => Heard.Add(from);

        public void Wake(Instant now)
        {
        }
    }
}
