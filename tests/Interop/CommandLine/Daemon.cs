using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Xunit;

namespace Kadath.Tests.Interop.CommandLine;

/// <summary><c>kadath up</c>, on a loopback address. When it ends, nothing it sent may have left loopback.</summary>
internal sealed partial class Daemon : IAsyncDisposable
{
    private const int SigTerm = 15;

    private readonly Process _process;

    private Daemon(Process process, string folder, IPEndPoint endpoint)
    {
        _process = process;
        Folder = folder;
        Endpoint = endpoint;
    }

    /// <summary>Its data folder: a command that names it uses this daemon.</summary>
    public string Folder { get; }

    /// <summary>Where its node listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Starts it, and waits until it says that it is ready.</summary>
    public static async Task<Daemon> UpAsync(string address, IPEndPoint bootstrap)
    {
        string folder = Directory.CreateTempSubdirectory("kadath-up-").FullName;
        Process process = Cli.Start(folder, "up", "--bind", address, "--port", "0", "--bootstrap", bootstrap.ToString(), "--data", folder, "--json");
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(45));
        JsonElement ready = JsonDocument.Parse(line ?? throw new InvalidOperationException("kadath up ended at once")).RootElement;
        Assert.Equal("ready", ready.GetProperty("event").GetString());
        return new Daemon(process, folder, IPEndPoint.Parse(ready.GetProperty("endpoints")[0].GetString()!));
    }

    /// <summary>Runs a command on this daemon.</summary>
    public Task<CliResult> RunAsync(params string[] arguments) => Cli.RunAsync(Folder, [.. arguments, "--daemon"]);

    /// <summary>Ends it as an operator does; it must end well, and soon.</summary>
    public async ValueTask DisposeAsync()
    {
        CliResult status = await Cli.RunAsync(Folder, "status");
        Assert.True(status.Code == 0 && status["sentOutsideLoopback"].GetInt64() == 0, $"{status}");
        _ = Kill(_process.Id, SigTerm);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(15));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            Assert.Equal(0, _process.ExitCode);
        }
        finally
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
            Directory.Delete(Folder, recursive: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
