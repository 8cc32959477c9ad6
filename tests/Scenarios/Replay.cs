using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Kadath.Simulator;
using Kadath.Simulator.Scenarios;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Runs scenarios in the test's process, and says how to run a failed one again.</summary>
internal static class Replay
{
    /// <summary>Runs a scenario; the command that replays it is the test's output.</summary>
    public static SimulationReport Run(ScenarioOptions options)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {options.Seed}; replay: {CommandOf(options)}");
        return ScenarioCatalog.Run(options, cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>The command that runs the same.</summary>
    public static string CommandOf(ScenarioOptions options)
    {
        var command = new List<string> { $"./kadath sim {options.Scenario} --nodes {options.Nodes} --seed {options.Seed} --lookups {options.Lookups} --rtt {options.Rtt.Name}" };
        command.AddRange(((string Name, int Value)[])[("k", options.K), ("alpha", options.Alpha), ("paths", options.Paths)] is var numbers
            ? numbers.Where(static n => n.Value > 0).Select(static n => $"--{n.Name} {n.Value}")
            : []);
        command.Add(string.Create(CultureInfo.InvariantCulture, $"--hours {options.Hours}"));
        command.Add(options.IdealTables ? "--tables ideal" : "--tables grown");
        command.AddRange(options.Settings.OrderBy(static s => s.Key, StringComparer.Ordinal).Select(static s => s.Key is "share" or "behaviour" ? $"--{s.Key} {s.Value}" : $"--set {s.Key}={s.Value}"));
        return string.Join(' ', command);
    }
}

/// <summary>Runs <c>kadath sim</c> as it was built.</summary>
internal static class SimProgram
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static readonly string s_program = Find();

    /// <summary>Runs it with <c>--json</c> and gives the object that it printed; the test fails if it did not end well.</summary>
    public static async Task<JsonElement> RunAsync(IReadOnlyList<string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(s_program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["sim", .. arguments, "--json"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string variable in environment)
        {
            string[] parts = variable.Split('=', 2);
            start.Environment[parts[0]] = parts[1];
        }

        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {await error}");
        return JsonDocument.Parse(await output).RootElement.Clone();
    }

    private static string Find()
    {
        // artifacts/bin/<project>/<configuration>/: the program's lies beside the tests'.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string name = OperatingSystem.IsWindows() ? "Kadath.Cli.exe" : "Kadath.Cli";
        return Path.Combine(here.Parent!.Parent!.FullName, "Kadath.Cli", here.Name, name);
    }
}
