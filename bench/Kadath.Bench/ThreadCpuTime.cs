using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kadath.Bench;

/// <summary>Processor time of the calling thread where the system tells it (Linux), else time passed.</summary>
internal static class ThreadCpuTime
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID of clock_gettime(2).</summary>
    private const int ThreadCpuTimeId = 3;

    public static long Nanoseconds()
    {
        if (!OperatingSystem.IsLinux())
        {
            return (long)Stopwatch.GetElapsedTime(0).TotalNanoseconds;
        }

        _ = ClockGetTime(ThreadCpuTimeId, out var time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ClockGetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
