using Kadath.Primitives;
using Kadath.Simulator.Packets;

namespace Kadath.Simulator.Lookups;

/// <summary>The lookups that are being measured, at most one a node.</summary>
internal sealed class LookupProbes(KademliaNetwork network) : IPacketWatcher
{
    private readonly Dictionary<int, LookupProbe> _running = [];
    private int _begun;

    /// <summary>Which lookup's course is noted, 1 for the first; 0 for none.</summary>
    public int Traced { get; set; }

    /// <summary>The course of that lookup, once it has begun.</summary>
    public LookupCourse? Course { get; private set; }

    /// <summary>Whether a node's lookup is being measured.</summary>
    public bool IsRunning(int node) => _running.ContainsKey(node);

    /// <summary>Begins to watch.</summary>
    public void Begin(LookupProbe probe)
    {
        _running.Add(probe.Initiator, probe);
        if (++_begun == Traced)
        {
            probe.Course = Course = new(network, _begun, probe.Initiator, probe.Target);
        }

        network.Packets.SeatOf(probe.Initiator).Watched = true;
    }

    /// <summary>The lookup of a node has ended.</summary>
    public void End(int node)
    {
        _running.Remove(node);
        network.Packets.SeatOf(node).Watched = false;
    }

    /// <summary>A node has stopped: its lookup will never end.</summary>
    public void Forget(int node) => _running.Remove(node);

    /// <inheritdoc/>
    public void Sending(int sender, int receiver, in Endpoint to, ReadOnlySpan<byte> bytes) => _running.GetValueOrDefault(sender)?.Sending(receiver, to, bytes);

    /// <inheritdoc/>
    public void Receiving(int sender, int receiver, ReadOnlySpan<byte> bytes)
    {
    }

    /// <inheritdoc/>
    public void Acted(int node)
    {
    }
}
