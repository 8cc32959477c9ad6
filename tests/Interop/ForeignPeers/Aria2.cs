using System.Net;
using System.Text.Json.Nodes;
using Kadath.Tests.Interop.Krpc;

namespace Kadath.Tests.Interop.Peers;

/// <summary>aria2. Its DHT starts with the first torrent, and takes one bootstrap node.</summary>
internal sealed class Aria2(IPEndPoint endpoint, ForeignProcess process, IPEndPoint control) : TorrentClient(PeerName, endpoint, process)
{
    public const string PeerName = "aria2";

    private readonly JsonRpc _rpc = new(new Uri($"http://{control}/jsonrpc"));

    public static async Task<Aria2> StartAsync(IPEndPoint at, IPEndPoint bootstrap)
    {
        IPEndPoint control = Ports.Free(IPAddress.Loopback);
        string folder = NewFolder(PeerName);
        ForeignProcess process = ForeignProcess.Start(
            PeerName, folder, PeerHome.Script("aria2-node.sh"), folder, at.Address.ToString(), $"{at.Port}", bootstrap.ToString(), $"{control.Port}",
            RawOperations.RandomKey());
        Aria2 peer = new(at, process, control);
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
        ["jsonrpc"] = "2.0",
        ["id"] = "1",
        ["method"] = "aria2.addUri",
        ["params"] = new JsonArray(new JsonArray($"magnet:?xt=urn:btih:{infoHash}")),
    });

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _rpc.Dispose();
        return base.DisposeAsync();
    }
}
