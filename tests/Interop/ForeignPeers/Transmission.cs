using System.Net;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>
/// Transmission, with the DHT of jech. Its bootstrap pings a node every few seconds, and it looks nothing up before it knows more than
/// eight nodes.
/// </summary>
internal sealed class Transmission(IPEndPoint endpoint, ForeignProcess process, IPEndPoint control) : TorrentClient(PeerName, endpoint, process)
{
    public const string PeerName = "transmission";

    private readonly JsonRpc _rpc = new(new Uri($"http://{control}/transmission/rpc"));

    public static async Task<Transmission> StartAsync(IPEndPoint at, IReadOnlyList<IPEndPoint> bootstrap)
    {
        IPEndPoint control = Ports.Free(at.Address);
        string folder = NewFolder(PeerName);
        ForeignProcess process = ForeignProcess.Start(
            PeerName, folder, PeerHome.Script("transmission-node.sh"), PeerHome.Binary("transmission-daemon"), folder, at.Address.ToString(),
            $"{at.Port}", string.Join(',', bootstrap), $"{control.Port}");
        Transmission peer = new(at, process, control);
        try
        {
            await AnswersAsync(process, at);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Task SeekAsync(string infoHash) => _rpc.PostAsync(new JsonObject
    {
        ["method"] = "torrent-add",
        ["arguments"] = new JsonObject { ["filename"] = $"magnet:?xt=urn:btih:{infoHash}", ["paused"] = false },
    });

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _rpc.Dispose();
        return base.DisposeAsync();
    }
}
