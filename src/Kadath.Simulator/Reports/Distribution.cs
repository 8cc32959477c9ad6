namespace Kadath.Simulator;

/// <summary>
/// A measured quantity: percentiles by nearest rank, in which what failed counts as infinitely late; the mean is of those that did not fail.
/// </summary>
/// <param name="Mean">The mean of the finite values; NaN without any.</param>
/// <param name="P50">The median.</param>
/// <param name="P95">What 95 % do not exceed.</param>
/// <param name="P99">What 99 % do not exceed.</param>
/// <param name="Max">The largest.</param>
public readonly record struct Distribution(double Mean, double P50, double P95, double P99, double Max)
{
    /// <summary>The distribution of some values.</summary>
    public static Distribution Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
        {
            return new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        }

        double sum = 0;
        int finite = 0;
        foreach (double value in sorted)
        {
            sum += double.IsFinite(value) ? value : 0;
            finite += double.IsFinite(value) ? 1 : 0;
        }

        return new(finite == 0 ? double.NaN : sum / finite, At(500), At(950), At(990), sorted[^1]);

        double At(int perMille) => sorted[Math.Max(0, (int)((((long)sorted.Length * perMille) + 999) / 1000) - 1)];
    }
}
