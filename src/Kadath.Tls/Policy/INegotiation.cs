namespace Kadath.Tls;

/// <summary>What a server knows when it chooses. All lists hold only what both sides allow, at or above the floor.</summary>
/// <param name="Groups">Groups, in the server's order.</param>
/// <param name="Shares">Those among them for which the client sent a share.</param>
/// <param name="Suites">Suites, in the server's order.</param>
/// <param name="ClientSuites">The same suites in the client's order.</param>
public sealed record NegotiationInput(
    IReadOnlyList<NamedGroup> Groups, IReadOnlyList<NamedGroup> Shares, IReadOnlyList<CipherSuite> Suites, IReadOnlyList<CipherSuite> ClientSuites);

/// <summary>What was chosen.</summary>
/// <param name="Group">One of the input's groups; one without a share costs a HelloRetryRequest.</param>
/// <param name="Suite">One of the input's suites.</param>
public readonly record struct NegotiationChoice(NamedGroup Group, CipherSuite Suite);

/// <summary>A pure function from an offer to a choice: no clock, no memory, the same answer for the same input.</summary>
public interface INegotiation
{
    /// <summary>Chooses. Neither <see cref="NegotiationInput.Groups"/> nor <see cref="NegotiationInput.Suites"/> is empty; the machine checks that the answer is one of them.</summary>
    NegotiationChoice Choose(NegotiationInput input);
}

/// <summary>
/// The baseline: the first group of the server's order, even where that costs a round trip, if it is hybrid and the client's shares are not;
/// among equals the first with a share; the first suite of the server's order.
/// </summary>
public sealed class OrderedNegotiation : INegotiation
{
    /// <inheritdoc/>
    public NegotiationChoice Choose(NegotiationInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var first = input.Groups[0];
        var group = first;
        foreach (var candidate in input.Groups)
        {
            if (NamedGroups.IsHybrid(candidate) == NamedGroups.IsHybrid(first) && input.Shares.Contains(candidate))
            {
                group = candidate;
                break;
            }
        }

        return new(group, input.Suites[0]);
    }
}
