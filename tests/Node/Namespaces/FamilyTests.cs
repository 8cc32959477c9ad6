using System.Net;
using System.Net.Sockets;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>IPv4 and IPv6 side by side, between namespaces.</summary>
[Collection(nameof(NamespaceLab))]
public sealed class FamilyTests(NamespaceLab lab)
{
    [Fact]
    public async Task Dual_stack_nodes_in_two_namespaces_find_each_other_and_what_they_keep_in_both_families()
    {
        lab.Require();
        List<HostedNode> nodes = [];
        for (int i = 0; i < 8; i++)
        {
            LabSpace space = lab.Space(i % 2 == 0 ? "a" : "b");
            (string v4, string v6) = ($"45.{100 + i}.3.1", $"2a05:d0{i}0:1:{i}::1");
            space.Add(v4, v6);
            nodes.Add(await space.Host.StartAsync([$"{v4}:0", $"[{v6}]:0"], i == 0 ? [] : nodes[0].Local.Select(endpoint => endpoint.ToString())));
        }

        Endpoint[] all = [.. nodes.SelectMany(node => node.Local)];
        foreach (HostedNode node in nodes)
        {
            // Itself it pings too: what it answers there is for the table to sort out.
            Assert.InRange(await node.PingAsync(all), 14, 16);
            Assert.True(await KnowsAsync(node, 0, 7) && await KnowsAsync(node, 1, 7), $"{node.Local[0]} does not know the others");
        }

        Id160 infoHash = Id160.Read(Enumerable.Repeat((byte)0xC3, 20).ToArray());
        Assert.InRange(await nodes[1].AnnounceAsync(infoHash, 7777), 8, 16);
        Endpoint[] peers = await nodes[6].GetPeersAsync(infoHash);
        Assert.Equal([nodes[1].Local[0].WithPort(7777), nodes[1].Local[1].WithPort(7777)], peers.Order());
        Assert.InRange(await nodes[4].ScrapeAsync(infoHash), 1, 3);

        (Id160 target, int stored) = await nodes[3].PutAsync("over both families");
        Assert.InRange(stored, 4, 16);
        Assert.Equal("over both families", await nodes[2].GetAsync(target));

        // Whoever has IPv6 alone finds the IPv6 half.
        lab.Space("b").Add("2a05:dff0:1:1::1");
        HostedNode six = await lab.Space("b").Host.StartAsync(["[2a05:dff0:1:1::1]:0"], [nodes[0].Local[1].ToString()]);
        Assert.True(await KnowsAsync(six, 0, 4));
        Assert.Equal([nodes[1].Local[1].WithPort(7777)], await six.GetPeersAsync(infoHash));
        Assert.Equal("over both families", await six.GetAsync(target));
        await six.DisposeAsync();
        foreach (HostedNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Wildcards_of_both_families_share_a_port_and_an_IPv6_one_takes_IPv6_only()
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use("45.32.7.9", "2a01:4f8:77:9::5");
        RawPeer v4 = RawPeer.At(lab.Space("peers"), "44.61.1.1"), v6 = RawPeer.At(lab.Space("peers"), "2a03:1:2:1::1");
        await using (HostedNode both = await home.Host.StartAsync(["0.0.0.0:0", "[::]:0"], []))
        {
            Assert.Equal(both.Local[0].Port, both.Local[1].Port);
            string first = await v4.AskAsync(Endpoint.V4(0x2D200709, both.Local[0].Port), "ping"), second = await v6.AskAsync(V6(both.Local[1].Port), "ping");
            Assert.NotEqual(RawDatagram.Field(first, "id"), RawDatagram.Field(second, "id"));
        }

        await using HostedNode six = await home.Host.StartAsync(["[::]:0"], []);
        using Socket sister = home.Bind(new IPEndPoint(IPAddress.Any, six.Only.Port))[0];
        await v6.AskAsync(V6(six.Only.Port), "ping");
        await Assert.ThrowsAsync<TimeoutException>(() => v4.AskAsync(Endpoint.V4(0x2D200709, six.Only.Port), "ping", "", 0.5));
        Assert.True(sister.Available > 0);
        v4.Dispose();
        v6.Dispose();

        static Endpoint V6(ushort port) => Endpoint.V6(0x2a0104f800770009, 5, port);
    }

    private static async Task<bool> KnowsAsync(HostedNode node, int socket, int contacts)
    {
        for (int i = 0; i < 200; i++)
        {
            if ((await node.SocketAsync(socket)).Contacts >= contacts)
            {
                return true;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        return false;
    }
}
