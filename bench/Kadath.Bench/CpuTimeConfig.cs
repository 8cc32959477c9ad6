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

    /// <summary>See <see cref="ThreadCpuTime"/>.</summary>
    private sealed class ThreadCpuClock : IClock
    {
        public string Title => "thread CPU time";

        public bool IsAvailable => OperatingSystem.IsLinux();

        public Frequency Frequency => new(1_000_000_000);

        public long GetTimestamp() => ThreadCpuTime.Nanoseconds();
    }
}
