using System.Net;

namespace Kadath.Tests.Interop.Peers;

/// <summary>All foreign implementations, by name.</summary>
internal static class PeerCatalog
{
    /// <summary>The names, in the order of the table.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        Libtorrent.PeerName, BittorrentDht.PeerName, Aria2.PeerName, Rtorrent.PeerName, Transmission.PeerName,
        Anacrolix.PeerName, Pubky.PeerName, Mldht.PeerName,
    ];

    /// <summary>A loopback address of its own for each peer's tests: some implementations keep one contact per IP address.</summary>
    public static string Address(string peer, int host) => $"127.0.{20 + Names.ToList().IndexOf(peer)}.{host}";

    /// <summary>Starts one node of an implementation.</summary>
    public static async Task<ForeignPeer> StartAsync(string peer, IPEndPoint at, params IReadOnlyList<IPEndPoint> bootstrap) => peer switch
    {
        Libtorrent.PeerName => await Libtorrent.StartAsync(at, bootstrap),
        BittorrentDht.PeerName => await BittorrentDht.StartAsync(at, bootstrap),
        Aria2.PeerName => await Aria2.StartAsync(at, bootstrap.Count > 0 ? bootstrap[0] : Ports.Free(at.Address)),
        Rtorrent.PeerName => await Rtorrent.StartAsync(at, bootstrap),
        Transmission.PeerName => await Transmission.StartAsync(at, bootstrap),
        Anacrolix.PeerName => await Anacrolix.StartAsync(at, bootstrap),
        Pubky.PeerName => await Pubky.StartAsync(at, bootstrap),
        Mldht.PeerName => await Mldht.StartAsync(at, bootstrap),
        _ => throw new ArgumentException($"no peer {peer}", nameof(peer)),
    };
}
