using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>Scopes: a socket sends to nobody outside its own, whatever it is told.</summary>
[Collection(nameof(NamespaceLab))]
public sealed class ScopeTests(NamespaceLab lab)
{
    private static readonly byte[] AnyId = SecureIds.For(Endpoint.V4(0x2C010101, 1), 3, 0x77);

    [Theory]
    [InlineData("0.0.0.0:0", "", "Global")]
    [InlineData("0.0.0.0:0", "127.0.0.1:9", "Loopback")]
    [InlineData("0.0.0.0:0", "10.1.1.1:9 192.168.1.1:9", "Private")]
    [InlineData("0.0.0.0:0", "169.254.1.1:9", "LinkLocal")]
    [InlineData("0.0.0.0:0", "10.1.1.1:9 44.1.1.1:9", "Global")]
    [InlineData("0.0.0.0:0", "10.1.1.1:9 127.0.0.1:9", "Global")]
    [InlineData("[::]:0", "[::1]:9", "Loopback")]
    [InlineData("10.7.0.9:0", "", "Global")]
    [InlineData("10.7.0.9:0", "10.1.1.1:9", "Private")]
    [InlineData("127.0.0.1:0", "44.1.1.1:9", "Loopback")]
    [InlineData("169.254.6.6:0", "44.1.1.1:9", "LinkLocal")]
    [InlineData("45.32.7.9:0", "127.0.0.1:9", "Global")]
    public async Task A_socket_has_the_scope_of_its_address_or_of_where_it_begins(string bind, string bootstrap, string scope)
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9", "10.7.0.9", "169.254.6.6");
        await using HostedNode node = await home.Host.StartAsync([bind], bootstrap.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(scope, (await node.SocketAsync()).Scope);
    }

    [Fact]
    public async Task A_global_socket_sends_nothing_to_narrower_scopes_multicast_or_port_0_whoever_names_them()
    {
        lab.Require();
        LabSpace home = lab.Space("a"), peers = lab.Space("peers");
        home.Use("45.32.7.9");
        RawPeer control = RawPeer.At(home, "45.32.7.9");
        RawPeer[] forbidden =
        [
            RawPeer.At(home, "127.0.0.1"), .. RawPeer.At(peers, ["169.254.9.9", "10.9.8.7", "172.16.4.4", "192.168.7.7", "100.64.1.1"]),
            RawPeer.AtGroup(peers, "239.1.2.3"),
        ];
        RawPeer liar = RawPeer.At(peers, "44.60.1.1"), honest = RawPeer.At(peers, "44.60.3.1"), stranger = RawPeer.At(peers, "44.60.4.1");
        liar.Nodes = string.Concat(forbidden.Select(peer => RawPeer.CompactNode(AnyId, peer.Local)))
            + RawPeer.CompactNode(AnyId, Endpoint.V4(0x2C3C0301, 0)) + RawPeer.CompactNode(AnyId, Endpoint.V4(0xFFFFFFFF, 6881)) + honest.Compact;
        await ShowsReachableAsync(control, forbidden);

        await using HostedNode node = await home.Host.StartAsync(["45.32.7.9:0"], [liar.Local.ToString()]);
        // Who asks and has another scope is answered and no more; a stranger of our own is asked in turn.
        await forbidden[2].AskAsync(node.Only, "ping");
        await stranger.AskAsync(node.Only, "ping");
        Assert.True(await stranger.WasAskedAsync(1, 20), "a node that asked was never asked itself");

        await node.PingAsync([liar.Local]);
        await node.FindNodeAsync(Id160.Read(AnyId));
        Assert.True(await honest.WasAskedAsync(1), "the honest node of the same reply was not asked");
        Assert.Equal(0, await node.PingAsync(forbidden.Select(peer => peer.Local), 0.3));

        Assert.All(forbidden, peer => Assert.Equal(0, peer.Queries));
        Assert.Equal(0, (await node.StatusAsync()).SendFailed);
        Dispose([control, liar, honest, stranger, .. forbidden]);
    }

