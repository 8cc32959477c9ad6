namespace Kadath.Simulator;

/// <summary>What every node's host can do.</summary>
public sealed record HostOptions
{
    /// <summary>Datagrams that a node processes in a second: 10,000, a busy home router's worth. 1 to 1,000,000.</summary>
    public int PacketsPerSecond { get; init; } = 10_000;

    /// <summary>Datagrams that wait for processing at most; more are dropped. 256: a socket buffer of 208 KiB, as Linux accounts it. 1 to 65,536.</summary>
    public int ReceiveQueue { get; init; } = 256;

    /// <summary>Megabits a second from the node; 1 to 100,000.</summary>
    public int UplinkMegabits { get; init; } = 20;

    /// <summary>Megabits a second to the node; 1 to 100,000.</summary>
    public int DownlinkMegabits { get; init; } = 100;

    /// <summary>How long a write takes that a machine asked for; 1 ms, a disk that is not busy.</summary>
    public TimeSpan DiskTime { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a signature check takes: 100 µs.</summary>
    public TimeSpan VerifyTime { get; init; } = TimeSpan.FromMicroseconds(100);

    internal void Validate()
    {
        Check(PacketsPerSecond, 1_000_000, nameof(PacketsPerSecond));
        Check(ReceiveQueue, 65_536, nameof(ReceiveQueue));
        Check(UplinkMegabits, 100_000, nameof(UplinkMegabits));
        Check(DownlinkMegabits, 100_000, nameof(DownlinkMegabits));
        ArgumentOutOfRangeException.ThrowIfLessThan(DiskTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(VerifyTime, TimeSpan.Zero);

        static void Check(int value, int most, string name)
        {
            if (value < 1 || value > most)
            {
                throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between 1 and {most}");
            }
        }
    }
}
