using System.Diagnostics;
using System.Text.Json;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Tls;

/// <summary>A foreign TLS program: everything it writes is kept, and it is told to end when its test does.</summary>
internal sealed class TlsProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TlsProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>Everything it wrote so far.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public static TlsProgram Start(string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        arguments.ToList().ForEach(start.ArgumentList.Add);
        start.Environment.Remove("SSLKEYLOGFILE");
        Process process = new() { StartInfo = start };
        TlsProgram started = new(process);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Writes a line to its standard input.</summary>
    public async Task SendAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>The first line that fits, of those it wrote and will write.</summary>
    public async Task<string> LineAsync(Func<string, bool> fits, string what)
    {
        using CancellationTokenSource deadline = new(Patience);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_lines.Find(line => fits(line)) is { } found)
                {
                    return found;
                }

                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new PeerException($"{_process.StartInfo.FileName}: no {what}. {Output}");
            }
        }
    }

    /// <summary>The first JSON object with this event, or without any where none is named.</summary>
    public async Task<JsonElement> JsonAsync(string? happened)
    {
        string line = await LineAsync(text => text.StartsWith('{') && (happened is null || text.Contains($"\"event\":\"{happened}\"", StringComparison.Ordinal)), happened ?? "result");
        return JsonDocument.Parse(line).RootElement;
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        using CancellationTokenSource deadline = new(Patience);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new PeerException($"{_process.StartInfo.FileName} did not end. {Output}");
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Already gone.
        }

        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(300));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // openssl does not watch its input.
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource more;
        lock (_lock)
        {
            _lines.Add(line);
            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.TrySetResult();
    }
}
