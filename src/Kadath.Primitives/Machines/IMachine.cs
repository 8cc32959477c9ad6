namespace Kadath.Primitives;

/// <summary>
/// The one shape of every protocol machine: it takes inputs with the time at which they happen, takes a wake-up, and states its one next
/// deadline. It does no I/O and calls nobody back: effects go to a sink that only enqueues. A machine is single-threaded; its driver
/// (a loop of <c>Kadath.Node</c>, or the simulator) owns time, sockets and order.
/// </summary>
public interface IMachine
{
    /// <summary>When the machine wants <see cref="Wake"/> next; <see cref="Instant.Never"/> if it awaits nothing. May change after every call.</summary>
    Instant NextDeadline { get; }

    /// <summary>Does all that is due at <paramref name="now"/>. Waking early or late is harmless; late work is done once, not made up for.</summary>
    void Wake(Instant now);
}

/// <summary>A machine that lives on datagrams: the shape that connectionless networks give their driver.</summary>
public interface IDatagramMachine : IMachine
{
    /// <summary>
    /// Takes one datagram. Bytes of a peer never throw and allocate nothing before they are judged; the span is valid only during the call.
    /// </summary>
    /// <param name="socket">The machine's own number of the socket address on which it came.</param>
    /// <param name="datagram">The payload.</param>
    /// <param name="from">The source, as the operating system gave it.</param>
    /// <param name="now">When it came.</param>
    void Receive(int socket, ReadOnlySpan<byte> datagram, in Endpoint from, Instant now);
}

/// <summary>Where a machine writes its datagrams: straight into the driver's send batch, without a copy.</summary>
public interface IDatagramSink
{
    /// <summary>
    /// A buffer of at least <see cref="DatagramLimits.SendSlot"/> bytes for the next datagram, valid until the next call of the sink.
    /// Renting again without sending gives the same slot. Never empty: where the batch is full, the driver sends it first, or drops and counts.
    /// </summary>
    /// <param name="socket">The socket from which the datagram will leave.</param>
    Span<byte> Rent(int socket);

    /// <summary>Queues the first <paramref name="length"/> bytes of the rented buffer for <paramref name="to"/>, from the socket it was rented for.</summary>
    void Send(int socket, int length, in Endpoint to);
}

/// <summary>Sizes that machines and drivers agree on.</summary>
public static class DatagramLimits
{
    /// <summary>Bytes of a receive slot: larger datagrams are truncated by the kernel, dropped and counted. Foreign nodes send up to 4 kB.</summary>
    public const int ReceiveSlot = 8192;

    /// <summary>Bytes of a send slot: what fits an Ethernet frame without fragmentation.</summary>
    public const int SendSlot = 1500;
}
