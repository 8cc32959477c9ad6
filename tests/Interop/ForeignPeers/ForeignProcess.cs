using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>A foreign peer failed, refused, or did not answer in time.</summary>
internal sealed class PeerException(string message) : Exception(message);

/// <summary>
/// One foreign program. It ends when its standard input does, so that a test runner that dies leaves nothing behind; programs that do not
/// watch their input run under <c>guard.sh</c>. Programs that speak JSON lines are driven with <see cref="CallAsync"/>.
/// </summary>
internal sealed class ForeignProcess : IAsyncDisposable
{
    private const int KeptLines = 60;

    private readonly Process _process;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly TaskCompletionSource<JsonElement> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly SemaphoreSlim _writing = new(1);
    private long _callsMade;

    private ForeignProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        process.OutputDataReceived += (_, line) => OnLine(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => OnExit();
    }

    /// <summary>The peer's name, for messages.</summary>
    public string Name { get; }

    /// <summary>Whether the program has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The last lines the program wrote that were not answers.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a program.</summary>
    /// <param name="name">The peer's name, for messages.</param>
    /// <param name="folder">Where the program keeps its files, if it does not watch its standard input: it then runs under <c>guard.sh</c>, which removes the folder after it.</param>
    /// <param name="command">The program and its arguments.</param>
    public static ForeignProcess Start(string name, string? folder, params IEnumerable<string> command)
    {
        ProcessStartInfo start = new()
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        List<string> words = [.. command];
        if (folder is not null)
        {
            words.InsertRange(0, [PeerHome.Script("guard.sh"), folder]);
        }

        start.FileName = words[0];
        words.Skip(1).ToList().ForEach(start.ArgumentList.Add);
        foreach (string variable in new[] { "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" })
        {
            start.Environment.Remove(variable);
        }

        Process process = new() { StartInfo = start };
        ForeignProcess peer = new(name, process);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return peer;
    }

    /// <summary>Waits for the peer's first line, the event "ready".</summary>
    public async Task<JsonElement> ReadyAsync(TimeSpan limit)
    {
        try
        {
            return await _ready.Task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new PeerException($"{Name} was not ready within {limit.TotalSeconds:0} s. {Output}");
        }
    }

    /// <summary>Runs one command and returns its result; throws <see cref="PeerException"/> if the peer says that it failed.</summary>
    public async Task<JsonElement> CallAsync(string command, JsonObject? arguments = null, TimeSpan? limit = null)
    {
        long number = Interlocked.Increment(ref _callsMade);
        TaskCompletionSource<JsonElement> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[number] = answer;
        JsonObject request = arguments ?? [];
        request["id"] = number;
        request["cmd"] = command;
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(request.ToJsonString());
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            throw new PeerException($"{Name} has ended. {Output}");
        }
        finally
        {
            _writing.Release();
        }

        TimeSpan patience = limit ?? TimeSpan.FromSeconds(45);
        try
        {
            JsonElement reply = await answer.Task.WaitAsync(patience);
            if (reply.TryGetProperty("ok", out JsonElement ok) && ok.GetBoolean())
            {
                return reply.TryGetProperty("result", out JsonElement result) ? result : default;
            }

            throw new PeerException($"{Name} {command}: {(reply.TryGetProperty("error", out JsonElement why) ? why.ToString() : "failed")}");
        }
        catch (TimeoutException)
        {
            throw new PeerException(string.Create(CultureInfo.InvariantCulture, $"{Name} {command}: no answer within {patience.TotalSeconds:0} s"));
        }
        finally
        {
            _calls.TryRemove(number, out _);
        }
    }

    /// <summary>Ends the program: politely, then by signal to it and its children only.</summary>
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

        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(6));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _writing.Dispose();
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        JsonElement message;
        try
        {
            message = JsonDocument.Parse(line).RootElement;
        }
        catch (JsonException)
        {
            Keep(line);
            return;
        }

        if (message.ValueKind == JsonValueKind.Object && message.TryGetProperty("event", out JsonElement kind))
        {
            if (kind.GetString() == "ready")
            {
                _ready.TrySetResult(message);
            }
            else
            {
                Keep(line);
            }
        }
        else if (message.ValueKind == JsonValueKind.Object && message.TryGetProperty("id", out JsonElement id) && id.TryGetInt64(out long number)
            && _calls.TryGetValue(number, out TaskCompletionSource<JsonElement>? call))
        {
            call.TrySetResult(message);
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
            while (_output.Count > KeptLines)
            {
                _output.TryDequeue(out _);
            }
        }
    }

    private void OnExit()
    {
        PeerException ended = new($"{Name} has ended. {Output}");
        _ready.TrySetException(ended);
        foreach (TaskCompletionSource<JsonElement> call in _calls.Values)
        {
            call.TrySetException(ended);
        }

        // Observed here, since nobody may be waiting.
        _ = _ready.Task.Exception;
    }
}
