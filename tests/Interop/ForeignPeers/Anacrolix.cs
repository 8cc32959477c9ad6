using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>anacrolix/dht, the DHT of Go programs.</summary>
internal sealed class Anacrolix(IPEndPoint endpoint, ForeignProcess process) : JsonPeer(PeerName, endpoint, process)
{
    public const string PeerName = "anacrolix";

    public static async Task<Anacrolix> StartAsync(IPEndPoint at, IReadOnlyList<IPEndPoint> bootstrap, int count = 1)
    {
        List<string> command = [PeerHome.Binary("gopeer"), "mainline", "--host", at.Address.ToString(), "--port", $"{at.Port}", "--count", $"{count}"];
        if (bootstrap.Count > 0)
        {
            command.AddRange(["--bootstrap", string.Join(',', bootstrap)]);
        }

        return await Starting.ReadyAsync(new Anacrolix(at, ForeignProcess.Start(PeerName, folder: null, command)));
    }

    /// <inheritdoc/>
    public override async Task<string> PingAsync(IPEndPoint node)
    {
        await MeetAsync(node);
        JsonElement contacts = await Process.CallAsync("nodes");
        return contacts.EnumerateArray().Single(contact => IPEndPoint.Parse(contact.GetProperty("addr").GetString()!).Equals(node)).GetProperty("id").GetString()!;
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> FindNodeAsync(IPEndPoint node, string target)
    {
        JsonElement reply = await Process.CallAsync("find_node", new JsonObject { ["addr"] = node.ToString(), ["target"] = target });
        return [.. reply.EnumerateArray().Select(contact => contact.GetProperty("id").GetString()!)];
    }
}
