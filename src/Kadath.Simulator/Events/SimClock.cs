using Kadath.Primitives;

namespace Kadath.Simulator.Events;

/// <summary>Virtual time: quanta of 6.4 µs, which are instants to the machines.</summary>
internal static class SimClock
{
    /// <summary>Ticks of 100 ns in a quantum. Fine enough for a packet's service time of 100 µs, coarse enough that a wheel's slots hold several events.</summary>
    public const long TicksPerQuantum = 64;

    // Machines keep whole seconds, in which zero often means "not yet": time begins later.
    private const long OriginSeconds = 1000;

    /// <summary>The first moment of every run.</summary>
    public const long Origin = OriginSeconds * TimeSpan.TicksPerSecond / TicksPerQuantum;

    /// <summary>The instant of a quantum.</summary>
    public static Instant InstantOf(long quantum) => new(quantum * TicksPerQuantum);

    /// <summary>The first quantum that is not before the instant; <see cref="long.MaxValue"/> for never.</summary>
    public static long QuantumOf(Instant at) => at.IsNever ? long.MaxValue : (at.Ticks + TicksPerQuantum - 1) / TicksPerQuantum;

    /// <summary>A span in whole quanta, rounded up.</summary>
    public static long Quanta(TimeSpan span) => (span.Ticks + TicksPerQuantum - 1) / TicksPerQuantum;

    /// <summary>Microseconds in whole quanta, rounded to the nearest.</summary>
    public static long FromMicroseconds(long microseconds) => ((microseconds * 10) + (TicksPerQuantum / 2)) / TicksPerQuantum;

    /// <summary>Milliseconds between two quanta.</summary>
    public static double Milliseconds(long quanta) => quanta * TicksPerQuantum / 10_000.0;
}
