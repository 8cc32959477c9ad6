using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>The Rust crate mainline (pubky), the DHT under pkarr.</summary>
internal sealed class Pubky(IPEndPoint endpoint, ForeignProcess process) : JsonPeer(PeerName, endpoint, process)
{
    public const string PeerName = "pubky";

    public static async Task<Pubky> StartAsync(IPEndPoint at, IReadOnlyList<IPEndPoint> bootstrap, int count = 1)
    {
        List<string> command = [PeerHome.Binary("rspeer"), "mainline", "--host", at.Address.ToString(), "--port", $"{at.Port}", "--count", $"{count}"];
        if (bootstrap.Count > 0)
        {
            command.AddRange(["--bootstrap", string.Join(',', bootstrap)]);
        }

        return await Starting.ReadyAsync(new Pubky(at, ForeignProcess.Start(PeerName, folder: null, command)));
    }

    /// <summary>Nodes are given at the start only.</summary>
    public override Task MeetAsync(IPEndPoint node) => Process.CallAsync("rebootstrap");

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> FindNodeAsync(IPEndPoint node, string target)
    {
        JsonElement reply = await Process.CallAsync("find_node", new JsonObject { ["target"] = target });
        return [.. reply.EnumerateArray().Select(contact => contact.GetProperty("id").GetString()!)];
    }

    /// <summary>The crate looks a mutable item up by its key.</summary>
    public override async Task<ForeignItem?> GetMutableAsync(string target, string publicKey, string? salt)
    {
        JsonObject arguments = new() { ["k"] = publicKey };
        if (salt is not null)
        {
            arguments["salt"] = salt;
        }

        return Item(await Process.CallAsync("get", arguments));
    }
}