    [Fact]
    public async Task An_IPv6_socket_drops_mapped_local_and_multicast_contacts()
    {
        lab.Require();
        LabSpace home = lab.Space("a"), peers = lab.Space("peers");
        home.Use("2a01:4f8:77:9::5", "fd00:9::9");
        RawPeer control = RawPeer.At(home, "2a01:4f8:77:9::5");
        RawPeer[] forbidden = [RawPeer.At(home, "::1"), RawPeer.At(peers, "fd00:9::7")];
        RawPeer mapped = RawPeer.At(peers, "44.60.5.1"), liar = RawPeer.At(peers, "2a03:1:1:1::1"), honest = RawPeer.At(peers, "2a03:1:1:2::1");
        Endpoint[] never =
        [
            .. forbidden.Select(peer => peer.Local), Parse($"[::ffff:44.60.5.1]:{mapped.Local.Port}"), Parse("[fe80::7]:6881"), Parse("[ff02::1]:6881"),
            Parse("[2a03:1:1:2::1]:0"), Parse("[::]:6881"),
        ];
        Assert.All(never, endpoint => Assert.True(endpoint.IsV6));
        liar.Nodes6 = string.Concat(never.Select(endpoint => RawPeer.CompactNode(AnyId, endpoint))) + honest.Compact;
        await ShowsReachableAsync(control, forbidden);

        await using HostedNode node = await home.Host.StartAsync(["[2a01:4f8:77:9::5]:0"], [liar.Local.ToString()]);
        await node.PingAsync([liar.Local]);
        Endpoint[] found = await node.FindNodeAsync(Id160.Read(AnyId));
        Assert.True(await honest.WasAskedAsync(1), "the honest node of the same reply was not asked");
        Assert.Empty(found.Intersect(never));
        Assert.All([.. forbidden, mapped], peer => Assert.Equal(0, peer.Queries));
        HostedStatus status = await node.StatusAsync();
        Assert.Equal((0, 2), (status.SendFailed, status.Sockets[0].Contacts));
        Dispose([control, mapped, liar, honest, .. forbidden]);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.2")]
    [InlineData("169.254.6.6", "169.254.6.7")]
    public async Task A_socket_of_a_narrow_scope_accepts_that_scope_only(string address, string fellow)
    {
        lab.Require();
        LabSpace home = lab.Space("quiet"), peers = lab.Space("peers");
        home.Use(address, fellow, "45.33.1.1");
        RawPeer control = RawPeer.At(home, "45.33.1.1"), liar = RawPeer.At(home, fellow), honest = RawPeer.At(home, fellow);
        RawPeer[] forbidden = [control, .. RawPeer.At(peers, ["44.60.6.1", "10.9.8.7"])];
        liar.Nodes = string.Concat(forbidden.Select(peer => RawPeer.CompactNode(AnyId, peer.Local))) + honest.Compact;
        await ShowsReachableAsync(control, forbidden);

        long before = home.PacketsSent("eth0");
        await using HostedNode node = await home.Host.StartAsync([$"{address}:0"], ["44.60.6.1:6881", liar.Local.ToString()]);
        await node.PingAsync([liar.Local]);
        await node.FindNodeAsync(Id160.Read(AnyId));
        Assert.True(await honest.WasAskedAsync(1), "the honest node of the same reply was not asked");
        Assert.All(forbidden, peer => Assert.Equal(0, peer.Queries));
        Assert.Equal(before, home.PacketsSent("eth0"));
        HostedStatus status = await node.StatusAsync();
        Assert.Equal((0, address == "127.0.0.1"), (status.SendFailed, status.SentOutsideLoopback == 0));
        Dispose([liar, honest, .. forbidden]);
    }

    [Theory]
    [InlineData("127.0.0.1:0", null, 0)]
    [InlineData("169.254.6.6:0", null, 0)]
    [InlineData("[::1]:0", "one.example.org:6881", 0)]
    [InlineData("127.0.0.1:0", "two.example.org:6881", 0)]
    [InlineData("0.0.0.0:0", "router.example.org:6881", 1)]
    public async Task Who_is_bound_to_local_addresses_only_has_no_routers_and_resolves_no_name(string bind, string? bootstrap, int packets)
    {
        lab.Require();
        LabSpace home = lab.Space("quiet");
        home.Use("169.254.6.6", "45.33.1.1");
        long before = Packets();
        await using HostedNode node = await home.Host.StartAsync([bind], bootstrap is null ? null : [bootstrap]);
        for (int i = 0; i < (packets == 0 ? 5 : 100) && Packets() == before; i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        HostedStatus status = await node.StatusAsync();
        Assert.Equal(0, status.Sent);
        Assert.Equal(bootstrap is null ? [] : [bootstrap], status.Routers);
        // The last case is there to show that a resolver would have been heard.
        Assert.Equal(packets, Math.Sign(Packets() - before));

        long Packets() => home.PacketsSent("eth0") + home.PacketsSent("lo");
    }

    /// <summary>What shall receive nothing would receive it: else the silence proves nothing.</summary>
    private static async Task ShowsReachableAsync(RawPeer from, RawPeer[] listeners)
    {
        foreach (RawPeer listener in listeners)
        {
            await from.SendAsync(listener.Local, "hello");
            for (int i = 0; i < 100 && listener.Received.Count == 0; i++)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.True(listener.Received.Count == 1, $"{listener.Local} cannot be reached at all");
        }
    }

    private static Endpoint Parse(string text) => Endpoint.TryParse(text, out Endpoint endpoint) ? endpoint : throw new FormatException(text);

    private static void Dispose(RawPeer[] peers) => Array.ForEach(peers, peer => peer.Dispose());
}
