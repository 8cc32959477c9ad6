using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Primitives;

namespace Kadath.Mainline.Lookups;

/// <summary>
/// What Mainline varies in its lookups: among the k closest, who lied of late is asked last; and only a node that gave a write token (the
/// ticket of its answer) and has not lied is stored at. Everything else is the plain rule.
/// </summary>
internal sealed class NodePolicy(SocketNode node) : ILookupPolicy<Id160, Endpoint>
{
    private ReputationPolicy<Id160, Endpoint>? _reputation;

    /// <summary>The time by which peers are judged; set before a lookup is driven.</summary>
    public Instant Now { get; set; }

    /// <inheritdoc/>
    public int Weight(in Contact<Id160, Endpoint> contact)
    {
        if (node.Context.Conduct.Scores is not { } scores)
        {
            return 0;
        }

        _reputation ??= new(scores, node.Rules);
        _reputation.Now = Now;
        return _reputation.Weight(contact);
    }

    /// <inheritdoc/>
    public bool AcceptsHolder(in LookupAnswer<Id160, Endpoint> answer) =>
        answer.Ticket != 0 && !node.Context.Conduct.Distrusts(node, answer.Contact.Handle, Now);
}
