namespace Kadath.Tls;

/// <summary>
/// The baseline: a fixed order. The first group of the server's order that costs no round trip; but one is paid for a hybrid group where
/// the client's shares are all classical. The first suite of the server's order, which by default knows whether the processor has AES. What the
/// caller measured and remembers changes nothing.
/// </summary>
public sealed class OrderedNegotiation : INegotiation
{
    /// <inheritdoc/>
    public NegotiationChoice Choose(NegotiationInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new(Group(input), input.Suites[0]);
    }

    internal static NamedGroup Group(NegotiationInput input)
    {
        var first = input.Groups[0];
        foreach (var candidate in input.Groups)
        {
            if (NamedGroups.IsHybrid(candidate) == NamedGroups.IsHybrid(first) && input.Shares.Contains(candidate))
            {
                return candidate;
            }
        }

        return first;
    }
}
