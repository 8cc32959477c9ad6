using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>
/// What each cell is expected to hold: <c>ok</c> unless it is listed here. A cell that turns out otherwise fails its test, so that a peer
/// that learns to behave is noticed as surely as a Kadath that forgets. <c>docs/interop.md</c> explains each fault.
/// </summary>
internal static class Expectations
{
    private static readonly string[] WithoutIPv6 = [BittorrentDht.PeerName, Rtorrent.PeerName, Transmission.PeerName, Pubky.PeerName];

    private static readonly Operation[] Bep44 =
    [
        Operation.PutImmutable, Operation.GetImmutable, Operation.PutMutable, Operation.GetMutable, Operation.Salt, Operation.Sequence, Operation.Cas,
    ];

    /// <summary>What anacrolix does now and then, for a minute and more.</summary>
    public const string DoesNotName = "now and then does not name a node that it has just met";

    /// <summary>Whether a cell may hold this: what is expected, or a fault that its peer has now and then.</summary>
    public static bool Allow(Cell cell, Verdict seen) =>
        seen.Kind == Of(cell).Kind || (cell is { Peer: Anacrolix.PeerName, Operation: Operation.FindNode, Direction: Direction.KadathAsks } && seen == Verdict.Fault(DoesNotName));

    /// <summary>What a cell is expected to hold.</summary>
    public static Verdict Of(Cell cell)
    {
        if (cell.Family == Family.IPv6 && WithoutIPv6.Contains(cell.Peer))
        {
            return Verdict.NotSpoken("the peer's DHT has no IPv6, or none on loopback");
        }

        return (cell.Peer, cell.Operation, cell.Direction) switch
        {
            (Aria2.PeerName or Rtorrent.PeerName or Transmission.PeerName, Operation.Scrape or Operation.Sample, _) => Verdict.NotSpoken("no BEP 33, no BEP 51"),
            (Aria2.PeerName or Rtorrent.PeerName or Transmission.PeerName, _, _) when Bep44.Contains(cell.Operation) => Verdict.NotSpoken("no BEP 44"),
            (BittorrentDht.PeerName or Anacrolix.PeerName or Pubky.PeerName, Operation.Scrape or Operation.Sample, _) => Verdict.NotSpoken("no BEP 33, no BEP 51"),

            (Libtorrent.PeerName, Operation.Ping, Direction.PeerAsks) => Verdict.NotObservable("it pings only contacts of a full bucket"),
            (Libtorrent.PeerName, Operation.FindNode, Direction.PeerAsks) => Verdict.NotSpoken("it looks for nodes with get_peers"),
            (Libtorrent.PeerName, Operation.Sample, Direction.PeerAsks) when cell.Family == Family.IPv6 => Verdict.NotObservable("told to sample over IPv6, it sends nothing"),
            (Libtorrent.PeerName, Operation.Cas or Operation.Scrape, Direction.PeerAsks) => Verdict.NotSpoken("its client sends none"),
            (Aria2.PeerName, Operation.FindNode, Direction.PeerAsks) => Verdict.NotObservable("it refreshes buckets after a quarter of an hour"),

            (Rtorrent.PeerName, Operation.GetPeers, Direction.KadathAsks) => Verdict.Fault("gives ports byte-swapped"),
            (Anacrolix.PeerName, Operation.Cas, Direction.KadathAsks) => Verdict.Fault("takes a put with the wrong cas"),
            (Mldht.PeerName, Operation.Scrape, Direction.KadathAsks) => Verdict.Fault("names the filter of seeds BFse, where BEP 33 says BFsd"),
            (Mldht.PeerName, Operation.Scrape, Direction.PeerAsks) => Verdict.Fault("looks for the filter of seeds under BFse, where BEP 33 says BFsd"),
            _ => Verdict.Ok,
        };
    }
}
