using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>The test's side of a process that hosts nodes in one namespace: one JSON object a line each way, one at a time.</summary>
internal sealed class NodeHost : IDisposable
{
    /// <summary>Makes the test program a host.</summary>
    public const string Argument = "--node-host";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1);

    private NodeHost(Process process) => _process = process;

    public static NodeHost Start(string space)
    {
        string program = Path.Combine(AppContext.BaseDirectory, typeof(NodeHost).Assembly.GetName().Name!);
        ProcessStartInfo start = new("ip", ["netns", "exec", space, program, Argument]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new(Process.Start(start)!);
    }

    /// <summary>Starts a node. Without <paramref name="bootstrap"/> it takes the default routers.</summary>
    public async Task<HostedNode> StartAsync(IEnumerable<string> bind, IEnumerable<string>? bootstrap, UdpPumpKind pump = UdpPumpKind.Auto)
    {
        JsonNode started = await CallAsync(new()
        {
            ["do"] = "start", ["bind"] = List(bind), ["bootstrap"] = bootstrap is null ? null : List(bootstrap), ["pump"] = pump.ToString(),
        });
        return new(this, (int)started["node"]!, [.. HostedNode.Endpoints(started["endpoints"]!)]);
    }

    /// <summary>Calls the host.</summary>
    public async Task<JsonNode> CallAsync(JsonObject call)
    {
        await _turn.WaitAsync(LocalCancellation());
        try
        {
            await _process.StandardInput.WriteLineAsync(call.ToJsonString());
            await _process.StandardInput.FlushAsync();
            string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            JsonNode answer = JsonNode.Parse(line ?? throw new InvalidOperationException("the host has ended"))!;
            return answer["error"] is { } error ? throw new InvalidOperationException((string)error!) : answer;
        }
        catch (TimeoutException)
        {
            // An answer that comes yet would be taken for that of the next call.
            _process.Kill();
            throw;
        }
        finally
        {
            _turn.Release();
        }

        static CancellationToken LocalCancellation() => Xunit.TestContext.Current.CancellationToken;
    }

    public static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    public void Dispose()
    {
        // A host ends with its input.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _turn.Dispose();
    }
}

/// <summary>One node in a <see cref="NodeHost"/>; stopped when disposed.</summary>
internal sealed class HostedNode(NodeHost host, int number, Endpoint[] endpoints) : IAsyncDisposable
{
    /// <summary>The bound endpoints.</summary>
    public Endpoint[] Local => endpoints;

    public Endpoint Only => endpoints.Single();

    public static IEnumerable<Endpoint> Endpoints(JsonNode array) =>
        array.AsArray().Select(item => Endpoint.TryParse((string)item!, out Endpoint endpoint) ? endpoint : default);

    public async Task<HostedStatus> StatusAsync() => (await CallAsync("status")).Deserialize<HostedStatus>()!;

    /// <summary>The state of one socket.</summary>
    public async Task<HostedSocket> SocketAsync(int socket = 0) => (await StatusAsync()).Sockets[socket];

    /// <summary>Pings all of these at once and tells how many answered.</summary>
    public async Task<int> PingAsync(IEnumerable<Endpoint> targets, double seconds = 0)
    {
        JsonArray list = NodeHost.List(targets.Select(target => target.ToString()));
        return (int)(await CallAsync("ping", ("to", list), ("seconds", seconds)))["answered"]!;
    }

    /// <summary>Searches for a target; gives the closest nodes.</summary>
    public async Task<Endpoint[]> FindNodeAsync(Id160 target) =>
        [.. Endpoints((await CallAsync("find-node", ("target", target.ToString())))["nodes"]!)];

    /// <summary>Announces; tells how many nodes took it.</summary>
    public async Task<int> AnnounceAsync(Id160 infoHash, int port) =>
        (int)(await CallAsync("announce", ("target", infoHash.ToString()), ("port", port)))["accepted"]!;

    /// <summary>Searches for peers.</summary>
    public async Task<Endpoint[]> GetPeersAsync(Id160 infoHash) =>
        [.. Endpoints((await CallAsync("peers", ("target", infoHash.ToString())))["peers"]!)];

    /// <summary>Estimates the downloaders of a torrent.</summary>
    public async Task<double> ScrapeAsync(Id160 infoHash) => (double)(await CallAsync("scrape", ("target", infoHash.ToString())))["peers"]!;

    /// <summary>Stores a value; gives its target and how many nodes took it.</summary>
    public async Task<(Id160 Target, int Stored)> PutAsync(string value)
    {
        JsonNode put = await CallAsync("put", ("value", value));
        return (Id160.Read(Convert.FromHexString((string)put["target"]!)), (int)put["stored"]!);
    }

    /// <summary>Searches for a value.</summary>
    public async Task<string?> GetAsync(Id160 target) => (string?)(await CallAsync("get", ("target", target.ToString())))["value"];

    public async ValueTask DisposeAsync() => await CallAsync("stop");

    private Task<JsonNode> CallAsync(string what, params (string Name, JsonNode Value)[] arguments)
    {
        JsonObject call = new() { ["do"] = what, ["node"] = number };
        foreach ((string name, JsonNode value) in arguments)
        {
            call[name] = value;
        }

        return host.CallAsync(call);
    }
}

/// <summary>What a node says of itself.</summary>
internal sealed record HostedStatus(HostedSocket[] Sockets, string[] Routers, long Sent, long SendFailed, long SentOutsideLoopback, long QueriesOut, long Announces);

/// <summary>What a node says of one of its sockets; endpoints are empty where there are none.</summary>
internal sealed record HostedSocket(string Local, string Scope, string Id, string External, int Contacts)
{
    public Endpoint ExternalEndpoint => Endpoint.TryParse(External, out Endpoint external) ? external : default;

    public byte[] IdBytes => Convert.FromHexString(Id);
}
