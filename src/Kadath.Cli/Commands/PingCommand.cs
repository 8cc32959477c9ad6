using System.CommandLine;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli.Commands;

/// <summary>Asks one node whether it lives.</summary>
internal static class PingCommand
{
    public static Command Create(CommandFactory factory)
    {
        var endpoint = new Argument<string>("HOST:PORT") { Description = "The node to ask" };
        Command command = factory.Client("ping", "Ask one node whether it lives", "kadath ping dht.libtorrent.org:25401", "kadath ping 127.0.0.1:6881 --json");
        command.Add(endpoint);
        return factory.Runs<PingLine>(
            command,
            async (parse, token) => new PingCall { Endpoint = (await Targets.EndpointAsync(parse.GetRequiredValue(endpoint), token)).ToString() },
            static (console, line) => console.Facts(
                ("endpoint", line.Endpoint), ("id", line.Id), ("version", line.Version), ("round trip", line.RttMs is { } rtt ? $"{rtt} ms" : null), ("sees us as", line.ExternalEndpoint)));
    }
}

/// <summary>Request of ping.</summary>
internal sealed record PingCall : Call
{
    /// <summary>Whom to ask.</summary>
    public required string Endpoint { get; init; }

    public override Endpoint Direct => At(Endpoint);

    public override Result Failed(ErrorInfo error) => new PingLine { Endpoint = Endpoint, Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        PingResult result = await node.PingAsync(Direct, Timeout, cancellationToken);
        var line = new PingLine { Endpoint = Endpoint };
        if (result.Node is not { } outcome || outcome.Result is NodeResult.NotSent)
        {
            return line with { Error = new ErrorInfo(ErrorCodes.NoAnswer, $"{Endpoint} could not be asked", "does the node's address reach it? A node on loopback asks only loopback, one on the Internet only global addresses; --ephemeral makes a fitting one") };
        }

        line = line with
        {
            Id = Wire.Hex(outcome.Id),
            Version = Wire.Version(outcome.Version),
            RttMs = Wire.Milliseconds(outcome.RoundTrip),
            ExternalEndpoint = Wire.Text(outcome.External),
        };
        return result.Answered ? line : line with { Error = new ErrorInfo(ErrorCodes.NoAnswer, $"{Endpoint} did not answer", "is a node running there, and reachable?") };
    }
}

/// <summary>Result of ping.</summary>
internal sealed record PingLine : Result
{
    public required string Endpoint { get; init; }

    public string? Id { get; init; }

    public string? Version { get; init; }

    public double? RttMs { get; init; }

    public string? ExternalEndpoint { get; init; }
}
