using System.Net;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop;

/// <summary>The peers and their driver, without Kadath: what fails here is no fault of Kadath's.</summary>
public sealed class ForeignPeerTests
{
    public static TheoryData<string> Peers => [.. PeerCatalog.Names];

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_foreign_node_starts_answers_a_ping_and_ends_when_disposed(string name)
    {
        Assert.SkipWhen(PeerHome.Missing(name) is not null, $"{name}: {PeerHome.Missing(name)}");
        IPEndPoint at = Ports.Free(PeerCatalog.Address(name, 1));
        ForeignPeer peer = await PeerCatalog.StartAsync(name, at);
        await using (RawNode raw = new(IPAddress.Parse(PeerCatalog.Address(name, 2))))
        {
            RawReply? pong = await raw.AskAsync(at, "ping");
            Assert.Equal(20, pong?.Values?.Bytes("id")?.Length);
            await peer.DisposeAsync();
            Assert.Null(await raw.AskAsync(at, "ping", limit: TimeSpan.FromMilliseconds(400)));
        }
    }

    [Fact]
    public async Task Foreign_nodes_find_what_other_foreign_nodes_store()
    {
        string[] needed = [BittorrentDht.PeerName, Libtorrent.PeerName];
        Assert.SkipWhen(needed.Any(name => PeerHome.Missing(name) is not null), "needs bittorrent-dht and libtorrent");
        await using BittorrentDht bt = await BittorrentDht.StartAsync(Ports.Free("127.0.40.1"), []);
        await using Libtorrent lt = await Libtorrent.StartAsync(Ports.Free("127.0.40.2"), [bt.Endpoint]);
        await bt.MeetAsync(lt.Endpoint);

        ForeignPut put = await bt.PutImmutableAsync("by bittorrent-dht");
        Assert.Equal("by bittorrent-dht", (await lt.GetImmutableAsync(put.Target!))?.Text);

        string hash = RawOperations.RandomKey();
        await lt.AnnounceAsync(hash, 0);
        await Eventually.TrueAsync(async () => (await bt.GetPeersAsync(hash)).Contains(lt.Endpoint), "bittorrent-dht finds what libtorrent announced");
    }
}
