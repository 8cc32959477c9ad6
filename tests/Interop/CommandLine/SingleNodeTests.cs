using System.Net;
using System.Text.Json;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.CommandLine;

/// <summary>Commands with a node of their own, whose network is one foreign node.</summary>
public sealed class SingleNodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kadath-cli-").FullName;

    public static TheoryData<string> Peers => [.. PeerCatalog.Names];

    public static TheoryData<string> WithValues =>
        [Libtorrent.PeerName, BittorrentDht.PeerName, Anacrolix.PeerName, Pubky.PeerName, Mldht.PeerName];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Ping_announce_and_peers_work_against_one_foreign_node(string name)
    {
        await using ForeignPeer peer = await StartAsync(name);
        await using RawNode raw = new(IPAddress.Parse(PeerCatalog.Address(name, 10)));
        CliResult ping = await RunAsync(peer, "ping", peer.Endpoint.ToString());
        Assert.True(ping.Code == 0 && ping["ok"].GetBoolean() && ping["id"].GetString()!.Length == 40, $"{ping}");

        string hash = RawOperations.RandomKey();
        CliResult announce = await OnAsync(peer, "announce", hash, "--port", "4567");
        Assert.True(announce.Code == 0 && announce["accepted"].GetInt32() >= 1, $"{announce}");
        Assert.Equal(hash, announce["infoHash"].GetString());
        IPEndPoint held = Assert.Single(await raw.PeersAsync(peer.Endpoint, hash));
        Assert.Equal(name == Rtorrent.PeerName ? Swapped(4567) : 4567, held.Port);

        CliResult peers = await OnAsync(peer, "peers", hash);
        Assert.True(peers.Code == 0 && peers["peers"].EnumerateArray().Select(found => found.GetString()).Contains(held.ToString()), $"{peers}");
        Assert.Equal("ephemeral", peers["via"].GetString());
    }

    [Theory]
    [MemberData(nameof(WithValues))]
    public async Task Put_and_get_work_against_one_foreign_node(string name)
    {
        await using ForeignPeer peer = await StartAsync(name);
        await using RawNode raw = new(IPAddress.Parse(PeerCatalog.Address(name, 10)));
        string text = $"immutable {RawOperations.RandomKey()}";
        CliResult put = await OnAsync(peer, "put", text);
        Assert.True(put.Code == 0 && put["stored"].GetInt32() >= 1 && put["kind"].GetString() == "immutable", $"{put}");
        Assert.Equal(RawOperations.TargetOf(text), put["target"].GetString());
        Assert.Equal(text, (await raw.GetAsync(peer.Endpoint, RawOperations.TargetOf(text)))?.Values?.Text("v"));
        CliResult get = await OnAsync(peer, "get", put["target"].GetString()!);
        Assert.True(get.Code == 0 && get["text"].GetString() == text, $"{get}");

        RawSigner key = RawSigner.Random();
        string file = Path.Combine(_folder, "key");
        await File.WriteAllTextAsync(file, Convert.ToHexStringLower(key.Seed));
        CliResult mutable = await OnAsync(peer, "put", "mutable", "--key", file, "--salt", "pepper", "--seq", "5");
        Assert.True(mutable.Code == 0 && mutable["stored"].GetInt32() >= 1 && mutable["seq"].GetInt64() == 5, $"{mutable}");
        Assert.Equal(RawOperations.TargetOf(key.PublicKey, "pepper"), mutable["target"].GetString());
        CliResult next = await OnAsync(peer, "put", "mutable again", "--key", file, "--salt", "pepper");
        Assert.True(next.Code == 0 && next["seq"].GetInt64() == 6, $"{next}");
        CliResult found = await OnAsync(peer, "get", next["target"].GetString()!, "--salt", "pepper");
        Assert.True(found.Code == 0 && found["text"].GetString() == "mutable again" && found["seq"].GetInt64() == 6, $"{found}");

        CliResult nothing = await OnAsync(peer, "get", RawOperations.RandomKey());
        Assert.True(nothing.Code == 1 && nothing["error"].GetProperty("code").GetString() == "not-found", $"{nothing}");
    }

    [Theory]
    [InlineData(Libtorrent.PeerName)]
    [InlineData(Mldht.PeerName)]
    public async Task Scrape_and_sample_work_against_one_foreign_node(string name)
    {
        await using ForeignPeer peer = await StartAsync(name);
        string hash = RawOperations.RandomKey();
        foreach (int host in new[] { 10, 11 })
        {
            await using RawNode raw = new(IPAddress.Parse(PeerCatalog.Address(name, host)));
            await raw.AnnounceAsync(peer.Endpoint, hash, 7000 + host);
        }

        CliResult scrape = await OnAsync(peer, "scrape", hash);
        Assert.True(scrape.Code == 0 && Math.Round(scrape["peers"].GetDouble()) == 2, $"{scrape}");
        CliResult sample = default!;
        await Eventually.TrueAsync(
            async () =>
            {
                sample = await OnAsync(peer, "sample", peer.Endpoint.ToString());
                return sample.Code == 0 && sample["samples"].EnumerateArray().Any(found => found.GetString() == hash);
            },
            $"the sample holds {hash}");
        Assert.Equal(1, sample["num"].GetInt64());
    }

    private static int Swapped(ushort port) => (ushort)IPAddress.HostToNetworkOrder((short)port);

    private static async Task<ForeignPeer> StartAsync(string name)
    {
        Assert.SkipWhen(PeerHome.Missing(name) is not null, $"{name}: {PeerHome.Missing(name)}");
        return await PeerCatalog.StartAsync(name, Ports.Free(PeerCatalog.Address(name, 1)));
    }

    private Task<CliResult> OnAsync(ForeignPeer peer, params string[] arguments) =>
        RunAsync(peer, [.. arguments, "--bootstrap", peer.Endpoint.ToString()]);

    private Task<CliResult> RunAsync(ForeignPeer peer, params string[] arguments) =>
        Cli.RunAsync(_folder, [.. arguments, "--bind", PeerCatalog.Address(peer.Name, 2)]);
}
