using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>npm bittorrent-dht, the DHT of WebTorrent.</summary>
internal sealed class BittorrentDht(IPEndPoint endpoint, ForeignProcess process) : JsonPeer(PeerName, endpoint, process)
{
    public const string PeerName = "bittorrent-dht";

    /// <summary>Starts nodes on consecutive ports, or, with <paramref name="count"/> 1, one node.</summary>
    public static async Task<BittorrentDht> StartAsync(IPEndPoint at, IReadOnlyList<IPEndPoint> bootstrap, int count = 1)
    {
        List<string> command =
        [
            PeerHome.Binary("node"), Path.Combine(PeerHome.Folder, "npm", "bt-peer.mjs"), "--host", at.Address.ToString(), "--port", $"{at.Port}", "--count", $"{count}",
        ];
        if (bootstrap.Count > 0)
        {
            command.AddRange(["--bootstrap", string.Join(',', bootstrap)]);
        }

        ForeignProcess process = ForeignProcess.Start(PeerName, folder: null, command);
        BittorrentDht peer = new(at, process);
        return await Starting.ReadyAsync(peer);
    }

    /// <inheritdoc/>
    public override async Task<string> PingAsync(IPEndPoint node)
    {
        // addNode without an id sends a ping, and adds the node under the id that the reply names.
        await MeetAsync(node);
        for (int attempt = 0; attempt < 100; attempt++)
        {
            foreach (JsonElement contact in (await Process.CallAsync("nodes")).EnumerateArray())
            {
                if (contact.GetProperty("addr").GetString() == node.ToString())
                {
                    return contact.GetProperty("id").GetString()!;
                }
            }

            await Task.Delay(100);
        }

        throw new PeerException($"{Name} did not take {node} into its table");
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> FindNodeAsync(IPEndPoint node, string target)
    {
        await PingAsync(node);
        await Process.CallAsync("rebootstrap");
        return [.. (await Process.CallAsync("nodes")).EnumerateArray().Select(contact => contact.GetProperty("id").GetString()!)];
    }

    /// <summary>Joins anew from the bootstrap endpoints.</summary>
    public async Task RebootstrapAsync(int node) => await Process.CallAsync("rebootstrap", new JsonObject { ["node"] = node });
}

/// <summary>Waiting for a peer that is driven with JSON lines.</summary>
internal static class Starting
{
    /// <summary>Waits for the event "ready"; ends the peer if it does not come.</summary>
    public static async Task<T> ReadyAsync<T>(T peer)
        where T : ForeignPeer
    {
        try
        {
            await peer.Process.ReadyAsync(TimeSpan.FromSeconds(60));
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }
}
