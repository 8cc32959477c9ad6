using Kadath.Primitives;

namespace Kadath.Simulator.Packets;

/// <summary>Sees what watched nodes send and receive. It reads, and never steers: a run has the same trace with it and without.</summary>
internal interface IPacketWatcher
{
    /// <summary>A node sends a datagram; <paramref name="to"/> may be nobody's endpoint, and then <paramref name="receiver"/> is -1.</summary>
    void Sending(int sender, int receiver, in Endpoint to, ReadOnlySpan<byte> bytes);

    /// <summary>A datagram is about to be handed to a node's machine.</summary>
    void Receiving(int sender, int receiver, ReadOnlySpan<byte> bytes);

    /// <summary>A machine has taken an input or a wake-up, and what it caused was sent.</summary>
    void Acted(int node);
}
