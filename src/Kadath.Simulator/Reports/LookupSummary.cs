namespace Kadath.Simulator;

/// <summary>Many measured lookups in numbers.</summary>
public sealed record LookupSummary
{
    // The normal quantile of a two-sided 95 % interval.
    private const double Z = 1.959964;

    /// <summary>How many lookups.</summary>
    public required int Count { get; init; }

    /// <summary>The share in which at least one honest node of the k closest answered.</summary>
    public required double Success { get; init; }

    /// <summary>The lower end of the 95 % interval of <see cref="Success"/> (Wilson).</summary>
    public required double SuccessLow { get; init; }

    /// <summary>The share in which the closest node answered.</summary>
    public required double SuccessClosest { get; init; }

    /// <summary>The mean share of the k closest that answered.</summary>
    public required double Coverage { get; init; }

    /// <summary>Median time to the closest node's answer over the median round trip of random live pairs.</summary>
    public required double Stretch { get; init; }

    /// <summary>Milliseconds to the closest node's first answer.</summary>
    public required Distribution FirstAnswerMs { get; init; }

    /// <summary>Milliseconds to the first answer of any of the k closest.</summary>
    public required Distribution FirstOfKMs { get; init; }

    /// <summary>Milliseconds until the lookup returned.</summary>
    public required Distribution DoneMs { get; init; }

    /// <summary>Length of the chain to the closest node.</summary>
    public required Distribution Hops { get; init; }

    /// <summary>Queries sent, retries included.</summary>
    public required Distribution Messages { get; init; }

    /// <summary>The lookups themselves, in the order in which they ended.</summary>
    public required IReadOnlyList<LookupSample> Samples { get; init; }

    /// <summary>The sum of some samples, measured in a network.</summary>
    public static LookupSummary Of(IReadOnlyList<LookupSample> samples, KademliaNetwork network)
    {
        var first = Distribution.Of(samples.Select(static s => s.FirstAnswerMs));
        int succeeded = samples.Count(static s => s.Success);
        return new()
        {
            Count = samples.Count,
            Success = Share(succeeded, samples.Count),
            SuccessLow = WilsonLow(succeeded, samples.Count),
            SuccessClosest = Share(samples.Count(static s => s.FoundClosest), samples.Count),
            Coverage = samples.Count == 0 ? 0 : samples.Sum(static s => s.Coverage) / samples.Count,
            Stretch = first.P50 / MedianRoundTrip(network),
            FirstAnswerMs = first,
            FirstOfKMs = Distribution.Of(samples.Select(static s => s.FirstOfKMs)),
            DoneMs = Distribution.Of(samples.Select(static s => s.DoneMs)),
            Hops = Distribution.Of(samples.Select(static s => s.Hops)),
            Messages = Distribution.Of(samples.Select(static s => (double)s.Messages)),
            Samples = samples,
        };
    }

    /// <summary>The lower end of Wilson's 95 % interval of a share.</summary>
    public static double WilsonLow(int good, int all)
    {
        if (all == 0)
        {
            return 0;
        }

        double p = good / (double)all, z2 = Z * Z;
        return (p + (z2 / (2 * all)) - (Z * Math.Sqrt(((p * (1 - p)) + (z2 / (4.0 * all))) / all))) / (1 + (z2 / all));
    }

    private static double Share(int part, int all) => all == 0 ? 0 : part / (double)all;

    private static double MedianRoundTrip(KademliaNetwork network)
    {
        const int Pairs = 10_001;
        // A stream of its own: that a report is made changes nothing that comes after it.
        Primitives.EntropyStream chance = Primitives.EntropyTree.FromSeed(network.Seed).Child(ReportBranch).Stream(0);
        int[] live = network.Live.Nodes.ToArray();
        return Distribution.Of(Enumerable.Range(0, Pairs).Select(_ =>
            network.Packets.DrawExchange(live[chance.NextBelow(live.Length)], live[chance.NextBelow(live.Length)], chance))).P50;
    }

    private const ulong ReportBranch = 9;
}
