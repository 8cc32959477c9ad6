using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kadath.Bench.Beside;

/// <summary><c>beside [REGEX]</c>: primitives beside foreign implementations of the same, in one run, as a table in Markdown.</summary>
/// <remarks>
/// The foreign ones are in the program rscrypto (<c>tests/Interop/peers</c>), which measures time passed. So that pauses forced
/// by other work do not count, each operation is measured in several passes that alternate with ours, and the lowest median counts.
/// </remarks>
internal static class BesideCommand
{
    private const int Passes = 3;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var program = Environment.GetEnvironmentVariable("RSCRYPTO") is { Length: > 0 } chosen ? chosen : Path.Combine(Installed(), "bin", "rscrypto");
        if (!File.Exists(program))
        {
            Console.Error.WriteLine($"{program} is missing: run tests/Interop/peers/setup.sh, or name another with RSCRYPTO.");
            return 1;
        }

        var only = new Regex(arguments.FirstOrDefault() ?? ".", RegexOptions.IgnoreCase);
        Console.WriteLine("| operation | fill | ns | best foreign | ns | ratio | others |");
        Console.WriteLine("| --- | --- | ---: | --- | ---: | ---: | --- |");
        foreach (var operation in CurveRows.All().Concat(SymmetricRows.All()).Concat(LatticeRows.All()).Where(row => only.IsMatch(row.Operation)).GroupBy(row => row.Operation))
        {
            await PrintAsync(program, operation.Key, [.. operation]);
        }

        return 0;
    }

    private static async Task PrintAsync(string program, string operation, BesideRow[] rows)
    {
        Dictionary<string, double> own = [], foreign = [];
        for (var pass = 0; pass < Passes; pass++)
        {
            foreach (var row in rows)
            {
                Keep(own, row.Fill, Median(row.Run));
            }

            foreach (var (name, nanoseconds) in await ForeignAsync(program, operation))
            {
                Keep(foreign, name, nanoseconds);
            }
        }

        var ordered = foreign.OrderBy(pair => pair.Value).ToArray();
        var (best, bestTime) = ordered is [var first, ..] ? first : new("-", double.NaN);
        foreach (var row in rows)
        {
            var others = row == rows[0] ? string.Join(", ", ordered.Skip(1).Select(pair => $"{pair.Key} {Text(pair.Value)}")) : "";
            var ratio = (own[row.Fill] / bestTime).ToString("0.00", CultureInfo.InvariantCulture);
            Console.WriteLine($"| {operation} | {row.Fill} | {Text(own[row.Fill])} | {best} | {Text(bestTime)} | {ratio} | {others} |");
        }

        static void Keep(Dictionary<string, double> lowest, string name, double nanoseconds) =>
            lowest[name] = Math.Min(nanoseconds, lowest.GetValueOrDefault(name, double.PositiveInfinity));
    }

    /// <summary>The median over twenty batches of five milliseconds, after the last tier of the compiler was reached.</summary>
    private static double Median(Action run)
    {
        for (var warm = 0; warm < 30; warm++)
        {
            Batch(run);
        }

        var batches = Enumerable.Range(0, 20).Select(_ => Batch(run)).Order().ToArray();
        return batches[batches.Length / 2];
    }

    /// <summary>Runs between two looks at the clock grow until they take fifty microseconds: a look costs more than a short operation.</summary>
    private static double Batch(Action run)
    {
        long start = ThreadCpuTime.Nanoseconds(), last = start, now;
        long count = 0, step = 1;
        do
        {
            for (var i = 0L; i < step; i++)
            {
                run();
            }

            count += step;
            now = ThreadCpuTime.Nanoseconds();
            step = now - last < 50_000 ? 2 * step : step;
            last = now;
        }
        while (now - start < 5_000_000);

        return (now - start) / (double)count;
    }

    /// <remarks>The program's pattern knows neither an end nor an escaped blank: what begins alike is measured too, and left out.</remarks>
    private static async Task<IReadOnlyList<(string Name, double Nanoseconds)>> ForeignAsync(string program, string operation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["bench", "--json", "--seconds", "0.15", "--only", $"^{Regex.Replace(operation, "[^A-Za-z0-9-]", ".")}"])
        {
            RedirectStandardOutput = true,
        })!;
        List<(string, double)> rows = [];
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (!root.TryGetProperty("event", out _) && root.GetProperty("op").GetString() == operation)
            {
                rows.Add((root.GetProperty("impl").GetString()!, root.GetProperty("ns").GetDouble()));
            }
        }

        await process.WaitForExitAsync();
        return rows;
    }

    private static string Installed() => Environment.GetEnvironmentVariable("KADATH_PEERS") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "kadath", "peers");

    private static string Text(double nanoseconds) => nanoseconds.ToString(nanoseconds < 1000 ? "0.0" : "0", CultureInfo.InvariantCulture);
}

/// <summary>One operation in one fill.</summary>
/// <param name="Operation">Its name in <c>rscrypto bench</c>.</param>
/// <param name="Fill">Where our code comes from.</param>
/// <param name="Run">Runs it once.</param>
internal sealed record BesideRow(string Operation, string Fill, Action Run);
