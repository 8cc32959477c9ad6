using Kadath.Primitives;
using Kadath.Simulator.Links;
using Kadath.Simulator.Nats;

namespace Kadath.Simulator.Packets;

/// <summary>A node's place in the network: what the links, its queue and its timer need to know of it.</summary>
internal struct Seat
{
    /// <summary>What runs there; null before the first start.</summary>
    public IDatagramMachine? Machine;

    /// <summary>The NAT in front of its socket 0; null for none.</summary>
    public NatBox? Nat;

    /// <summary>The quantum for which the one valid wake-up is queued; 0 for none.</summary>
    public long WakesAt;

    /// <summary>Until when its processor is busy with datagrams that arrived before.</summary>
    public long BusyUntil;

    /// <summary>When its uplink is free.</summary>
    public long UplinkFree;

    /// <summary>Region and access delay.</summary>
    public LinkEnd End;

    /// <summary>Datagrams handed to the machine.</summary>
    public uint Handled;

    /// <summary>Only nodes of one partition reach each other.</summary>
    public byte Partition;

    /// <summary>Takes part in the network at present.</summary>
    public bool Online;

    /// <summary>The watcher wants to see its datagrams.</summary>
    public bool Watched;

    /// <summary>Its last wake-up left a deadline that had passed.</summary>
    public bool Lagging;
}
