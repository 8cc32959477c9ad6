using Kadath.Kademlia.Storage;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>What a Mainline node is and does, at one moment. Immutable.</summary>
/// <param name="At">Wall-clock time of the snapshot.</param>
/// <param name="Uptime">Since the node started.</param>
/// <param name="ReadOnly">The node answers no query (BEP 43).</param>
/// <param name="Sockets">One entry for each socket address, in the order of the options.</param>
/// <param name="Counters">The machine's counters.</param>
/// <param name="Traffic">The counters of the node's own sockets.</param>
/// <param name="Store">How durable it is.</param>
/// <param name="Routers">Where bootstrapping begins, as given or by default; empty for none.</param>
/// <param name="EventsLost">Events that slow readers lost.</param>
public sealed record MainlineStatus(
    DateTimeOffset At, TimeSpan Uptime, bool ReadOnly, IReadOnlyList<MainlineSocketState> Sockets, MainlineCounters Counters,
    TrafficCounters Traffic, StoreStatus Store, IReadOnlyList<string> Routers, long EventsLost);

/// <summary>Datagrams that passed, over all sockets of a node.</summary>
/// <param name="Received">Datagrams received.</param>
/// <param name="Sent">Datagrams handed to the operating system.</param>
/// <param name="Truncated">Datagrams that did not fit a receive slot, and were dropped.</param>
/// <param name="SendFailed">Datagrams that could not be sent.</param>
/// <param name="SentOutsideLoopback">Datagrams sent to an address that is not loopback.</param>
/// <param name="Withheld">Datagrams that <see cref="NodeLoopOptions.LoopbackOnly"/> kept from leaving.</param>
public readonly record struct TrafficCounters(long Received, long Sent, long Truncated, long SendFailed, long SentOutsideLoopback, long Withheld);

/// <summary>How records are kept.</summary>
public enum StoreMode : byte
{
    /// <summary>No store was configured: records live in memory.</summary>
    Memory,

    /// <summary>Records are written to the store.</summary>
    Durable,

    /// <summary>The store failed: records live in memory until it works again.</summary>
    Degraded,
}

/// <summary>The state of the store.</summary>
/// <param name="Mode">How records are kept.</param>
/// <param name="Alarm">For people: what is wrong, or null.</param>
/// <param name="Opening">What was found when the store was opened, or null.</param>
/// <param name="Written">Changes written since the start.</param>
/// <param name="Lost">Changes that stay in memory only: the store was too slow, or so long broken that there was no room to keep them for it.</param>
/// <param name="Pending">Changes that wait to be written, those included that wait for a broken store.</param>
public sealed record StoreStatus(StoreMode Mode, string? Alarm, RecordStoreOpening? Opening, long Written, long Lost, int Pending);
