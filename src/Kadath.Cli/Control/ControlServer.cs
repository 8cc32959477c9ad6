using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Kadath.Node;

namespace Kadath.Cli.Control;

/// <summary>The daemon's side of the control socket: one request a line, answered by items and an end. Documented in docs/control-socket.md.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>A put of 1,000 bytes in base64 with key and salt takes under 2,000; more is a mistake.</summary>
    private const int MaxLineBytes = 16 * 1024;

    /// <summary>Connections that are served at once; the next ones wait in the system's queue.</summary>
    private const int MaxConnections = 64;

    private readonly MainlineNode _node;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _free = new(MaxConnections);
    private readonly Task _accepting;

    private ControlServer(MainlineNode node, Socket listener, string path)
    {
        _node = node;
        _listener = listener;
        Path = path;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Path { get; }

    /// <summary>Listens for the node. The caller holds the lock of the data folder: a socket that is already there is a dead daemon's.</summary>
    public static ControlServer Start(MainlineNode node, string dataFolder)
    {
        string path = ControlPath.Of(dataFolder);
        ControlPath.Prepare(path);
        File.Delete(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                // Before it listens nobody can connect, so there is no moment at which others could.
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            listener.Listen(MaxConnections);
            return new ControlServer(node, listener, path);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new CliException(ErrorCodes.BindFailed, $"cannot listen on the control socket {path}: {e.Message}", "take a folder on a local disk with --data");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        File.Delete(Path);
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _free.WaitAsync(_stopping.Token);
                Socket socket = await _listener.AcceptAsync(_stopping.Token);
                _ = ServeAsync(socket);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that was gone before it was accepted, or too many open files: the next one may fare better.
                _free.Release();
                await Task.Delay(50);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var lines = new LineReader(stream, MaxLineBytes);
            while (await lines.ReadAsync(connection.Token) is { } line)
            {
                // A client that has said all it wants to say may still wait for the answer; only what never ends by itself ends with it.
                Call? call = Parse(line);
                Task<string?> next = lines.PeekAsync(connection.Token);
                Task answer = AnswerAsync(call, stream, connection.Token);
                if (call is { IsEndless: true } && await Task.WhenAny(next, answer) == next && await next is null)
                {
                    await connection.CancelAsync();
                }

                await answer;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client is gone, or the daemon ends.
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task AnswerAsync(Call? call, NetworkStream stream, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        var writing = new Lock();
        void Write(string kind, Result result)
        {
            result = result with { Via = "daemon", ElapsedMs = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds };
            byte[] bytes = CliJson.Line(new ControlLine { Event = kind, Result = CliJson.Element(result) });
            lock (writing)
            {
                stream.Write(bytes);
            }
        }

        Write("end", call is null ? NotUnderstood() : await CallRunner.RunAsync(call, _node, item => Write("item", item), cancellationToken));
    }

    private static Result NotUnderstood() =>
        new() { Error = new ErrorInfo(ErrorCodes.Usage, "this is no request that the daemon knows", "see docs/control-socket.md") };

    private static Call? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, CliJson.Default.Call);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
