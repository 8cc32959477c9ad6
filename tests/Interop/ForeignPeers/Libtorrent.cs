using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>libtorrent (Rasterbar), the DHT of qBittorrent and Deluge, through its Python binding.</summary>
internal sealed class Libtorrent(IPEndPoint endpoint, ForeignProcess process) : JsonPeer(PeerName, endpoint, process)
{
    public const string PeerName = "libtorrent";

    public static async Task<Libtorrent> StartAsync(IPEndPoint at, IReadOnlyList<IPEndPoint> bootstrap, int count = 1)
    {
        List<string> command =
        [
            "/usr/bin/python3", PeerHome.Script("lt-peer.py"), "--host", at.Address.ToString(), "--port", $"{at.Port}", "--count", $"{count}",
        ];
        if (bootstrap.Count > 0)
        {
            command.AddRange(["--bootstrap", string.Join(',', bootstrap)]);
        }

        ForeignProcess process = ForeignProcess.Start(PeerName, folder: null, command);
        return await Starting.ReadyAsync(new Libtorrent(at, process));
    }

    /// <summary>The binding announces with implied_port: the port is the node's own.</summary>
    public override async Task<int> AnnounceAsync(string infoHash, int port)
    {
        await base.AnnounceAsync(infoHash, port);
        return Endpoint.Port;
    }

    /// <summary>The binding stores the sequence number that the network has, plus one; it takes neither a number nor cas.</summary>
    public override Task<ForeignPut> PutMutableAsync(MutableValue value) =>
        value.Cas is null ? base.PutMutableAsync(value) : throw new PeerCannotException("its client sends no cas", neverSends: true);

    /// <summary>It answers scrapes, and sends none.</summary>
    public override Task<(double Seeds, double Peers)> ScrapeAsync(string infoHash) => throw new PeerCannotException("its client sends no scrape", neverSends: true);

    /// <inheritdoc/>
    public override async Task<ForeignItem?> GetMutableAsync(string target, string publicKey, string? salt) =>
        Item(await Process.CallAsync("get_mutable", new JsonObject { ["k"] = publicKey, ["salt"] = salt ?? "" }));

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> SampleAsync(IPEndPoint node)
    {
        JsonElement reply = await Process.CallAsync("sample_infohashes", new JsonObject { ["addr"] = node.ToString() });
        return [.. reply.GetProperty("samples").EnumerateArray().Select(hash => hash.GetString()!)];
    }
}
