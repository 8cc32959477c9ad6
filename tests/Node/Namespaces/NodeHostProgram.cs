using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>The host's side of <see cref="NodeHost"/>: nodes, started and asked by lines of JSON, until the input ends.</summary>
internal static class NodeHostProgram
{
    public static async Task<int> RunAsync(TextReader input, TextWriter output)
    {
        List<MainlineNode?> nodes = [];
        while (await input.ReadLineAsync() is { } line)
        {
            object answer;
            try
            {
                answer = await AnswerAsync(JsonNode.Parse(line)!, nodes);
            }
            catch (Exception fault)
            {
                answer = new { error = fault.ToString() };
            }

            await output.WriteLineAsync(JsonSerializer.Serialize(answer));
            await output.FlushAsync();
        }

        foreach (MainlineNode node in nodes.OfType<MainlineNode>())
        {
            await node.DisposeAsync();
        }

        return 0;
    }

    private static async Task<object> AnswerAsync(JsonNode call, List<MainlineNode?> nodes)
    {
        string what = (string)call["do"]!;
        if (what == "start")
        {
            MainlineNodeOptions options = new()
            {
                Bind = [.. HostedNode.Endpoints(call["bind"]!)],
                LoopOptions = new() { Pump = Enum.Parse<UdpPumpKind>((string)call["pump"]!) },
                Bootstrap = call["bootstrap"] is { } bootstrap ? [.. bootstrap.AsArray().Select(item => (string)item!)] : null,
            };
            MainlineNode started = await MainlineNode.StartAsync(options);
            nodes.Add(started);
            return new { node = nodes.Count - 1, endpoints = started.Endpoints.Select(endpoint => endpoint.ToString()) };
        }

        int number = (int)call["node"]!;
        MainlineNode node = nodes[number]!;
        if (what == "stop")
        {
            nodes[number] = null;
            await node.DisposeAsync();
            return new { };
        }

        Id160 target = call["target"] is { } hex ? Id160.Read(Convert.FromHexString((string)hex!)) : default;
        return what switch
        {
            "status" => Describe(await node.GetStatusAsync()),
            "ping" => await PingAsync(node, HostedNode.Endpoints(call["to"]!), TimeSpan.FromSeconds((double)call["seconds"]!)),
            "find-node" => new { nodes = (await node.FindNodeAsync(target)).Nodes.Select(found => found.Endpoint.ToString()) },
            "announce" => new { accepted = (await node.AnnounceAsync(new(target, (ushort)(int)call["port"]!))).Accepted },
            "peers" => await PeersAsync(node, target),
            "scrape" => new { peers = (await node.ScrapeAsync(target)).Peers },
            "put" => await PutAsync(node, (string)call["value"]!),
            "get" => await GetAsync(node, target),
            _ => throw new ArgumentException(what),
        };
    }

    private static HostedStatus Describe(MainlineStatus status) => new(
        [.. status.Sockets.Select(socket => new HostedSocket(
            socket.Local.ToString(), socket.Scope.ToString(), socket.Id.ToString(), socket.External.IsValid ? socket.External.ToString() : "", socket.Contacts))],
        [.. status.Routers],
        status.Traffic.Sent,
        status.Traffic.SendFailed,
        status.Traffic.SentOutsideLoopback,
        status.Counters.QueriesOut,
        status.Counters.Announces);

    private static async Task<object> PingAsync(MainlineNode node, IEnumerable<Endpoint> targets, TimeSpan timeout)
    {
        PingResult[] results = await Task.WhenAll(targets.Select(target => node.PingAsync(target, timeout)));
        return new { answered = results.Count(result => result.Answered) };
    }

    private static async Task<object> PeersAsync(MainlineNode node, Id160 infoHash)
    {
        SortedSet<Endpoint> found = [];
        await foreach (Endpoint peer in node.GetPeersAsync(new(infoHash)))
        {
            found.Add(peer);
        }

        return new { peers = found.Select(peer => peer.ToString()) };
    }

    private static async Task<object> PutAsync(MainlineNode node, string value)
    {
        PutResult put = await node.PutAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(value)}:{value}"));
        return new { target = put.Target.ToString(), stored = put.Stored };
    }

    private static async Task<object> GetAsync(MainlineNode node, Id160 target)
    {
        GetResult got = await node.GetAsync(new(target));
        string? text = got.Item is { } item ? Encoding.UTF8.GetString(item.Value.Span) : null;
        return new { value = text?[(text.IndexOf(':', StringComparison.Ordinal) + 1)..] };
    }
}
