namespace Kadath.Primitives;

/// <summary>
/// A point on the driver's monotonic clock, in ticks of 100 ns since an origin that only the driver knows.
/// Machines never read a clock: each call carries the instant at which it happens. Durations are <see cref="TimeSpan"/>.
/// </summary>
/// <param name="Ticks">Ticks of 100 ns since the driver's origin.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>The driver's origin.</summary>
    public static Instant Zero => default;

    /// <summary>Later than every other instant: the deadline of a machine that awaits nothing.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>True if this is <see cref="Never"/>.</summary>
    public bool IsNever => Ticks == long.MaxValue;

    /// <summary>Whole seconds since the origin: the resolution in which contacts and records remember times.</summary>
    public uint Seconds => (uint)(Ticks / TimeSpan.TicksPerSecond);

    /// <summary>The instant <paramref name="seconds"/> whole seconds after the origin.</summary>
    public static Instant FromSeconds(uint seconds) => new(seconds * TimeSpan.TicksPerSecond);

    /// <summary>The earlier of two instants.</summary>
    public static Instant Min(Instant a, Instant b) => a.Ticks <= b.Ticks ? a : b;

    /// <summary>The later of two instants.</summary>
    public static Instant Max(Instant a, Instant b) => a.Ticks >= b.Ticks ? a : b;

    /// <summary>The instant <paramref name="span"/> later; <see cref="Never"/> stays <see cref="Never"/>, and an overflow becomes it.</summary>
    public static Instant operator +(Instant at, TimeSpan span) =>
        at.IsNever || (span.Ticks > 0 && at.Ticks > long.MaxValue - span.Ticks) ? Never : new(at.Ticks + span.Ticks);

    /// <summary>The instant <paramref name="span"/> earlier.</summary>
    public static Instant operator -(Instant at, TimeSpan span) => at.IsNever ? Never : new(at.Ticks - span.Ticks);

    /// <summary>The time from <paramref name="earlier"/> to <paramref name="later"/>.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier) => new(later.Ticks - earlier.Ticks);

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    /// <summary>Earlier.</summary>
    public static bool operator <(Instant a, Instant b) => a.Ticks < b.Ticks;

    /// <summary>Later.</summary>
    public static bool operator >(Instant a, Instant b) => a.Ticks > b.Ticks;

    /// <summary>Not later.</summary>
    public static bool operator <=(Instant a, Instant b) => a.Ticks <= b.Ticks;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(Instant a, Instant b) => a.Ticks >= b.Ticks;

    /// <inheritdoc/>
    public override string ToString() => IsNever ? "never" : $"{Ticks / (double)TimeSpan.TicksPerSecond:0.000}s";
}
