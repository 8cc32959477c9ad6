namespace Kadath.Tls;

/// <summary>
/// Chooses within what both sides allow: a pure function, with no clock and no memory, the same answer for the same input. Whatever it answers,
/// the machine refuses what was not in the input; and the input holds nothing below the floor, so that no choice can go below it.
/// </summary>
public interface INegotiation
{
    /// <summary>Chooses. Neither <see cref="NegotiationInput.Groups"/> nor <see cref="NegotiationInput.Suites"/> is empty.</summary>
    NegotiationChoice Choose(NegotiationInput input);
}

/// <summary>What a server knows when it chooses. All lists hold only what both sides allow, at or above the floor.</summary>
/// <param name="Groups">Groups, in the server's order.</param>
/// <param name="Shares">Those among them for which the client sent a share.</param>
/// <param name="Suites">Suites, in the server's order.</param>
/// <param name="ClientSuites">The same suites in the client's order.</param>
/// <param name="Facts">What the caller measured and remembers.</param>
public sealed record NegotiationInput(
    IReadOnlyList<NamedGroup> Groups, IReadOnlyList<NamedGroup> Shares, IReadOnlyList<CipherSuite> Suites, IReadOnlyList<CipherSuite> ClientSuites, NegotiationFacts Facts);

/// <summary>What was chosen.</summary>
/// <param name="Group">One of the input's groups; one without a share costs a HelloRetryRequest.</param>
/// <param name="Suite">One of the input's suites.</param>
public readonly record struct NegotiationChoice(NamedGroup Group, CipherSuite Suite)
{
    /// <summary>Whether sessions are resumed and tickets worth issuing.</summary>
    public bool AllowTickets { get; init; } = true;

    /// <summary>Whether early data may be taken, where options and ticket allow it.</summary>
    public bool AllowEarlyData { get; init; } = true;

    /// <summary>The age at which our sending key is updated, where that is sooner than the policy says; null: as the policy says.</summary>
    public TimeSpan? KeyUpdateAge { get; init; }
}

/// <summary>What a caller measured and remembers, handed in with the policy of a connection: the machine itself remembers nothing.</summary>
public sealed record NegotiationFacts
{
    /// <summary>Nothing is known.</summary>
    public static NegotiationFacts None { get; } = new();

    /// <summary>Nanoseconds that each suite takes here to seal 1200 bytes; a suite that is not in it was not measured.</summary>
    public IReadOnlyDictionary<CipherSuite, double> SuiteCosts { get; init; } = new Dictionary<CipherSuite, double>();

    /// <summary>How this peer has behaved.</summary>
    public PeerHistory Peer { get; init; }

    /// <summary>How much care the caller asks for.</summary>
    public NegotiationRisk Risk { get; init; }
}

/// <summary>How a peer has behaved, as far as the caller keeps count.</summary>
/// <param name="Handshakes">Handshakes that succeeded.</param>
/// <param name="Failures">Handshakes that it broke off or that failed by its fault.</param>
/// <param name="Replays">Tickets that it showed a second time.</param>
public readonly record struct PeerHistory(int Handshakes, int Failures, int Replays);

/// <summary>How much care is asked for. It can raise what is chosen, never lower it.</summary>
public enum NegotiationRisk
{
    /// <summary>As the policy says.</summary>
    Normal,

    /// <summary>Round trips for stronger groups are worth it; no early data, younger keys.</summary>
    Elevated,

    /// <summary>The strongest group and suite in common; neither early data nor resumption.</summary>
    High,
}
