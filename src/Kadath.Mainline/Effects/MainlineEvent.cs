using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>What happened in a Mainline machine.</summary>
public enum MainlineEventKind : byte
{
    /// <summary>A node answered us for the first time and entered the routing table.</summary>
    NodeDiscovered,

    /// <summary>A node left the routing table.</summary>
    NodeLost,

    /// <summary>The node has enough live contacts to work.</summary>
    Bootstrapped,

    /// <summary>All contacts were lost, the clock jumped, or the network changed: bootstrapping begins again.</summary>
    Rebootstrapping,

    /// <summary>Our external address, as others see it, was agreed on or changed.</summary>
    ExternalAddress,

    /// <summary>Our id changed to fit the external address (BEP 42).</summary>
    IdChanged,

    /// <summary>A peer's announce was stored.</summary>
    AnnounceStored,

    /// <summary>A peer's item was stored.</summary>
    ItemStored,

    /// <summary>A lookup of ours ended; <see cref="MainlineEvent.Count"/> is its number of messages.</summary>
    LookupCompleted,
}

/// <summary>One thing that happened, as a value without references: a driver copies it into a bounded queue.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Socket">The machine's number of the socket address concerned, or -1.</param>
/// <param name="Id">The node id, target or info-hash concerned.</param>
/// <param name="Endpoint">The endpoint concerned, or none.</param>
/// <param name="Count">A number whose meaning the kind gives.</param>
public readonly record struct MainlineEvent(MainlineEventKind Kind, int Socket, Id160 Id, Endpoint Endpoint, int Count);
