using Kadath.Primitives;
using Kadath.Simulator;
using Kadath.Simulator.Events;
using Kadath.Simulator.Nats;
using Xunit;

namespace Kadath.Tests.Unit.Simulator.Nats;

/// <summary>What each kind of NAT lets in, and for how long.</summary>
public sealed class NatBoxTests
{
    private static readonly Endpoint s_external = Endpoint.V4(0x08080801, 6881);
    private static readonly Endpoint s_peer = Endpoint.V4(0x09090901, 1000);
    private static readonly Endpoint s_otherPort = Endpoint.V4(0x09090901, 2000);
    private static readonly Endpoint s_stranger = Endpoint.V4(0x0A0A0A01, 1000);

    private ushort _drawn = 40_000;

    [Theory]
    [InlineData(NatKind.FullCone, true, true)]
    [InlineData(NatKind.AddressRestricted, true, false)]
    [InlineData(NatKind.PortRestricted, false, false)]
    [InlineData(NatKind.Symmetric, false, false)]
    public void Besides_whom_the_node_sent_to_a_kind_lets_in(NatKind kind, bool otherPort, bool stranger)
    {
        NatBox box = Box(kind);
        Assert.False(box.TryReceive(s_peer, s_external.Port, At(0)));
        Assert.True(box.TrySend(s_peer, At(0), out Endpoint seen));
        Assert.True(box.TryReceive(s_peer, seen.Port, At(1)));
        Assert.Equal(otherPort, box.TryReceive(s_otherPort, seen.Port, At(1)));
        Assert.Equal(stranger, box.TryReceive(s_stranger, seen.Port, At(1)));
        Assert.False(box.TryReceive(s_peer, (ushort)(seen.Port + 1), At(1)));
    }

    [Theory]
    [InlineData(NatKind.FullCone)]
    [InlineData(NatKind.AddressRestricted)]
    [InlineData(NatKind.PortRestricted)]
    [InlineData(NatKind.Symmetric)]
    public void What_is_open_closes_after_thirty_seconds_of_silence_either_way(NatKind kind)
    {
        NatBox box = Box(kind);
        Assert.True(box.TrySend(s_peer, At(0), out Endpoint seen));
        Assert.True(box.TryReceive(s_peer, seen.Port, At(29)));
        Assert.True(box.TrySend(s_peer, At(58), out Endpoint again));
        Assert.Equal(seen, again);
        Assert.True(box.Admits(s_peer, seen.Port, At(87)));
        Assert.False(box.TryReceive(s_peer, seen.Port, At(88)));
    }

    [Theory]
    [InlineData(NatKind.FullCone, true)]
    [InlineData(NatKind.AddressRestricted, true)]
    [InlineData(NatKind.PortRestricted, true)]
    [InlineData(NatKind.Symmetric, false)]
    public void All_peers_see_one_port_unless_the_box_is_symmetric(NatKind kind, bool one)
    {
        NatBox box = Box(kind);
        Assert.True(box.TrySend(s_peer, At(0), out Endpoint seen));
        Assert.True(box.TrySend(s_stranger, At(1), out Endpoint other));
        Assert.True(box.TrySend(s_peer, At(60), out Endpoint later));
        Assert.Equal(one, seen == other);
        Assert.Equal(one, seen == later);
        Assert.True(seen.SameAddress(s_external));
    }

    [Fact]
    public void There_is_no_hairpin()
    {
        NatBox box = Box(NatKind.FullCone);
        Assert.True(box.TrySend(s_peer, At(0), out _));
        Assert.False(box.TrySend(s_external.WithPort(1234), At(0), out _));
        Assert.False(box.TryReceive(s_external.WithPort(1234), s_external.Port, At(1)));
    }

    [Fact]
    public void A_full_box_takes_no_more_peers_until_old_ones_have_been_silent()
    {
        NatBox box = Box(NatKind.Symmetric);
        for (uint i = 0; i < NatBox.MaxOpenings; i++)
        {
            Assert.True(box.TrySend(Endpoint.V4(0x09000000 + i, 1000), At(0), out _));
        }

        Assert.False(box.TrySend(s_stranger, At(29), out _));
        Assert.True(box.TrySend(Endpoint.V4(0x09000000, 1000), At(29), out _));
        Assert.True(box.TrySend(s_stranger, At(30), out _));
        Assert.Equal(2, box.Count);
        Assert.Equal(40_000 + NatBox.MaxOpenings, _drawn);
    }

    private static long At(int seconds) => SimClock.Origin + SimClock.Quanta(TimeSpan.FromSeconds(seconds));

    private NatBox Box(NatKind kind) => new(kind, s_external, () => s_external.WithPort(_drawn++));
}
