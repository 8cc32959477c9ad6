using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>What a lookup is about and what it may use.</summary>
public readonly record struct LookupRequest<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>The point whose closest nodes are wanted.</summary>
    public required TId Target { get; init; }

    /// <summary>Our own id: a contact that bears it is ignored.</summary>
    public required TId Self { get; init; }

    /// <summary>The network's constants.</summary>
    public required LookupOptions Options { get; init; }

    /// <summary>The network's rules: groups of a handle, and who is told that the shortlist holds one.</summary>
    public required IContactRules<TId, THandle> Rules { get; init; }

    /// <summary>The round trips that this node has seen: the soft timeout of peers of whom nothing is known.</summary>
    public required RoundTripEstimator RoundTrips { get; init; }

    /// <summary>What a network may vary; null for the plain rule.</summary>
    public ILookupPolicy<TId, THandle>? Policy { get; init; }

    /// <summary>The network's own number for this lookup, from which it knows the key's preimage and the method to ask with.</summary>
    public ulong Tag { get; init; }
}

/// <summary>A query that the network is to send for a lookup.</summary>
/// <param name="Slot">Names the query in every call that follows; never reused by another lookup while it could be confused.</param>
/// <param name="Contact">Whom to ask. The id is default for a nameless seed (<see cref="Nameless"/>).</param>
/// <param name="Path">The disjoint path that it serves, from 0.</param>
/// <param name="Plain">Ask with the plain find-node query: the peer does not speak the lookup's method.</param>
/// <param name="Nameless">Only the handle is known: a bootstrap endpoint.</param>
public readonly record struct LookupQuery<TId, THandle>(int Slot, Contact<TId, THandle> Contact, int Path, bool Plain, bool Nameless)
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>;

/// <summary>A node that answered.</summary>
/// <param name="Contact">The node, under the id that it answered with.</param>
/// <param name="RoundTrip">Time to its answer; null if it could not be measured.</param>
/// <param name="Ticket">The network's opaque ticket of the reply, for a later store to the same node.</param>
/// <param name="Depth">Length of the referral chain: 1 for a seed.</param>
/// <param name="Plain">It answered the plain query only, not the lookup's method.</param>
public readonly record struct LookupAnswer<TId, THandle>(
    Contact<TId, THandle> Contact, TimeSpan? RoundTrip, ulong Ticket, int Depth, bool Plain)
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>;

/// <summary>How a candidate of a lookup stands.</summary>
public enum LookupPeerState : byte
{
    /// <summary>Known, not asked.</summary>
    Candidate,

    /// <summary>Handed out, not sent yet: being dialled, or held back by pacing.</summary>
    Dialing,

    /// <summary>Sent, and within its soft timeout.</summary>
    Waiting,

    /// <summary>Past its soft timeout: its slot is free, a late answer still counts.</summary>
    Slow,

    /// <summary>It answered.</summary>
    Answered,

    /// <summary>It brought no answer; <see cref="LookupOutcome{TId, THandle}.Failure"/> says why.</summary>
    Failed,
}

/// <summary>How one peer that was asked has fared: the report's line.</summary>
/// <param name="Contact">The peer.</param>
/// <param name="State">How it stands.</param>
/// <param name="Failure">Why it brought no answer, where it failed.</param>
/// <param name="RoundTrip">Time to its answer, if it was measured.</param>
/// <param name="Depth">Length of the referral chain: 1 for a seed.</param>
/// <param name="Path">The path on which it was asked.</param>
/// <param name="Given">Contacts that it named.</param>
/// <param name="Referrer">Position in the same list of the peer that named it first; -1 for a seed.</param>
public readonly record struct LookupOutcome<TId, THandle>(
    Contact<TId, THandle> Contact, LookupPeerState State, RpcFailure Failure, TimeSpan? RoundTrip, int Depth, int Path, int Given, int Referrer)
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>;

/// <summary>Why a lookup ended.</summary>
public enum LookupEnd : byte
{
    /// <summary>It has not ended.</summary>
    Running,

    /// <summary>On every path, the k closest candidates have answered: none closer is known and live.</summary>
    Converged,

    /// <summary>All candidates were asked, and fewer than k answered: the network is small, or out of reach.</summary>
    Exhausted,

    /// <summary>The bound on queries was reached.</summary>
    OutOfQueries,

    /// <summary>Its time was up.</summary>
    TimedOut,

    /// <summary>The network had found what it wanted.</summary>
    Satisfied,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}

/// <summary>The sum of a lookup so far.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="Hops">Longest referral chain that led to one of the k closest answers; a seed is 1; 0 without answers.</param>
/// <param name="Messages">Queries sent, retries included.</param>
/// <param name="Answered">Peers that answered.</param>
/// <param name="Failed">Peers with a verdict other than an answer.</param>
/// <param name="Hedged">Times that a soft timeout freed a slot.</param>
/// <param name="Late">Answers that came after the soft timeout.</param>
/// <param name="Elapsed">From start to end (or to the last input).</param>
public readonly record struct LookupReport(LookupEnd End, int Hops, int Messages, int Answered, int Failed, int Hedged, int Late, TimeSpan Elapsed);

/// <summary>What a policy may look at when it chooses the parallelism.</summary>
/// <param name="InFlight">Queries in flight on this path.</param>
/// <param name="Answered">Answers so far, on all paths.</param>
/// <param name="Confirmed">Of the k closest known on this path, how many have answered.</param>
/// <param name="Width">k.</param>
public readonly record struct LookupProgress(int InFlight, int Answered, int Confirmed, int Width);
