using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Kadath.Tests.Node.Cli;

/// <summary>Runs the built command line as the program that it is, and holds every run to sending nothing outside the loopback.</summary>
internal static partial class CliProgram
{
    public const int Interrupt = 2, Kill = 9, Terminate = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The program, where the same build has put it.</summary>
    private static string Executable
    {
        get
        {
            var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            string name = OperatingSystem.IsWindows() ? "Kadath.Cli.exe" : "Kadath.Cli";
            return Path.Combine(here.Parent!.Parent!.FullName, "Kadath.Cli", here.Name, name);
        }
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<CliRun> RunAsync(params string[] arguments) => await RunWithInputAsync(null, arguments);

    /// <summary>Runs it to its end with this standard input.</summary>
    public static async Task<CliRun> RunWithInputAsync(byte[]? input, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
        }

        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            Assert.Fail($"kadath {string.Join(' ', arguments)} did not end: {await output} {await error}");
        }

        var run = new CliRun(process.ExitCode, await output, await error);
        AssertLoopbackOnly(run.Error);
        return run;
    }

    /// <summary>Starts it.</summary>
    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        start.Environment["KADATH_TRAFFIC"] = "1";
        // No test may meet the daemon of whoever runs it.
        start.Environment["KADATH_DATA"] = Path.Combine(Path.GetTempPath(), "kadath-no-such-folder");
        return Process.Start(start)!;
    }

    /// <summary>Sends a signal.</summary>
    public static void Signal(Process process, int signal) => Assert.Equal(0, SendSignal(process.Id, signal));

    /// <summary>Fails if a run that reported its traffic sent anything outside the loopback.</summary>
    public static void AssertLoopbackOnly(string error)
    {
        foreach (Match match in Traffic().Matches(error))
        {
            Assert.True(match.Groups[1].Value == "0", $"sent outside the loopback: {match.Value}");
        }
    }

    [GeneratedRegex(@"traffic: \d+ sent, (\d+) outside loopback")]
    private static partial Regex Traffic();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>How a run ended.</summary>
internal sealed record CliRun(int Exit, string Output, string Error)
{
    /// <summary>The one object on standard output.</summary>
    public JsonElement Json => Assert.Single(Lines);

    /// <summary>The objects on standard output, one a line.</summary>
    public IReadOnlyList<JsonElement> Lines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];

    /// <summary>The names of the object's members, in their order.</summary>
    public static string Members(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(static m => m.Name));

    /// <summary>Checks exit code, ok, via and, on failure, the error; gives the object.</summary>
    public JsonElement Expect(int exit, string via, string? error = null)
    {
        Assert.True(exit == Exit, $"exit {Exit}, expected {exit}: {Output} {Error}");
        JsonElement json = Lines[^1];
        Assert.Equal(exit == 0, json.GetProperty("ok").GetBoolean());
        Assert.Equal(via, json.GetProperty("via").GetString());
        Assert.True(json.GetProperty("elapsedMs").GetInt64() >= 0);
        Assert.Equal(error is not null, json.TryGetProperty("error", out JsonElement failure));
        if (error is not null)
        {
            Assert.Equal("code message hint", Members(failure));
            Assert.Equal(error, failure.GetProperty("code").GetString());
        }

        return json;
    }
}
