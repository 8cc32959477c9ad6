using System.CommandLine;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Announces a peer of a torrent, once.</summary>
internal static class AnnounceCommand
{
    public static Command Create(CommandFactory factory)
    {
        var infoHash = new Argument<string>("INFOHASH") { Description = "40 hex digits, base32, a v2 hash or a magnet link" };
        var port = new Option<int?>("--port") { Description = "The port on which peers reach us (default: the daemon's own)", HelpName = "PORT" };
        var seed = new Option<bool>("--seed") { Description = "We have the whole torrent (BEP 33)" };
        Command command = factory.Client(
            "announce", "Say that we have a torrent", "kadath announce 0123456789abcdef0123456789abcdef01234567 --port 51413", "kadath announce INFOHASH --daemon --seed");
        command.Add(infoHash);
        command.Add(port);
        command.Add(seed);
        return factory.Runs<AnnounceLine>(
            command,
            (parse, _) => Task.FromResult<Call>(new AnnounceCall
            {
                InfoHash = NodeIds.ToHex(Targets.InfoHash(parse.GetRequiredValue(infoHash))),
                Port = Port(parse.GetValue(port)),
                Seed = parse.GetValue(seed),
            }),
            Render);
    }

    private static int? Port(int? port) => port is null or (>= 1 and <= 65535) ? port : throw CliException.Usage($"{port} is no port", "from 1 to 65535");

    private static void Render(IAnsiConsole console, AnnounceLine line)
    {
        console.Outcomes(line.Nodes);
        console.Facts(("accepted by", $"{line.Accepted} of {line.Nodes.Count} nodes"));
    }
}

/// <summary>Request of announce.</summary>
internal sealed record AnnounceCall : Call
{
    /// <summary>40 hexadecimal digits.</summary>
    public required string InfoHash { get; init; }

    /// <summary>The port on which peers reach us; null for the node's own.</summary>
    public int? Port { get; init; }

    /// <summary>We have the whole torrent.</summary>
    public bool Seed { get; init; }

    public override Result Failed(ErrorInfo error) => new AnnounceLine { InfoHash = InfoHash, Port = Port, Error = error };

    public override void CheckEphemeral()
    {
        if (Port is null)
        {
            throw CliException.Usage("announce needs --port here", "this command's own node ends with it, so nobody would listen on its port; name the port on which your torrent client listens");
        }
    }

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        if (Port is < 1 or > 65535)
        {
            throw CliException.Usage($"{Port} is no port", "from 1 to 65535");
        }

        AnnounceResult result = await node.AnnounceAsync(new AnnounceRequest(Id(InfoHash, "infoHash"), (ushort)(Port ?? 0), Seed, Timeout), cancellationToken);
        return new AnnounceLine
        {
            InfoHash = InfoHash,
            Port = Port ?? node.Endpoints[0].Port,
            Accepted = result.Accepted,
            Nodes = [.. result.Nodes.Select(NodeLine.Of)],
            Error = result.Accepted > 0 ? null : result.Report.Answered == 0 ? Nobody()
                : new ErrorInfo(ErrorCodes.NotAccepted, "no node accepted the announce", "the outcome at each node says why"),
        };
    }
}

/// <summary>Result of announce.</summary>
internal sealed record AnnounceLine : Result
{
    public required string InfoHash { get; init; }

    public int? Port { get; init; }

    public int Accepted { get; init; }

    public IReadOnlyList<NodeLine> Nodes { get; init; } = [];
}
