using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>A contact of a routing table with what the table remembers of it: a copy, for snapshots and telemetry.</summary>
/// <param name="Contact">Id and handle.</param>
/// <param name="LastSeen">When it last answered us, in whole seconds; for a restored contact what was restored.</param>
/// <param name="RoundTrip">Smoothed round-trip time in whole milliseconds; zero if unknown.</param>
/// <param name="Fails">Queries of ours that failed since its last answer, at most 15.</param>
/// <param name="Answered">True if it has answered us since it entered the table.</param>
public readonly record struct ContactView<TId, THandle>(
    Contact<TId, THandle> Contact, Instant LastSeen, TimeSpan RoundTrip, int Fails, bool Answered)
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>True if it has answered us and has not failed since: what may be named to others.</summary>
    public bool IsLive => Answered && Fails == 0;
}

/// <summary>A bucket of a routing table, for telemetry.</summary>
/// <param name="Depth">Leading bits that all its contacts share: with our own id, or (in a table that splits every bucket) with each other.</param>
/// <param name="Width">Contacts that it holds at most.</param>
/// <param name="Contacts">Contacts that it holds.</param>
/// <param name="Live">Contacts that have answered and have not failed since.</param>
/// <param name="Candidates">Entries of its replacement cache.</param>
/// <param name="LastChanged">When a contact last entered or left it, in whole seconds.</param>
public readonly record struct BucketView(int Depth, int Width, int Contacts, int Live, int Candidates, Instant LastChanged);
