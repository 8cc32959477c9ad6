using System.Diagnostics;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// The clock of all loops: monotonic, and on Linux running on while the machine is suspended, so that machines see the gap.
/// </summary>
internal static class MonotonicClock
{
    // Machines may ask for "a quarter of an hour ago" in the first second after boot.
    private static readonly TimeSpan Head = TimeSpan.FromDays(1);

    /// <summary>The time now.</summary>
    public static unsafe Instant Now
    {
        get
        {
            if (OperatingSystem.IsLinux())
            {
                LinuxNative.TimeSpec time;
                if (LinuxNative.ClockGetTime(LinuxNative.BootTimeClock, &time) == 0)
                {
                    return new((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100) + Head.Ticks);
                }
            }

            return new(Stopwatch.GetElapsedTime(0).Ticks + Head.Ticks);
        }
    }

    /// <summary>The wall-clock time, in Unix milliseconds, of an instant near <paramref name="now"/>; <see cref="long.MaxValue"/> for never.</summary>
    public static long ToUnixMilliseconds(Instant at, Instant now) =>
        at.IsNever ? long.MaxValue : DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + ((at.Ticks - now.Ticks) / TimeSpan.TicksPerMillisecond);

    /// <summary>The instant of a wall-clock time; <see cref="Instant.Never"/> for <see cref="long.MaxValue"/>.</summary>
    public static Instant FromUnixMilliseconds(long milliseconds, Instant now)
    {
        if (milliseconds == long.MaxValue)
        {
            return Instant.Never;
        }

        long ahead = milliseconds - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        // A store written under a wrong clock must not overflow ours: ten years are as good as any longer time.
        ahead = Math.Clamp(ahead, -315_360_000_000, 315_360_000_000);
        return new(now.Ticks + (ahead * TimeSpan.TicksPerMillisecond));
    }
}
