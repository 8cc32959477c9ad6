using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>mldht, the8472's Java implementation. It keeps one contact per IP address.</summary>
internal sealed class Mldht(IPEndPoint endpoint, ForeignProcess process) : JsonPeer(PeerName, endpoint, process)
{
    public const string PeerName = "mldht";

    public static async Task<Mldht> StartAsync(IPEndPoint at, IReadOnlyList<IPEndPoint> bootstrap)
    {
        List<string> command =
        [
            "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-jar", PeerHome.Binary("mldht-peer.jar"),
            "--host", at.Address.ToString(), "--port", $"{at.Port}", "--throttle", "false",
        ];
        if (bootstrap.Count > 0)
        {
            command.AddRange(["--bootstrap", string.Join(',', bootstrap)]);
        }

        return await Starting.ReadyAsync(new Mldht(at, ForeignProcess.Start(PeerName, folder: null, command)));
    }

    /// <summary>A contact enters the table through a lookup of mldht's own; a ping alone does not add it.</summary>
    public override async Task MeetAsync(IPEndPoint node) =>
        await Process.CallAsync("rebootstrap", new JsonObject { ["addrs"] = new JsonArray(node.ToString()) });

    /// <inheritdoc/>
    public override async Task<string> PingAsync(IPEndPoint node) =>
        (await Process.CallAsync("ping", new JsonObject { ["addr"] = node.ToString() })).GetProperty("id").GetString()!;

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> FindNodeAsync(IPEndPoint node, string target)
    {
        await MeetAsync(node);
        JsonElement contacts = await Process.CallAsync("nodes", new JsonObject { ["all"] = true });
        return [.. contacts.EnumerateArray().Select(contact => contact.GetProperty("id").GetString()!)];
    }

    /// <inheritdoc/>
    public override async Task<(double Seeds, double Peers)> ScrapeAsync(string infoHash)
    {
        JsonElement found = await Process.CallAsync("scrape", new JsonObject { ["infohash"] = infoHash });
        return (found.GetProperty("seeds").GetDouble(), found.GetProperty("peers").GetDouble());
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> SampleAsync(IPEndPoint node)
    {
        JsonElement reply = await Process.CallAsync("sample_infohashes", new JsonObject { ["addr"] = node.ToString() });
        return [.. reply.GetProperty("samples").EnumerateArray().Select(hash => hash.GetString()!)];
    }
}
