namespace Kadath.Node;

/// <summary>Which way a loop talks to the operating system.</summary>
public enum UdpPumpKind : byte
{
    /// <summary>The fastest that works here; the environment variable KADATH_UDP_PUMP (batch or portable) overrides it.</summary>
    Auto,

    /// <summary>Linux: recvmmsg and sendmmsg.</summary>
    Batch,

    /// <summary>The sockets of .NET, on every platform.</summary>
    Portable,
}

/// <summary>Options of a <see cref="NodeLoop"/>.</summary>
public sealed record NodeLoopOptions
{
    /// <summary>The thread's name, for debuggers.</summary>
    public string Name { get; init; } = "kadath-loop";

    /// <summary>Which way to talk to the operating system.</summary>
    public UdpPumpKind Pump { get; init; } = UdpPumpKind.Auto;

    /// <summary>Drop, and count, whatever would leave the loopback interface: for tests and demonstrations.</summary>
    public bool LoopbackOnly { get; init; }

    /// <summary>Receive buffer asked of the operating system for each socket, in bytes; it may grant less. From 4 KiB to 1 GiB.</summary>
    public int ReceiveBufferBytes { get; init; } = 4 << 20;

    /// <summary>Commands of other threads that may wait for the loop; beyond, calls are refused. From 16 to 1,000,000.</summary>
    public int CommandCapacity { get; init; } = 16_384;
}
