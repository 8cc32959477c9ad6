using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kadath.Cli.Control;

/// <summary>A connection to the daemon's control socket.</summary>
internal sealed class ControlClient : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);

    private readonly NetworkStream _stream;

    private ControlClient(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    /// <summary>Connects to the daemon of a data folder; null if none listens there.</summary>
    public static async Task<ControlClient?> TryConnectAsync(string dataFolder, CancellationToken cancellationToken)
    {
        string path = ControlPath.Of(dataFolder);
        if (!File.Exists(path))
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ConnectPatience);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token);
            return new ControlClient(socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Has the daemon do it. Cancelling closes the connection, at which the daemon stops.</summary>
    public async Task<Result> RunAsync(Call call, Type resultType, Action<Result> item, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(CliJson.Line(call), cancellationToken);
        using var reader = new StreamReader(_stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            ControlLine answer = Read(line, CliJson.Default.ControlLine);
            if (answer.Result.TryGetProperty("error", out _) && Read(answer.Result.GetRawText(), CliJson.Default.Result) is { Error: { Code: ErrorCodes.Usage } misunderstood })
            {
                // It lacks the members of this call's results.
                return call.Failed(misunderstood) with { Via = "daemon" };
            }

            var result = (Result)answer.Result.Deserialize(CliJson.Default.GetTypeInfo(resultType)!)!;
            if (answer.Event == "end")
            {
                return result;
            }

            item(result);
        }

        throw new CliException(ErrorCodes.NoDaemon, "the daemon closed the connection", "it has probably just ended; start it with kadath up");
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static T Read<T>(string line, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(line, type)!;
        }
        catch (JsonException)
        {
            throw new CliException(ErrorCodes.Internal, "the daemon's answer cannot be read", "is it of another version? restart it");
        }
    }
}
