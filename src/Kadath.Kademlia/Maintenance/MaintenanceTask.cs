using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>What a node should do next to keep its routing table true.</summary>
public enum MaintenanceKind : byte
{
    /// <summary>Ping <see cref="MaintenanceTask{TId,THandle}.Contact"/>.</summary>
    Ping,

    /// <summary>Look up <see cref="MaintenanceTask{TId,THandle}.Target"/>, or any preimage whose hash shares <see cref="MaintenanceTask{TId,THandle}.Depth"/> bits with it.</summary>
    Refresh,

    /// <summary>Look up our own id, from the contacts that the table holds (saved ones too).</summary>
    LookupSelf,

    /// <summary>Nobody is left to ask: ask the routers for our own id.</summary>
    Bootstrap,
}

/// <summary>One piece of maintenance. The network reports its end with <see cref="Maintenance{TId,THandle}.Completed"/>, exactly once.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Contact">Whom to ping.</param>
/// <param name="Target">What to look up: a point in the bucket, or our own id.</param>
/// <param name="Depth">The leading bits of <paramref name="Target"/> that matter, counted after the bit that tells the bucket from ours.</param>
public readonly record struct MaintenanceTask<TId, THandle>(
    MaintenanceKind Kind, Contact<TId, THandle> Contact, TId Target, int Depth)
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>;
