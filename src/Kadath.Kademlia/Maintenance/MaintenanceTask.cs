using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>What a node should do next to keep its routing table true.</summary>
public enum MaintenanceKind : byte
{
    /// <summary>Ping <see cref="MaintenanceTask{TId,THandle}.Contact"/>.</summary>
    Ping,

    /// <summary>Look up <see cref="MaintenanceTask{TId,THandle}.Target"/>, or any key that shares exactly <see cref="MaintenanceTask{TId,THandle}.Depth"/> bits with our id.</summary>
    Refresh,

    /// <summary>Look up our own id, from the contacts that the table holds (restored ones too).</summary>
    LookupSelf,

    /// <summary>Ask the routers for our own id: the table's contacts do not answer, or are too few.</summary>
    Bootstrap,
}

/// <summary>
/// One piece of maintenance. The network reports its end exactly once, with <see cref="Maintenance{TId,THandle}.Completed"/> or
/// <see cref="Maintenance{TId,THandle}.Declined"/>.
/// </summary>
/// <param name="Kind">What to do.</param>
/// <param name="Contact">Whom to ping.</param>
/// <param name="Target">What to look up: a point in the bucket, or our own id.</param>
/// <param name="Depth">
/// Of a refresh: the bits that the bucket shares with our id. A network whose keys are hashes looks up any key with as many; in a table that
/// splits every bucket it is 0, and any key will do. Of other tasks it means nothing to the network.
/// </param>
public readonly record struct MaintenanceTask<TId, THandle>(
    MaintenanceKind Kind, Contact<TId, THandle> Contact, TId Target, int Depth)
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>;
