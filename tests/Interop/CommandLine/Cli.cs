using System.Diagnostics;
using System.Text.Json;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.CommandLine;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record CliResult(int Code, JsonElement Json, string Output, string Progress)
{
    /// <summary>A member of the result.</summary>
    public JsonElement this[string name] => Json.GetProperty(name);

    /// <inheritdoc/>
    public override string ToString() => $"exit {Code}: {Output} {Progress}";
}

/// <summary>
/// Runs the command line as a program, with <c>--json</c>. Every socket is bound to a loopback address, from which the kernel sends nothing
/// to any other; the daemon's own counter is checked besides.
/// </summary>
internal static class Cli
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The program, built in the same configuration as these tests.</summary>
    public static string Program { get; } =
        Path.Combine(PeerHome.SourceTree(), "artifacts", "bin", "Kadath.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "Kadath.Cli");

    /// <summary>Runs one command to its end.</summary>
    public static async Task<CliResult> RunAsync(string folder, params string[] arguments)
    {
        using Process process = Start(folder, [.. arguments, "--json"]);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> progress = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"kadath {string.Join(' ', arguments)} did not end. {await progress}");
        }

        string text = (await output).Trim();
        JsonElement json = text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default;
        return new CliResult(process.ExitCode, json, text, await progress);
    }

    /// <summary>Starts a command that stays.</summary>
    public static Process Start(string folder, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["KADATH_DATA"] = folder;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
