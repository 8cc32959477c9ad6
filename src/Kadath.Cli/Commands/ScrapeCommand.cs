using System.CommandLine;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli.Commands;

/// <summary>Estimates seeds and downloaders of a torrent (BEP 33).</summary>
internal static class ScrapeCommand
{
    public static Command Create(CommandFactory factory)
    {
        var infoHash = new Argument<string>("INFOHASH") { Description = "40 hex digits, base32, a v2 hash or a magnet link" };
        Command command = factory.Client("scrape", "Estimate seeds and downloaders of a torrent", "kadath scrape 0123456789abcdef0123456789abcdef01234567 --json");
        command.Add(infoHash);
        return factory.Runs<ScrapeLine>(
            command,
            (parse, _) => Task.FromResult<Call>(new ScrapeCall { InfoHash = NodeIds.ToHex(Targets.InfoHash(parse.GetRequiredValue(infoHash))) }),
            static (console, line) => console.Facts(("seeds", line.Seeds), ("peers", line.Peers), ("answered", $"{line.Answered} nodes")));
    }
}

/// <summary>Request of scrape.</summary>
internal sealed record ScrapeCall : Call
{
    /// <summary>40 hexadecimal digits.</summary>
    public required string InfoHash { get; init; }

    public override Result Failed(ErrorInfo error) => new ScrapeLine { InfoHash = InfoHash, Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        ScrapeResult result = await node.ScrapeAsync(Id(InfoHash, "infoHash"), Timeout, cancellationToken);
        bool known = result.Seeds >= 0 || result.Peers >= 0;
        return new ScrapeLine
        {
            InfoHash = InfoHash,
            Seeds = (long)Math.Round(Math.Max(result.Seeds, 0)),
            Peers = (long)Math.Round(Math.Max(result.Peers, 0)),
            Answered = result.Answered,
            Error = known ? null : result.Answered == 0 ? Nobody() : new ErrorInfo(ErrorCodes.NotFound, "no node knows the torrent", null),
        };
    }
}

/// <summary>Result of scrape.</summary>
internal sealed record ScrapeLine : Result
{
    public required string InfoHash { get; init; }

    public long Seeds { get; init; }

    public long Peers { get; init; }

    public int Answered { get; init; }
}
