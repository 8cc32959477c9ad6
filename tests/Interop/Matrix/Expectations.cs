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

    /// <summary>What a cell is expected to hold.</summary>
    public static Verdict Of(Cell cell)
    {
        if (cell.Family == Family.IPv6 && WithoutIPv6.Contains(cell.Peer))
        {
            return Verdict.NotSpoken("the peer's DHT has no IPv6, or none on loopback");
        }

        return Verdict.Ok;
    }
}
