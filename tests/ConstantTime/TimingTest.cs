using System.Diagnostics;
using System.Globalization;

namespace Kadath.Tests.ConstantTime;

/// <summary>
/// Whether the time of an operation tells two classes of secrets apart (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?",
/// 2017): one fixed secret against random ones, in random order, compared by Welch's t-test over all samples and over the fastest ones.
/// </summary>
internal static class TimingTest
{
    /// <summary>Above it the classes differ beyond doubt.</summary>
    private const double Limit = 10;

    // Interruptions make a long tail that hides a difference: the test is made over these shares of the fastest samples too.
    private static readonly double[] Shares = [1, 0.95, 0.8, 0.5, 0.2];

    /// <summary>Measures the operations whose names contain <paramref name="name"/>. The exit code is 0 if none leaks but the control, which has to.</summary>
    public static int Run(string name, int samples)
    {
        var well = true;
        foreach (var operation in TimedOperations.All().Where(operation => operation.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
        {
            var t = Measure(operation, samples);
            var good = t > Limit == operation.MustLeak;
            well &= good;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{(good ? "ok  " : "FAIL")} {operation.Name,-45} |t| {t,7:0.0} over {samples} samples{(operation.MustLeak ? " (must leak)" : "")}"));
        }

        return well ? 0 : 1;
    }

    private static double Measure(TimedOperation operation, int samples)
    {
        var random = new Random(1);
        var classes = new byte[samples];
        random.NextBytes(classes);
        var times = new long[samples];
        for (var warm = 0; warm < 20_000; warm++)
        {
            operation.Prepare(warm & 1, warm % TimedOperations.PoolSize);
            operation.Run();
        }

        Thread.Sleep(300);
        for (var i = 0; i < samples; i++)
        {
            classes[i] &= 1;
            operation.Prepare(classes[i], random.Next(TimedOperations.PoolSize));
            var before = Stopwatch.GetTimestamp();
            operation.Run();
            times[i] = Stopwatch.GetTimestamp() - before;
        }

        var sorted = times.Order().ToArray();
        return Shares.Max(share => Math.Abs(Welch(times, classes, sorted[(int)(share * (samples - 1))])));
    }

    /// <summary>Welch's t over the samples that took at most <paramref name="longest"/>.</summary>
    private static double Welch(long[] times, byte[] classes, long longest)
    {
        Span<double> count = stackalloc double[2], mean = stackalloc double[2], squares = stackalloc double[2];
        for (var i = 0; i < times.Length; i++)
        {
            if (times[i] <= longest)
            {
                var c = classes[i];
                count[c]++;
                var difference = times[i] - mean[c];
                mean[c] += difference / count[c];
                squares[c] += difference * (times[i] - mean[c]);
            }
        }

        var variance = (squares[0] / (count[0] - 1) / count[0]) + (squares[1] / (count[1] - 1) / count[1]);
        return variance > 0 ? (mean[0] - mean[1]) / Math.Sqrt(variance) : 0;
    }
}

/// <summary>An operation and, before its time begins, the choice of its secret: of class 0 it is always the same, of class 1 a random one.</summary>
/// <param name="Name">What a report calls it.</param>
/// <param name="Prepare">Takes the class and a number; puts the secret where the operation reads it, at the same place for both classes.</param>
/// <param name="Run">What is measured.</param>
/// <param name="MustLeak">Whether this is the control.</param>
internal sealed record TimedOperation(string Name, Action<int, int> Prepare, Action Run, bool MustLeak = false);
