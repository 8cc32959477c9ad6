using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// What a network may vary in its lookups without touching termination, disjointness or diversity, which no policy overrides.
/// The plain rule is what the default methods do.
/// </summary>
public interface ILookupPolicy<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>Adaptive α: queries that one path may have in flight. Clamped to 1 to 64. Plain: the configured number.</summary>
    int Parallelism(in LookupProgress progress, int configured) => configured;

    /// <summary>
    /// Weight by reputation and nearness: of the k closest candidates, the heaviest is asked first, equals by distance. Plain: 0 for all.
    /// A weight never admits or excludes anybody.
    /// </summary>
    int Weight(in Contact<TId, THandle> contact) => 0;

    /// <summary>Choice of holders: whether a store may go to this answer. Plain: to all.</summary>
    bool AcceptsHolder(in LookupAnswer<TId, THandle> answer) => true;

    /// <summary>
    /// Caching along the path: whether the closest node that answered without the value is offered a copy, and stale holders are corrected.
    /// Plain (and Mainline): no.
    /// </summary>
    bool CachesAlongPath => false;
}

/// <summary>The plain rule: fixed α, nearest first, every answer may hold, nothing cached along the path.</summary>
public sealed class PlainLookupPolicy<TId, THandle> : ILookupPolicy<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>The one instance: it has no state.</summary>
    public static PlainLookupPolicy<TId, THandle> Instance { get; } = new();
}
