namespace Kadath.Tls;

/// <summary>
/// Adapts to what the caller measured and remembers: the cheapest suite here, unless the client's order says that it has no AES; stronger
/// groups, younger keys, and no resumption for peers or times that ask for care. Off unless a policy names it; without facts it chooses as
/// <see cref="OrderedNegotiation"/> does.
/// </summary>
public sealed class AdaptiveNegotiation : INegotiation
{
    // A suite has to be clearly cheaper: measurements on a busy machine are off by a third.
    private const double ClearlyCheaper = 0.67;

    // Of a peer's handshakes, so many failed that it is looked at twice: a client on a bad line fails now and then.
    private const int SuspiciousFailures = 5;

    /// <summary>The age of keys for peers and times that ask for care.</summary>
    public static readonly TimeSpan CarefulKeyUpdateAge = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public NegotiationChoice Choose(NegotiationInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var risk = RiskOf(input.Facts);
        return new(Group(input, risk), Suite(input, risk))
        {
            AllowTickets = risk < NegotiationRisk.High,
            AllowEarlyData = risk == NegotiationRisk.Normal,
            KeyUpdateAge = risk == NegotiationRisk.Normal ? null : CarefulKeyUpdateAge,
        };
    }

    private static NegotiationRisk RiskOf(NegotiationFacts facts)
    {
        var (handshakes, failures, replays) = (facts.Peer.Handshakes, facts.Peer.Failures, facts.Peer.Replays);
        var suspicious = replays > 0 || (failures >= SuspiciousFailures && failures > handshakes);
        return suspicious && facts.Risk == NegotiationRisk.Normal ? NegotiationRisk.Elevated : facts.Risk;
    }

    private static NamedGroup Group(NegotiationInput input, NegotiationRisk risk) => risk switch
    {
        NegotiationRisk.Normal => OrderedNegotiation.Group(input),
        NegotiationRisk.Elevated => input.Groups.Where(NamedGroups.IsHybrid).DefaultIfEmpty(OrderedNegotiation.Group(input)).First(),
        _ => input.Groups.OrderBy(Weakness).First(),
    };

    private static CipherSuite Suite(NegotiationInput input, NegotiationRisk risk)
    {
        if (risk == NegotiationRisk.High)
        {
            return input.Suites.OrderBy(suite => suite == CipherSuite.Aes128GcmSha256).First();
        }

        // A client that puts ChaCha20 first has no AES instructions, and less power to spare than we have.
        if (input.ClientSuites[0] == CipherSuite.ChaCha20Poly1305Sha256)
        {
            return CipherSuite.ChaCha20Poly1305Sha256;
        }

        var best = input.Suites[0];
        foreach (var suite in input.Suites)
        {
            if (input.Facts.SuiteCosts.TryGetValue(suite, out var cost) && input.Facts.SuiteCosts.TryGetValue(best, out var bestCost) && cost < bestCost * ClearlyCheaper)
            {
                best = suite;
            }
        }

        return best;
    }

    private static int Weakness(NamedGroup group) => group switch
    {
        NamedGroup.SecP384r1MLKEM1024 => 0,
        NamedGroup.X25519MLKEM768 => 1,
        NamedGroup.SecP256r1MLKEM768 => 2,
        _ => 3,
    };
}
