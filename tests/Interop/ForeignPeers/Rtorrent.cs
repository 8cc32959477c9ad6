using System.Net;
using Kadath.Tests.Interop.Krpc;

namespace Kadath.Tests.Interop.Peers;

/// <summary>rtorrent, with the DHT of rakshasa's libtorrent. New torrents reach it through a watched folder.</summary>
internal sealed class Rtorrent(IPEndPoint endpoint, ForeignProcess process, string folder) : TorrentClient(PeerName, endpoint, process)
{
    public const string PeerName = "rtorrent";

    public static async Task<Rtorrent> StartAsync(IPEndPoint at, IReadOnlyList<IPEndPoint> bootstrap)
    {
        string folder = NewFolder(PeerName);
        ForeignProcess process = ForeignProcess.Start(
            PeerName, folder, PeerHome.Script("rtorrent-node.sh"), folder, at.Address.ToString(), $"{at.Port}", string.Join(',', bootstrap));
        Rtorrent peer = new(at, process, folder);
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
    public override async Task SeekAsync(string infoHash)
    {
        // A torrent file that holds nothing but a magnet link; renamed into place, so that it is never read half-written.
        byte[] file = Bencode.Encode(new BencodeMap { ["magnet-uri"] = $"magnet:?xt=urn:btih:{infoHash}" });
        string path = Path.Combine(folder, "watch", infoHash);
        await File.WriteAllBytesAsync(path + ".new", file);
        File.Move(path + ".new", path + ".torrent");
    }

    /// <summary>It dials no peer on loopback; that a lookup found one stands in its log.</summary>
    public override async Task<bool> FindsAsync(string infoHash, Beacon beacon)
    {
        await SeekAsync(infoHash);
        string found = $"{infoHash.ToUpperInvariant()}->tracker_list: received 1 peers (url:dht://)";
        return await Eventually.HoldsAsync(async () => (await ReadLogAsync()).Contains(found, StringComparison.Ordinal), SearchPatience);
    }

    private async Task<string> ReadLogAsync()
    {
        await using FileStream log = new(Path.Combine(folder, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(log);
        return await reader.ReadToEndAsync();
    }
}
