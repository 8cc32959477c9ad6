using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>A node as the engine knows it: an id, and the network's handle for reaching it.</summary>
/// <typeparam name="TId">The id type of the network.</typeparam>
/// <typeparam name="THandle">The network's unmanaged contact handle: an endpoint, or an index into its peer book.</typeparam>
/// <param name="Id">The id under which the node answers.</param>
/// <param name="Handle">How the network reaches it.</param>
public readonly record struct Contact<TId, THandle>(TId Id, THandle Handle)
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>;

/// <summary>
/// The groups whose share in buckets, tables and shortlists is limited, so that one owner of addresses cannot fill them. Two keys at most:
/// a narrow one (Mainline: the IP address) and a wide one (the /24 or /64). Zero exempts from that limit.
/// </summary>
/// <param name="Narrow">The narrow group; 0 for none.</param>
/// <param name="Wide">The wide group; 0 for none.</param>
public readonly record struct GroupKeys(ulong Narrow, ulong Wide);

/// <summary>Why an RPC brought no answer: the blame decides what follows.</summary>
public enum RpcFailure : byte
{
    /// <summary>The peer could not be reached (dial failed, ICMP, no route). Counts against liveness.</summary>
    Unreachable,

    /// <summary>No answer by the hard deadline. Counts against liveness.</summary>
    TimedOut,

    /// <summary>The peer answered that it will not (error reply, unsupported method). It lives.</summary>
    Refused,

    /// <summary>We had no capacity to send. Says nothing of the peer.</summary>
    BusyHere,

    /// <summary>The peer's answer broke the protocol. It lives, and loses reputation.</summary>
    Lied,
}

/// <summary>
/// What a network tells the engine about its contacts. One stateless instance serves every table of a process, or the instance
/// belongs to one node where handles refer to that node's peer book.
/// </summary>
public interface IContactRules<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>Bytes of a packed handle in a table row, and on the wire where the network sends rows as they are (Mainline: 6 or 18).</summary>
    int PackedSize { get; }

    /// <summary>Writes <see cref="PackedSize"/> bytes.</summary>
    void Pack(in THandle handle, Span<byte> destination);

    /// <summary>Reads what <see cref="Pack"/> wrote.</summary>
    THandle Unpack(ReadOnlySpan<byte> packed);

    /// <summary>The groups of a handle.</summary>
    GroupKeys GroupsOf(in THandle handle);

    /// <summary>
    /// The network's stated preference: of two contacts that have answered, the one with the higher number may displace the other,
    /// within the table's limits. Mainline: 1 for an id that BEP 42 derives from the address, else 0.
    /// </summary>
    int Preference(in TId id, in THandle handle);

    /// <summary>True where ids are authenticated, so that a known id may move to a new handle at once. False: only once the old one has failed.</summary>
    bool IdMayMove { get; }

    /// <summary>The engine now holds the handle (once more).</summary>
    void Retain(in THandle handle);

    /// <summary>The engine holds the handle (once) less.</summary>
    void Release(in THandle handle);
}
