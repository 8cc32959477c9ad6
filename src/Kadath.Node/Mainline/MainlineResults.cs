using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>The result of a ping.</summary>
/// <param name="Node">The node's outcome; null if the ping could not even be started.</param>
/// <param name="Report">The sum of the operation.</param>
public sealed record PingResult(NodeOutcome? Node, OperationReport Report)
{
    /// <summary>True if the node answered.</summary>
    public bool Answered => Node is { Result: NodeResult.Answered };
}

/// <summary>The result of a search for nodes.</summary>
/// <param name="Target">What was searched for.</param>
/// <param name="Nodes">All nodes that answered, closest to the target first.</param>
/// <param name="Outcomes">The outcome at every node that was asked, in order of arrival.</param>
/// <param name="Report">The sum of the operation: hops, messages.</param>
public sealed record FindNodeResult(Id160 Target, IReadOnlyList<NodeOutcome> Nodes, IReadOnlyList<NodeOutcome> Outcomes, OperationReport Report);

/// <summary>The result of an announce.</summary>
/// <param name="Accepted">Nodes that acknowledged it.</param>
/// <param name="Nodes">The outcome at each node where it was to be stored.</param>
/// <param name="Report">The sum of the operation.</param>
public sealed record AnnounceResult(int Accepted, IReadOnlyList<NodeOutcome> Nodes, OperationReport Report);

/// <summary>The result of a scrape (BEP 33).</summary>
/// <param name="Seeds">Estimated seeds; negative if nobody answered with a filter.</param>
/// <param name="Peers">Estimated downloaders; negative if nobody answered with a filter.</param>
/// <param name="Answered">Nodes that answered.</param>
/// <param name="Report">The sum of the operation.</param>
public sealed record ScrapeResult(double Seeds, double Peers, int Answered, OperationReport Report);

/// <summary>The result of a put.</summary>
/// <param name="Target">Where the item is found.</param>
/// <param name="Sequence">The sequence number that was stored; null for immutable items.</param>
/// <param name="Stored">Nodes that acknowledged it.</param>
/// <param name="Nodes">The outcome at each node where it was to be stored.</param>
/// <param name="Report">The sum of the operation.</param>
public sealed record PutResult(Id160 Target, long? Sequence, int Stored, IReadOnlyList<NodeOutcome> Nodes, OperationReport Report);

/// <summary>An item of BEP 44 as it was found and verified.</summary>
/// <param name="Value">The raw bencoded value.</param>
/// <param name="PublicKey">32 bytes for a mutable item, else empty.</param>
/// <param name="Signature">64 bytes for a mutable item, else empty.</param>
/// <param name="Sequence">The sequence number; null for an immutable item.</param>
/// <param name="Copies">How many nodes returned this value.</param>
public sealed record FoundItem(ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Signature, long? Sequence, int Copies);

/// <summary>The result of a get.</summary>
/// <param name="Target">What was searched for.</param>
/// <param name="Item">The item (the highest sequence number), or null if nobody had it.</param>
/// <param name="Report">The sum of the operation.</param>
public sealed record GetResult(Id160 Target, FoundItem? Item, OperationReport Report);

/// <summary>A reply to sample_infohashes (BEP 51).</summary>
/// <param name="From">The node that answered.</param>
/// <param name="Samples">Info-hashes it stores.</param>
/// <param name="Total">How many it says it stores.</param>
/// <param name="Interval">How long to wait before asking it again.</param>
public sealed record SampleReply(Endpoint From, IReadOnlyList<Id160> Samples, long Total, TimeSpan Interval);

/// <summary>The result of asking one node for a sample.</summary>
/// <param name="Reply">The reply, or null without one.</param>
/// <param name="Node">The node's outcome; null if it could not even be asked.</param>
/// <param name="Report">The sum of the operation.</param>
public sealed record SampleResult(SampleReply? Reply, NodeOutcome? Node, OperationReport Report);

/// <summary>A mutable item to be stored.</summary>
/// <param name="Key">Who signs it.</param>
/// <param name="Value">The canonical bencoded value, at most 1,000 bytes.</param>
public sealed record MutablePut(ItemKey Key, ReadOnlyMemory<byte> Value)
{
    /// <summary>At most 64 bytes; empty for none.</summary>
    public ReadOnlyMemory<byte> Salt { get; init; }

    /// <summary>The sequence number; null takes the highest that the network has, plus one.</summary>
    public long? Sequence { get; init; }

    /// <summary>Store only where this sequence number is held (compare and swap); null for unconditional.</summary>
    public long? Cas { get; init; }

    /// <summary>When to end at the latest; zero for the default.</summary>
    public TimeSpan Timeout { get; init; }
}
