namespace Kadath.Kademlia;

/// <summary>What became of a contact that was offered to a routing table.</summary>
public enum Admission : byte
{
    /// <summary>Refused: our own id, a group at its limit, a conflict with a contact that lives, or no room anywhere.</summary>
    Rejected,

    /// <summary>The contact was already in the table, and was refreshed if it answered.</summary>
    Known,

    /// <summary>The contact is now in the table.</summary>
    Added,

    /// <summary>Its bucket is full: the contact waits in the bucket's replacement cache.</summary>
    Cached,

    /// <summary>There is room for it, but it has not answered us yet: it waits in the replacement cache, and a ping that it answers admits it (<see cref="RoutingTable{TId,THandle}.TryGetCheck"/> names it).</summary>
    Check,
}

/// <summary>For what contacts are chosen from a table.</summary>
public enum ContactUse : byte
{
    /// <summary>To ask them ourselves: also those that failed once, or that were restored and have not answered yet.</summary>
    Ask,

    /// <summary>To name them to others: only those that have answered us and whose last query did not fail.</summary>
    Name,
}
