namespace Kadath.Simulator;

/// <summary>
/// One measured lookup. Everything is computed from events and from what the simulator alone knows, never told by the lookup: closest are
/// the closest live nodes at the moment at which it began.
/// </summary>
public sealed record LookupSample
{
    /// <summary>The node that looked.</summary>
    public required int Initiator { get; init; }

    /// <summary>Virtual seconds of the run when it began.</summary>
    public double BeganSeconds { get; init; }

    /// <summary>At least one honest node of the k closest answered.</summary>
    public bool Success { get; init; }

    /// <summary>The closest node answered.</summary>
    public bool FoundClosest { get; init; }

    /// <summary>The share of the k closest that answered.</summary>
    public double Coverage { get; init; }

    /// <summary>Milliseconds until the first answer of the closest node; infinite without one.</summary>
    public double FirstAnswerMs { get; init; } = double.PositiveInfinity;

    /// <summary>Milliseconds until the first answer of any of the k closest; infinite without one.</summary>
    public double FirstOfKMs { get; init; } = double.PositiveInfinity;

    /// <summary>Milliseconds until the lookup returned.</summary>
    public double DoneMs { get; init; }

    /// <summary>Length of the referral chain to the closest node when it first answered; a contact of the own table is 1; infinite without an answer.</summary>
    public double Hops { get; init; } = double.PositiveInfinity;

    /// <summary>Queries sent for it, retries included.</summary>
    public int Messages { get; init; }

    /// <summary>How the machine says that it ended.</summary>
    public string End { get; init; } = "";
}
