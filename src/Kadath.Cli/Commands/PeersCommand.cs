using System.CommandLine;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Searches for the peers of a torrent.</summary>
internal static class PeersCommand
{
    public static Command Create(CommandFactory factory)
    {
        var infoHash = new Argument<string>("INFOHASH") { Description = "40 hex digits, base32, a v2 hash or a magnet link" };
        var stream = new Option<bool>("--stream") { Description = "Print peers as they come" };
        var noSeed = new Option<bool>("--no-seed") { Description = "Ask nodes to leave out seeds (BEP 33)" };
        Command command = factory.Client(
            "peers", "Find the peers of a torrent", "kadath peers 0123456789abcdef0123456789abcdef01234567", "kadath peers 'magnet:?xt=urn:btih:…' --stream --json");
        command.Add(infoHash);
        command.Add(stream);
        command.Add(noSeed);
        bool streams = false;
        return factory.Runs<PeersLine>(
            command,
            (parse, _) =>
            {
                streams = parse.GetValue(stream);
                return Task.FromResult<Call>(new PeersCall
                {
                    InfoHash = NodeIds.ToHex(Targets.InfoHash(parse.GetRequiredValue(infoHash))),
                    NoSeed = parse.GetValue(noSeed),
                    Stream = streams,
                });
            },
            (console, line) => Render(console, streams ? line with { Peers = [] } : line), // A stream has printed its peers already.
            Render);
    }

    private static void Render(IAnsiConsole console, PeersLine line)
    {
        foreach (string peer in line.Peers)
        {
            console.WriteLine(peer);
        }
    }
}

/// <summary>Request of peers.</summary>
internal sealed record PeersCall : Call
{
    /// <summary>40 hexadecimal digits.</summary>
    public required string InfoHash { get; init; }

    /// <summary>Ask nodes to leave out seeds.</summary>
    public bool NoSeed { get; init; }

    /// <summary>Give peers as they come, too.</summary>
    public bool Stream { get; init; }

    public override Result Failed(ErrorInfo error) => new PeersLine { InfoHash = InfoHash, Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        await using IOperationStream<Endpoint> found = node.GetPeersAsync(new GetPeersRequest(Id(InfoHash, "infoHash"), NoSeed, Timeout: Timeout), cancellationToken);
        var peers = new List<string>();
        await foreach (Endpoint peer in found.WithCancellation(cancellationToken))
        {
            peers.Add(peer.ToString());
            if (Stream)
            {
                item(new PeersLine { InfoHash = InfoHash, Peers = [peer.ToString()], Event = "peers" });
            }
        }

        OperationReport report = await found.Completion;
        return new PeersLine
        {
            InfoHash = InfoHash,
            Peers = peers,
            Answered = report.Answered,
            Error = peers.Count > 0 ? null : report.Answered == 0 ? Nobody() : new ErrorInfo(ErrorCodes.NotFound, "no peers were found", null),
        };
    }
}

/// <summary>Result of peers, and each line of its stream.</summary>
internal sealed record PeersLine : Result
{
    public required string InfoHash { get; init; }

    public IReadOnlyList<string> Peers { get; init; } = [];

    public int Answered { get; init; }

}
