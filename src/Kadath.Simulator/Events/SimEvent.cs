namespace Kadath.Simulator.Events;

/// <summary>What happens at a moment of virtual time. The numbers go into trace hashes: they never change.</summary>
internal enum EventKind : byte
{
    /// <summary>A datagram reaches a node's receive queue.</summary>
    Arrival = 1,

    /// <summary>A datagram's turn in the receive queue has come.</summary>
    Service = 2,

    /// <summary>A machine is woken at its deadline.</summary>
    Wake = 3,

    /// <summary>An effect that a machine asked for is done: a signature checked, a record written.</summary>
    Completion = 4,

    /// <summary>The scenario acts: a node joins, stops, begins a lookup.</summary>
    Action = 5,

    /// <summary>A datagram was lost on its way.</summary>
    Lost = 6,

    /// <summary>A datagram found its receiver gone, out of reach, or its queue full.</summary>
    Dropped = 7,
}

/// <summary>An event that waits in the queue.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Node">The node concerned, or -1.</param>
/// <param name="Item">A datagram's handle, a completion's or an action's number.</param>
internal readonly record struct SimEvent(EventKind Kind, int Node, int Item);
