namespace Kadath.Tests.Interop.Matrix;

/// <summary>What two nodes do with each other.</summary>
internal enum Operation
{
    Ping,
    FindNode,
    GetPeers,
    AnnouncePeer,
    PutImmutable,
    GetImmutable,
    PutMutable,
    GetMutable,
    Salt,
    Sequence,
    Cas,
    Scrape,
    Sample,
}

/// <summary>Who asks whom.</summary>
internal enum Direction
{
    KadathAsks,
    PeerAsks,
}

/// <summary>Over which protocol.</summary>
internal enum Family
{
    IPv4,
    IPv6,
}

/// <summary>One cell of the table.</summary>
internal sealed record Cell(string Peer, Operation Operation, Direction Direction, Family Family)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Peer} {Family}: {(Direction == Direction.KadathAsks ? "Kadath asks" : "the peer asks")}, {Operation}";
}

/// <summary>What a cell can hold.</summary>
internal enum VerdictKind
{
    Ok,
    Fail,
    NotSpoken,
    NotObservable,
    PeerFault,
}

/// <summary>What was seen.</summary>
/// <param name="Kind">The verdict.</param>
/// <param name="Detail">Why, in a few words; empty for plain success.</param>
internal sealed record Verdict(VerdictKind Kind, string Detail = "")
{
    public static Verdict Ok { get; } = new(VerdictKind.Ok);

    public static Verdict Fail(string why) => new(VerdictKind.Fail, why);

    public static Verdict NotSpoken(string how) => new(VerdictKind.NotSpoken, how);

    public static Verdict NotObservable(string why) => new(VerdictKind.NotObservable, why);

    public static Verdict Fault(string what) => new(VerdictKind.PeerFault, what);

    public static Verdict Of(bool good, string otherwise) => good ? Ok : Fail(otherwise);

    /// <summary>As the table prints it.</summary>
    public string Short => Kind switch
    {
        VerdictKind.Ok => "ok",
        VerdictKind.Fail => "fail",
        VerdictKind.NotSpoken => "not spoken",
        VerdictKind.NotObservable => "not observable",
        _ => $"peer fault: {Detail}",
    };
}
