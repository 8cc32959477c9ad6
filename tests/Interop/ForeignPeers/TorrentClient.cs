using System.Net;
using System.Net.Sockets;
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

    /// <inheritdoc/>
    public override async Task<bool> FindsAsync(string infoHash, Beacon beacon)
    {
        await SeekAsync(infoHash);
        return await beacon.DialledAsync(SearchPatience);
    }

    /// <summary>How long the client may take to look a torrent up.</summary>
    protected static TimeSpan SearchPatience => TimeSpan.FromSeconds(120);

    /// <summary>Waits until the client's DHT answers a ping.</summary>
    protected static async Task AnswersAsync(ForeignProcess process, IPEndPoint at)
    {
        await using RawNode raw = new(at.Address);
        for (DateTime end = DateTime.UtcNow + StartPatience(at); ;)
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

    /// <summary>Over IPv6 it is an open question whether a client answers at all, and the answer shall not take long.</summary>
    private static TimeSpan StartPatience(IPEndPoint at) => TimeSpan.FromSeconds(at.AddressFamily == AddressFamily.InterNetwork ? 40 : 15);

    /// <summary>A folder for the client's files, below the system's folder for temporary ones.</summary>
    protected static string NewFolder(string name) => Directory.CreateTempSubdirectory($"kadath-{name}-").FullName;
}
