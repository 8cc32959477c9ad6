using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>
/// Receives what one operation finds, while it runs. Called on the machine's thread from within its calls: an implementation only copies and
/// enqueues, it never calls back into the machine. Spans are valid only during the call.
/// </summary>
public interface IMainlineObserver
{
    /// <summary>Peers of a get-peers operation that it had not reported before.</summary>
    void OnPeers(ReadOnlySpan<Endpoint> peers);

    /// <summary>One node's outcome: of a ping, of each node that answered a lookup, of each store.</summary>
    void OnNode(in NodeOutcome outcome);

    /// <summary>A valid item of a get or put operation: the first, and each later one with a higher sequence number.</summary>
    void OnItem(in ItemView item);

    /// <summary>The reply to a sample_infohashes query (BEP 51).</summary>
    void OnSamples(in SamplesView samples);

    /// <summary>
    /// A put of a mutable item has found the nodes and the highest sequence number, and waits for <see cref="MainlineDht.Provide"/>.
    /// Signing takes the secret key, which no machine holds.
    /// </summary>
    void OnAwaitingItem(long highestSequence);

    /// <summary>One round of an operation that lasts until it is cancelled (keep announced, keep published, follow, index) has ended.</summary>
    void OnRound(in OperationReport report);

    /// <summary>The operation has ended: called exactly once, last.</summary>
    void OnCompleted(in OperationReport report);
}

/// <summary>Names a running operation.</summary>
/// <param name="Value">The number; never 0 for an operation that was started.</param>
public readonly record struct OperationId(long Value);

/// <summary>How one node fared in an operation.</summary>
public enum NodeResult : byte
{
    /// <summary>It answered a query of a lookup, or a ping.</summary>
    Answered,

    /// <summary>It acknowledged a store.</summary>
    Stored,

    /// <summary>It answered with an error: <see cref="NodeOutcome.ErrorCode"/>.</summary>
    Refused,

    /// <summary>It did not answer in time.</summary>
    TimedOut,

    /// <summary>It gave no write token, so nothing could be stored there.</summary>
    NoToken,

    /// <summary>Its answer was invalid: a bad signature, a wrong hash, a broken reply.</summary>
    Invalid,

    /// <summary>The query could not be sent: budget, socket or queue.</summary>
    NotSent,
}

/// <summary>The outcome at one node.</summary>
/// <param name="Result">How it fared.</param>
/// <param name="Id">The node's id; zero where it is not known.</param>
/// <param name="Endpoint">Where it was asked.</param>
/// <param name="RoundTrip">Time to its answer; zero if it did not answer.</param>
/// <param name="ErrorCode">KRPC error code of a refusal, else 0.</param>
/// <param name="Message">The peer's error text, cut to 128 bytes and made printable; null without one. Allocated only for errors.</param>
/// <param name="External">Our endpoint as the node sees it (BEP 42 "ip"), or none.</param>
/// <param name="Version">The peer's four version bytes as a big-endian number, or 0.</param>
public readonly record struct NodeOutcome(
    NodeResult Result, Id160 Id, Endpoint Endpoint, TimeSpan RoundTrip, int ErrorCode, string? Message, Endpoint External, uint Version);

/// <summary>An item of BEP 44 as it was received and verified.</summary>
public readonly ref struct ItemView
{
    /// <summary>The raw bencoded value, as it is hashed or signed.</summary>
    public required ReadOnlySpan<byte> Value { get; init; }

    /// <summary>The 32-byte public key of a mutable item; empty for an immutable one.</summary>
    public ReadOnlySpan<byte> PublicKey { get; init; }

    /// <summary>The 64-byte signature of a mutable item.</summary>
    public ReadOnlySpan<byte> Signature { get; init; }

    /// <summary>The sequence number of a mutable item.</summary>
    public long Sequence { get; init; }

    /// <summary>How many nodes have returned this value or sequence number so far.</summary>
    public int Copies { get; init; }
}

/// <summary>A reply to sample_infohashes.</summary>
public readonly ref struct SamplesView
{
    /// <summary>The node that answered.</summary>
    public required Endpoint From { get; init; }

    /// <summary>Info-hashes, 20 bytes each.</summary>
    public required ReadOnlySpan<byte> Samples { get; init; }

    /// <summary>How many info-hashes the node says it stores.</summary>
    public long Total { get; init; }

    /// <summary>How long to wait before asking this node again.</summary>
    public TimeSpan Interval { get; init; }
}

/// <summary>How an operation ended.</summary>
public enum OperationEnd : byte
{
    /// <summary>It did what it was asked for, or found all that could be found.</summary>
    Done,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>Its time was up.</summary>
    TimedOut,

    /// <summary>The table held nobody to ask, and nobody could be reached.</summary>
    NoNodes,

    /// <summary>Too many operations run at once, or the request itself is invalid.</summary>
    Refused,
}

/// <summary>The sum of an operation.</summary>
/// <param name="Operation">Which operation.</param>
/// <param name="End">How it ended.</param>
/// <param name="Hops">Length of the longest referral chain that led to one of the closest nodes; a contact of the own table is 1.</param>
/// <param name="Messages">Queries sent, retries included.</param>
/// <param name="Answered">Nodes that answered.</param>
/// <param name="Stored">Nodes that acknowledged a store.</param>
/// <param name="Elapsed">From start to end.</param>
/// <param name="Seeds">BEP 33 estimate of seeds; negative if none was asked for or answered.</param>
/// <param name="Peers">BEP 33 estimate of downloaders; negative if none was asked for or answered.</param>
public readonly record struct OperationReport(
    OperationId Operation, OperationEnd End, int Hops, int Messages, int Answered, int Stored, TimeSpan Elapsed, double Seeds, double Peers);
