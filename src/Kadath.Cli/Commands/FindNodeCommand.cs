using System.CommandLine;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Searches for the nodes closest to a target.</summary>
internal static class FindNodeCommand
{
    public static Command Create(CommandFactory factory)
    {
        var target = new Argument<string>("TARGET") { Description = "A node id or info-hash" };
        var count = new Option<int>("--count") { Description = "How many nodes to print at most", DefaultValueFactory = static _ => 8, HelpName = "N" };
        Command command = factory.Client(
            "find-node", "Find the nodes closest to a target", "kadath find-node 0123456789abcdef0123456789abcdef01234567", "kadath find-node TARGET --count 20 --json");
        command.Add(target);
        command.Add(count);
        return factory.Runs<FindNodeLine>(
            command,
            (parse, _) => Task.FromResult<Call>(new FindNodeCall { Target = NodeIds.ToHex(Targets.NodeId(parse.GetRequiredValue(target))), Count = parse.GetValue(count) }),
            Render);
    }

    private static void Render(IAnsiConsole console, FindNodeLine line)
    {
        if (line.Nodes.Count == 0)
        {
            return;
        }

        Table table = Tables.Create("node", "endpoint", "round trip");
        foreach (FoundNode node in line.Nodes)
        {
            table.Row(node.Id, node.Endpoint, node.RttMs is { } rtt ? $"{rtt} ms" : "");
        }

        console.Write(table);
        console.Facts(("hops", line.Hops), ("messages", line.Messages));
    }
}

/// <summary>Request of find-node.</summary>
internal sealed record FindNodeCall : Call
{
    /// <summary>40 hexadecimal digits.</summary>
    public required string Target { get; init; }

    /// <summary>Nodes in the result at most.</summary>
    public int Count { get; init; } = 8;

    public override Result Failed(ErrorInfo error) => new FindNodeLine { Target = Target, Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        if (Count is < 1 or > 1000)
        {
            throw CliException.Usage("--count must be from 1 to 1000", null);
        }

        FindNodeResult result = await node.FindNodeAsync(Id(Target, "target"), Timeout, cancellationToken);
        return new FindNodeLine
        {
            Target = Target,
            Nodes = [.. result.Nodes.Take(Count).Select(static n => new FoundNode(Wire.Hex(n.Id), n.Endpoint.ToString(), Wire.Milliseconds(n.RoundTrip)))],
            Hops = result.Report.Hops,
            Messages = result.Report.Messages,
            Error = result.Nodes.Count == 0 ? Nobody() : null,
        };
    }
}

/// <summary>Result of find-node.</summary>
internal sealed record FindNodeLine : Result
{
    public required string Target { get; init; }

    public IReadOnlyList<FoundNode> Nodes { get; init; } = [];

    public int Hops { get; init; }

    public int Messages { get; init; }
}

/// <summary>A node that answered.</summary>
internal sealed record FoundNode(string? Id, string Endpoint, double? RttMs);
