using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Kadath.Tests.Node.Cli;

/// <summary>A daemon in a process of its own, on the loopback, with a data folder of its own.</summary>
internal sealed class CliDaemon : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly bool _ownsFolder;

    private CliDaemon(Process process, Task<string> error, JsonElement ready, string folder, bool ownsFolder)
    {
        _process = process;
        _error = error;
        Ready = ready;
        Folder = folder;
        _ownsFolder = ownsFolder;
    }

    /// <summary>What it printed when it answered.</summary>
    public JsonElement Ready { get; }

    /// <summary>Its data folder.</summary>
    public string Folder { get; }

    /// <summary>Its first endpoint.</summary>
    public string Endpoint => Ready.GetProperty("endpoints")[0].GetString()!;

    /// <summary>Its control socket.</summary>
    public string Control => Ready.GetProperty("control").GetString()!;

    /// <summary>The process.</summary>
    public Process Process => _process;

    /// <summary>Starts one and waits until it answers. Without a folder it gets one that goes with it.</summary>
    public static async Task<CliDaemon> StartAsync(string? folder = null, string bootstrap = "none", params string[] more)
    {
        string data = folder ?? Directory.CreateTempSubdirectory("kadath-").FullName;
        string[] bind = more.Contains("--bind") ? [] : ["--bind", "127.0.0.1"];
        Process process = CliProgram.Start(["up", .. bind, "--bootstrap", bootstrap, "--data", data, "--json", .. more]);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(line is not null, $"the daemon ended: {(line is null ? await error : "")}");
        return new CliDaemon(process, error, JsonDocument.Parse(line!).RootElement, data, folder is null);
    }

    /// <summary>Has it do something.</summary>
    public Task<CliRun> RunAsync(params string[] arguments) => CliProgram.RunAsync([.. arguments, "--data", Folder, "--json"]);

    /// <summary>Sends a signal and waits for the end; gives the exit code.</summary>
    public async Task<int> StopAsync(int signal = CliProgram.Terminate)
    {
        if (!_process.HasExited)
        {
            CliProgram.Signal(_process, signal);
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }

        CliProgram.AssertLoopbackOnly(await _error);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
