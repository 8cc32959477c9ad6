using System.Runtime.InteropServices;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Kadath.Bench;

/// <summary>Measures the processor time of the benchmark's thread, not time passed, in many short iterations: meaningful on a machine that others use too.</summary>
public sealed class CpuTimeConfig : ManualConfig
{
    public CpuTimeConfig()
    {
        // Forty iterations of 10 ms fit into the pauses of other work; the warm-up is long enough to reach the last tier of the compiler.
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithClock(OperatingSystem.IsLinux() ? new ThreadCpuClock() : Chronometer.BestClock)
            .WithIterationTime(TimeInterval.FromMilliseconds(10))
            .WithWarmupCount(60)
            .WithIterationCount(40));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumn(StatisticColumn.Median, StatisticColumn.Min);
        HideColumns("Error", "StdDev", "Mean", "Ratio", "RatioSD");
    }

    /// <summary>CLOCK_THREAD_CPUTIME_ID of clock_gettime(2).</summary>
    private sealed class ThreadCpuClock : IClock
    {
        private const int ThreadCpuTime = 3;

        public string Title => "thread CPU time";

        public bool IsAvailable => OperatingSystem.IsLinux();

        public Frequency Frequency => new(1_000_000_000);

        public long GetTimestamp()
        {
            _ = ClockGetTime(ThreadCpuTime, out var time);
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
}
