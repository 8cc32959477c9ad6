using System.Globalization;

namespace Kadath.Simulator.Reports.Html;

/// <summary>A bar of a histogram.</summary>
/// <param name="From">Where it begins on the axis.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Count">How many values fell into it.</param>
/// <param name="Label">Which values, for people.</param>
internal sealed record Bin(double From, double To, int Count, string Label)
{
    // More bars than this cannot be told apart.
    private const int MaxBins = 60;

    /// <summary>Counts whole numbers; those that are not finite are left out. A bin of one number is centred on it.</summary>
    public static List<Bin> OfCounts(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        if (sorted.Length == 0)
        {
            return [];
        }

        double width = 1;
        while ((sorted[^1] - sorted[0]) / width >= MaxBins)
        {
            width *= 2;
        }

        List<Bin> bins = [];
        int at = 0;
        for (double from = Math.Floor(sorted[0] / width) * width; at < sorted.Length; from += width)
        {
            int count = 0;
            for (; at < sorted.Length && sorted[at] < from + width; at++)
            {
                count++;
            }

            string last = width > 1 ? string.Create(CultureInfo.InvariantCulture, $"–{from + width - 1:0}") : "";
            string label = string.Create(CultureInfo.InvariantCulture, $"{from:0}{last}");
            bins.Add(new(from - 0.5, from + width - 0.5, count, label));
        }

        return bins;
    }
}
