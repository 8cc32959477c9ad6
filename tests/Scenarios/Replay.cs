using System.Diagnostics;
using System.Text.Json;
using Kadath.Simulator;
using Kadath.Simulator.Scenarios;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Runs scenarios in the test's process, and says how to run a failed one again.</summary>
internal static class Replay
{
    /// <summary>Runs a scenario; the command that replays it is the test's output.</summary>
    public static SimulationReport Run(ScenarioOptions options, RunDetails? details = null)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {options.Seed}; replay: {ReplayCommand.Of(options)}");
        return ScenarioCatalog.Run(options, details: details, cancellation: TestContext.Current.CancellationToken);
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
