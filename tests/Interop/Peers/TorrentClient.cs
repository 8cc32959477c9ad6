using System.Net;
using Kadath.Tests.Interop.Krpc;

namespace Kadath.Tests.Interop.Peers;

/// <summary>
/// A BitTorrent client that looks a torrent up and announces itself as soon as it is given one. What it finds shows in the connections
/// that it opens to the peers found.
/// </summary>
internal abstract class TorrentClient(string name, IPEndPoint endpoint, ForeignProcess process) : ForeignPeer(name, endpoint)
{
    /// <inheritdoc/>
    public override ForeignProcess Process { get; } = process;

    /// <summary>Gives the client a torrent by its info-hash.</summary>
    public abstract Task SeekAsync(string infoHash);

    /// <inheritdoc/>
    public override async Task<int> AnnounceAsync(string infoHash, int port)
    {
        await SeekAsync(infoHash);
        return Endpoint.Port;
    }

    /// <summary>Waits until the client's DHT answers a ping.</summary>
    protected static async Task AnswersAsync(ForeignProcess process, IPEndPoint at, TimeSpan limit)
    {
        await using RawNode raw = new(at.Address);
        for (DateTime end = DateTime.UtcNow + limit; ;)
        {
            if (await raw.AskAsync(at, "ping", limit: TimeSpan.FromMilliseconds(600)) is not null)
            {
                return;
            }

            if (process.HasExited || DateTime.UtcNow > end)
            {
                throw new PeerException($"{process.Name} does not answer at {at}. {process.Output}");
            }
        }
    }

    /// <summary>A folder for the client's files, below the system's folder for temporary ones.</summary>
    protected static string NewFolder(string name) => Directory.CreateTempSubdirectory($"kadath-{name}-").FullName;
}
