namespace Kadath.Simulator.Packets;

/// <summary>What happened in a run, in numbers.</summary>
internal sealed class PacketCounters
{
    /// <summary>Datagrams handed to a machine, and wake-ups that made one act.</summary>
    public long Events;

    /// <summary>Datagrams that machines sent.</summary>
    public long Sent;

    /// <summary>Bytes of these.</summary>
    public long SentBytes;

    /// <summary>Datagrams handed to a machine.</summary>
    public long Delivered;

    /// <summary>Datagrams handed to a machine that answered one of its own: a query and its answer, an RPC.</summary>
    public long Answered;

    /// <summary>Datagrams that did not arrive.</summary>
    public long Lost;

    /// <summary>Datagrams that arrived and found nobody, or a full queue.</summary>
    public long Dropped;

    /// <summary>Machines that, woken, left a deadline that had passed, twice in a row.</summary>
    public long Stuck;
}
