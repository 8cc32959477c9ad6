using System.CommandLine;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Asks one node for a sample of its info-hashes (BEP 51).</summary>
internal static class SampleCommand
{
    public static Command Create(CommandFactory factory)
    {
        var endpoint = new Argument<string>("HOST:PORT") { Description = "The node to ask" };
        var target = new Option<string?>("--target") { Description = "Ask for nodes near this target, too (default: a random one)", HelpName = "TARGET" };
        Command command = factory.Client("sample", "Ask a node for a sample of its info-hashes", "kadath sample 127.0.0.1:6881 --json");
        command.Add(endpoint);
        command.Add(target);
        return factory.Runs<SampleLine>(
            command,
            async (parse, token) => new SampleCall
            {
                Endpoint = (await Targets.EndpointAsync(parse.GetRequiredValue(endpoint), token)).ToString(),
                Target = parse.GetValue(target) is { } text ? NodeIds.ToHex(Targets.NodeId(text)) : null,
            },
            Render);
    }

    private static void Render(IAnsiConsole console, SampleLine line)
    {
        foreach (string sample in line.Samples)
        {
            console.WriteLine(sample);
        }

        console.Facts(("stored there", line.Num), ("ask again in", line.IntervalSeconds is { } seconds ? $"{seconds} s" : null));
    }
}

/// <summary>Request of sample.</summary>
internal sealed record SampleCall : Call
{
    /// <summary>Whom to ask.</summary>
    public required string Endpoint { get; init; }

    /// <summary>40 hexadecimal digits; null for a random target.</summary>
    public string? Target { get; init; }

    public override Endpoint Direct => At(Endpoint);

    public override Result Failed(ErrorInfo error) => new SampleLine { Endpoint = Endpoint, Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        Id160 target = Target is null ? Id160.Read(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20)) : Id(Target, "target");
        SampleResult result = await node.SampleAsync(Direct, target, Timeout, cancellationToken);
        var line = new SampleLine { Endpoint = Endpoint };
        if (result.Reply is not { } reply)
        {
            bool refused = result.Node is { Result: NodeResult.Refused or NodeResult.Answered or NodeResult.Invalid };
            string words = result.Node is { ErrorCode: not 0 } no ? $": {no.ErrorCode} {no.Message}" : "";
            return line with
            {
                Error = refused
                    ? new ErrorInfo(ErrorCodes.NotFound, $"{Endpoint} gives no samples{words}", "not every node speaks BEP 51")
                    : new ErrorInfo(ErrorCodes.NoAnswer, $"{Endpoint} did not answer", "is a node running there, and reachable? Some are silent to a query that they do not know"),
            };
        }

        return line with
        {
            Samples = [.. reply.Samples.Select(static s => NodeIds.ToHex(s))],
            Num = reply.Total,
            IntervalSeconds = (long)reply.Interval.TotalSeconds,
        };
    }
}

/// <summary>Result of sample.</summary>
internal sealed record SampleLine : Result
{
    public required string Endpoint { get; init; }

    public IReadOnlyList<string> Samples { get; init; } = [];

    public long? Num { get; init; }

    public long? IntervalSeconds { get; init; }
}
