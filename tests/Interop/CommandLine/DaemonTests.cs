using System.Net;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.CommandLine;

/// <summary><c>kadath up</c> joins a network of foreign nodes, and commands use that daemon.</summary>
public sealed class DaemonTests
{
    [Fact]
    public async Task A_daemon_joins_a_foreign_network_and_serves_every_command()
    {
        string[] needed = [BittorrentDht.PeerName, Libtorrent.PeerName];
        Assert.SkipWhen(needed.Any(name => PeerHome.Missing(name) is not null), "needs bittorrent-dht and libtorrent");
        await using BittorrentDht bt = await BittorrentDht.StartAsync(Ports.Free("127.0.50.1"), []);
        await using Libtorrent lt = await Libtorrent.StartAsync(Ports.Free("127.0.50.2"), [bt.Endpoint]);
        await bt.MeetAsync(lt.Endpoint);
        await using RawNode raw = new(IPAddress.Parse("127.0.50.10"));
        await using Daemon daemon = await Daemon.UpAsync("127.0.50.3", bt.Endpoint);

        await Eventually.TrueAsync(
            async () => (await Cli.RunAsync(daemon.Folder, "status"))["nodes"][0].GetProperty("contacts").GetInt32() >= 2, "the daemon has both foreign nodes in its table");

        await TorrentsAsync(daemon, bt, raw);
        await ValuesAsync(daemon, bt, lt);

        CliResult sample = await daemon.RunAsync("sample", lt.Endpoint.ToString());
        Assert.True(sample.Code == 0 && sample["samples"].GetArrayLength() > 0, $"{sample}");
        CliResult ping = await daemon.RunAsync("ping", lt.Endpoint.ToString());
        Assert.True(ping.Code == 0 && ping["version"].GetString()!.StartsWith("LT", StringComparison.Ordinal), $"{ping}");
    }

    private static async Task TorrentsAsync(Daemon daemon, BittorrentDht bt, RawNode raw)
    {
        string hash = RawOperations.RandomKey();
        CliResult announce = await daemon.RunAsync("announce", hash, "--port", "4567");
        Assert.True(announce.Code == 0 && announce["accepted"].GetInt32() >= 2 && announce["via"].GetString() == "daemon", $"{announce}");
        IPEndPoint announced = new(daemon.Endpoint.Address, 4567);
        Assert.Contains(announced, await bt.GetPeersAsync(hash));

        CliResult peers = await daemon.RunAsync("peers", hash);
        Assert.True(peers.Code == 0 && peers["peers"].EnumerateArray().Any(peer => peer.GetString() == announced.ToString()), $"{peers}");
        CliResult scrape = await daemon.RunAsync("scrape", hash);
        Assert.True(scrape.Code == 0 && Math.Round(scrape["peers"].GetDouble()) == 1, $"{scrape}");

        string other = RawOperations.RandomKey();
        await bt.AnnounceAsync(other, 7654);
        Assert.Contains(new IPEndPoint(bt.Endpoint.Address, 7654), await raw.PeersAsync(daemon.Endpoint, other));
    }

    private static async Task ValuesAsync(Daemon daemon, BittorrentDht bt, Libtorrent lt)
    {
        CliResult put = await daemon.RunAsync("put", "from the daemon");
        Assert.True(put.Code == 0 && put["stored"].GetInt32() >= 2, $"{put}");
        Assert.Equal("from the daemon", (await lt.GetImmutableAsync(put["target"].GetString()!))?.Text);
        ForeignPut theirs = await bt.PutImmutableAsync("from bittorrent-dht");
        CliResult get = await daemon.RunAsync("get", theirs.Target!);
        Assert.True(get.Code == 0 && get["text"].GetString() == "from bittorrent-dht", $"{get}");
    }
}
