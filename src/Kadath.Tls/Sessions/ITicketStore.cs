using Kadath.Primitives;

namespace Kadath.Tls;

/// <summary>
/// Where a server's sessions wait for their clients. Not safe for threads: whoever shares one among connections takes turns. Its wake-ups
/// erase what is over.
/// </summary>
public interface ITicketStore : IMachine, IDisposable
{
    /// <summary>Whether a ticket is gone after its first use, so that early data may be taken with it.</summary>
    bool AreTicketsSingleUse { get; }

    /// <summary>Makes a ticket of a session, and takes the session over; null if there is no room for it, the session then being erased.</summary>
    byte[]? Issue(ServerSession session, Instant now);

    /// <summary>The session of a ticket, owned by the caller; null for one that is unknown, over, or not authentic. Nothing that a client sends throws.</summary>
    ServerSession? Find(ReadOnlySpan<byte> ticket, Instant now);
}
