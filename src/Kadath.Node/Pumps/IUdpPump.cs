using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// How a loop talks to the operating system: one sleep on all sockets and a wake-up, datagrams in batches. Everything but
/// <see cref="Wake"/> belongs to the loop's thread. Two implementations pass one suite: <see cref="LinuxBatchPump"/> and <see cref="PortableSocketPump"/>.
/// </summary>
internal interface IUdpPump : IDisposable
{
    /// <summary>Datagrams of one receive or send batch at most: beyond 64 nothing is gained, since the kernel's path per datagram dominates.</summary>
    const int Batch = 64;

    /// <summary>Binds a socket. Throws <see cref="BindException"/>.</summary>
    IUdpSocket Open(in Endpoint local, int receiveBufferBytes);

    /// <summary>
    /// Sleeps until a socket is readable, <see cref="Wake"/> was called, or the time is over; zero only looks. Afterwards
    /// <see cref="IUdpSocket.Readable"/> tells which.
    /// </summary>
    void Wait(TimeSpan timeout);

    /// <summary>Ends the present sleep, or the next one. From any thread.</summary>
    void Wake();

    /// <summary>Hands all rented and sent datagrams to the operating system.</summary>
    void Flush();
}

/// <summary>One bound UDP socket of a pump.</summary>
internal interface IUdpSocket : IDisposable
{
    /// <summary>The bound address, with the port that was taken.</summary>
    Endpoint Local { get; }

    /// <summary>True if the last wait found it readable.</summary>
    bool Readable { get; }

    /// <summary>The socket's counters.</summary>
    UdpCounters Counters { get; }

    /// <summary>
    /// Receives a batch into the pump's slots, which the next receive of any socket overwrites; returns how many slots are filled, 0 if nothing was there.
    /// </summary>
    int Receive();

    /// <summary>
    /// Whether more waits than the loop can take: asked after a full batch. A batch that is full proves nothing yet, since whoever is fast enough
    /// keeps a window of queries in flight; a receive buffer that is half full, or has dropped something, does.
    /// </summary>
    bool IsBacklogged(Instant now);

    /// <summary>A datagram of the last batch. False for one that was truncated (dropped and counted) or has an unknown source.</summary>
    bool TryGet(int index, out ReadOnlySpan<byte> datagram, out Endpoint from);

    /// <summary>A buffer of <see cref="DatagramLimits.SendSlot"/> bytes for the next datagram; renting again gives the same.</summary>
    Span<byte> Rent();

    /// <summary>Queues the rented buffer. Failures are counted, never thrown.</summary>
    void Send(int length, in Endpoint to);
}

/// <summary>Counters of one socket: written by the loop, read by anybody.</summary>
internal sealed class UdpCounters
{
    public long Received;
    public long Sent;
    public long Truncated;
    public long SendFailed;
    public long SentOutsideLoopback;
    public long Withheld;

    /// <summary>True if the datagram may leave; counts what goes outside loopback, or would have.</summary>
    public bool Judge(in Endpoint to, bool loopbackOnly)
    {
        if (IsLoopback(to))
        {
            return true;
        }

        if (loopbackOnly)
        {
            Withheld++;
            return false;
        }

        SentOutsideLoopback++;
        return true;
    }

    public TrafficCounters Snapshot() => new(
        Volatile.Read(ref Received), Volatile.Read(ref Sent), Volatile.Read(ref Truncated),
        Volatile.Read(ref SendFailed), Volatile.Read(ref SentOutsideLoopback), Volatile.Read(ref Withheld));

    private static bool IsLoopback(in Endpoint to) =>
        to.IsV4 ? to.AddressV4 >> 24 == 127 : to.AddressHigh == 0 && to.AddressLow == 1;
}
