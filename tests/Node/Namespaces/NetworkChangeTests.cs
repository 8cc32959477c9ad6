using System.Globalization;
using System.Text;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>What a node does when addresses of its machine come and go while it runs.</summary>
[Collection(nameof(NamespaceLab))]
public sealed class NetworkChangeTests(NamespaceLab lab)
{
    // Long enough that no ping of a newcomer and no lookup of the beginning is on its way any more.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("0.0.0.0:0", "45.32.7.9", "45.32.7.10", "44.{0}.9.40")]
    [InlineData("[::]:0", "2a04:8:1:1::1", "2a04:8:1:1::2", "2a03:{0}:9:40::1")]
    public async Task An_address_that_comes_or_goes_has_the_node_look_around_again(string bind, string own, string guest, string peers)
    {
        lab.Require();
        LabSpace home = lab.Space("a");
        home.Use(own);
        RawPeer[] known = RawPeer.At(lab.Space("peers"), Enumerable.Range(1, 6).Select(i => string.Format(CultureInfo.InvariantCulture, peers, i)));
        await using HostedNode node = await home.Host.StartAsync([bind], []);
        Assert.Equal(6, await node.PingAsync(known.Select(peer => peer.Local)));
        HostedSocket before = await node.SocketAsync();
        string self = Encoding.Latin1.GetString(before.IdBytes);

        int asked = await SettledAsync(known, self);
        home.Add(guest);
        Assert.True(await LooksAroundAsync(known, self, asked), "an address came, and the node did not look around");

        asked = await SettledAsync(known, self);
        home.Remove(guest);
        Assert.True(await LooksAroundAsync(known, self, asked), "an address went, and the node did not look around");

        HostedSocket after = await node.SocketAsync();
        Assert.Equal((before.Id, 6), (after.Id, after.Contacts));
        foreach (RawPeer peer in known)
        {
            peer.Dispose();
        }
    }

    /// <summary>Searches for the node's own id, which only joining a network and a rare refresh make.</summary>
    private static int Searches(RawPeer[] peers, string self) =>
        peers.Sum(peer => peer.Received.Count(datagram => datagram.IsQuery && datagram.Text.Contains($"6:target20:{self}", StringComparison.Ordinal)));

    private static async Task<int> SettledAsync(RawPeer[] peers, string self)
    {
        int last = -1, all = peers.Sum(peer => peer.Queries);
        for (DateTime end = DateTime.UtcNow + Patience; all != last; all = peers.Sum(peer => peer.Queries))
        {
            Assert.True(DateTime.UtcNow < end, "the node does not come to rest");
            last = all;
            await Task.Delay(Silence, TestContext.Current.CancellationToken);
        }

        return Searches(peers, self);
    }

    private static async Task<bool> LooksAroundAsync(RawPeer[] peers, string self, int before)
    {
        for (DateTime end = DateTime.UtcNow + Patience; DateTime.UtcNow < end;)
        {
            if (Searches(peers, self) > before)
            {
                return true;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return false;
    }
}
