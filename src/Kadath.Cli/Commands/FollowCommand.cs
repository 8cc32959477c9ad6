using System.CommandLine;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;

namespace Kadath.Cli.Commands;

/// <summary>Follows a mutable torrent (BEP 46): prints each new version until it is stopped.</summary>
internal static class FollowCommand
{
    public static Command Create(CommandFactory factory)
    {
        var link = new Argument<string>("LINK") { Description = "magnet:?xs=urn:btpk:KEY&s=SALT, or a public key" };
        var salt = new Option<string?>("--salt") { Description = "The salt, if the link has none", HelpName = "TEXT" };
        var interval = new Option<string?>("--interval") { Description = "Time between two searches (default 5m)", HelpName = "TIME" };
        var noRepublish = new Option<bool>("--no-republish") { Description = "Do not store the newest version again where it is missing" };
        Command command = factory.Client("follow", "Follow a mutable torrent", "kadath follow 'magnet:?xs=urn:btpk:8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e'", "kadath follow PUBLICKEY --interval 30s --json");
        command.Add(link);
        command.Add(salt);
        command.Add(interval);
        command.Add(noRepublish);
        return factory.Runs<FollowLine>(
            command,
            (parse, _) =>
            {
                (byte[] key, byte[] itemSalt) = Targets.Publisher(parse.GetRequiredValue(link), ItemValues.Salt(parse.GetValue(salt)));
                TimeSpan pause = parse.GetValue(interval) is { } text ? Targets.Duration(text) : TimeSpan.Zero;
                return Task.FromResult<Call>(new FollowCall
                {
                    Key = Convert.ToHexStringLower(key),
                    Salt = Convert.ToBase64String(itemSalt),
                    IntervalMs = pause == TimeSpan.Zero || pause >= TimeSpan.FromSeconds(1) ? (int)pause.TotalMilliseconds : throw CliException.Usage("--interval must be at least 1s", null),
                    Republish = !parse.GetValue(noRepublish),
                });
            },
            static (_, _) => { },
            static (console, line) => console.Facts(("seq", line.Seq), ("info-hash", line.InfoHash ?? "none: the value is no torrent's"), ("target", line.Target)));
    }
}

/// <summary>Request of follow.</summary>
internal sealed record FollowCall : Call
{
    /// <summary>The publisher's key, 64 hexadecimal digits.</summary>
    public required string Key { get; init; }

    /// <summary>The salt in base64.</summary>
    public string? Salt { get; init; }

    /// <summary>Time between two searches; 0 for the default.</summary>
    public int IntervalMs { get; init; }

    /// <summary>Store the newest version again where it is missing.</summary>
    public bool Republish { get; init; } = true;

    public override bool IsEndless => true;

    public override Result Failed(ErrorInfo error) => new FollowLine { Target = TryTarget(), Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        if (!TorrentLinks.TryParsePublicKey(Key, out byte[] key, out _) || Bytes(Salt, "salt") is not { Length: <= ItemValues.MaxSaltSize } salt)
        {
            throw CliException.Usage("'key' must be 64 hexadecimal digits, and 'salt' at most 64 bytes", "see docs/control-socket.md");
        }

        string target = NodeIds.ToHex(Targets.MutableTarget(key, salt));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (TimeoutMs > 0)
        {
            deadline.CancelAfter(TimeoutMs);
        }

        FollowLine? last = null;
        await using IOperationStream<FoundItem> found = node.FollowAsync(new FollowRequest(key, salt, TimeSpan.FromMilliseconds(IntervalMs), Republish), cancellationToken);
        try
        {
            await foreach (FoundItem version in found.WithCancellation(deadline.Token))
            {
                last = new FollowLine { Target = target, Seq = version.Sequence, InfoHash = ItemValues.InfoHashOf(version.Value.Span) };
                item(last with { Event = "version" });
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Its time is up, which is how it ends where a time was given.
        }

        return last ?? new FollowLine { Target = target, Error = new ErrorInfo(ErrorCodes.NotFound, "nobody has the value", null) };
    }

    private string? TryTarget() => TorrentLinks.TryParsePublicKey(Key, out byte[] key, out _) ? NodeIds.ToHex(Targets.MutableTarget(key, Convert.FromBase64String(Salt ?? ""))) : null;
}

/// <summary>Result of follow, and each version that it finds.</summary>
internal sealed record FollowLine : Result
{
    public required string? Target { get; init; }

    public long? Seq { get; init; }

    public string? InfoHash { get; init; }
}
