using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Mainline.Nodes;

/// <summary>
/// What our nodes have seen peers do wrong, by IP address (in exempt scopes by endpoint). A lie is what no honest node can send, in a reply to
/// a query of ours, so that nobody can be slandered: a response without an id or with ours, a value that is not what its target names, a
/// signature that does not hold. Silence is no lie, nor are dead contacts: half of those that honest nodes name are dead.
/// </summary>
/// <remarks>
/// Who lied is asked last among the closest of a lookup, is trusted with no record, enters no table, and yields its place there to whoever answers
/// next; it is served like anybody. All that fades by half every ten minutes. Only lies take a place, so that an idle machine holds nothing.
/// </remarks>
internal sealed class Conduct(MainlineContext context)
{
    // One lie (−25) weighs for a quarter of an hour, four for half an hour.
    private const double Distrusted = -10;

    /// <summary>The scores; null before the first lie.</summary>
    public ReputationTable? Scores { get; private set; }

    /// <summary>Lies seen.</summary>
    public long Lies { get; private set; }

    /// <summary>A peer has lied to a node of ours.</summary>
    public void Lied(SocketNode node, in Contact<Id160, Endpoint> peer, Instant now)
    {
        Lies++;
        Scores ??= new(context.Tree.Child(4).Stream(0));
        Scores.Record(node.Rules.SourceKey(peer.Handle), PeerConduct.Lied, now);
        node.Table.Distrust(peer.Id, peer.Handle, now);
    }

    /// <summary>A peer has done as it should: one that lied regains standing sooner.</summary>
    public void Behaved(SocketNode node, in Endpoint peer, PeerConduct conduct, Instant now)
    {
        if (Scores is { } scores && node.Rules.SourceKey(peer) is var key && scores.Score(key, now) < 0)
        {
            scores.Record(key, conduct, now);
        }
    }

    /// <summary>True if the peer has lied of late.</summary>
    public bool Distrusts(SocketNode node, in Endpoint peer, Instant now) =>
        Scores is { } scores && scores.Score(node.Rules.SourceKey(peer), now) <= Distrusted;
}
