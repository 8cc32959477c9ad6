namespace Kadath.Simulator.Reports.Html;

/// <summary>The plots of a report.</summary>
internal static class ReportPlots
{
    // A curve of more points than this draws no finer on a screen.
    private const int MaxPoints = 400;
    private const int MaxSpans = 40;

    // Fewer values than this would be bars as wide as the page.
    private const int MinHistogram = 8;

    /// <summary>How long lookups took: three distributions.</summary>
    public static string Latency(IReadOnlyList<LookupSample> samples)
    {
        (string Name, double[] Values)[] all =
        [
            ("first answer of the closest", Sorted(samples.Select(static s => s.FirstAnswerMs))),
            ("first answer of the k closest", Sorted(samples.Select(static s => s.FirstOfKMs))),
            ("done", Sorted(samples.Select(static s => s.DoneMs))),
        ];
        double[] finite = [.. all.SelectMany(static series => series.Values).Where(static v => double.IsFinite(v) && v > 0)];
        if (finite.Length == 0)
        {
            return "";
        }

        var plot = new SvgPlot("Latency: share of the lookups that were so far by then", Axis.Decades("ms since the lookup began", finite.Min(), finite.Max()), new("lookups", 0, 1, Percent: true));
        foreach ((string name, double[] values) in all)
        {
            plot.Line(name, Cumulative(values), steps: true);
        }

        return plot.Render();
    }

    /// <summary>A histogram of whole numbers.</summary>
    public static string Counts(string title, string label, string unit, IEnumerable<double> values)
    {
        List<Bin> bins = Bin.OfCounts(values);
        if (bins.Count == 0)
        {
            return "";
        }

        // From 0 on, unless all lie far away from it.
        double low = bins[0].From > bins[^1].To - bins[0].From ? bins[0].From : -0.5;
        Axis x = new(label, low, Math.Max(bins[^1].To, low + MinHistogram));
        return new SvgPlot(title, x, Axis.FromZero(unit, bins.Max(static bin => bin.Count))).Bars(bins).Render();
    }

    /// <summary>The share of the lookups that succeeded, by when they began.</summary>
    public static string Success(IReadOnlyList<LookupSample> samples)
    {
        double begin = samples.Min(static s => s.BeganSeconds), end = samples.Max(static s => s.BeganSeconds);
        int spans = Math.Clamp(samples.Count / 10, 1, MaxSpans);
        double length = Math.Max((end - begin) / spans, 1e-9);
        int[] all = new int[spans], good = new int[spans];
        foreach (LookupSample sample in samples)
        {
            int span = Math.Min(spans - 1, (int)((sample.BeganSeconds - begin) / length));
            all[span]++;
            good[span] += sample.Success ? 1 : 0;
        }

        (double X, double Y)[] points = [.. Enumerable.Range(0, spans).Where(i => all[i] > 0).Select(i => (((i + 0.5) * length), good[i] / (double)all[i]))];
        // What is all at the top is best seen from nearby.
        double low = points.Min(static p => p.Y) switch { >= 0.95 => 0.9, >= 0.5 => 0.5, _ => 0 };
        return new SvgPlot($"Success over the run ({samples.Count / spans} lookups a point)", Axis.FromZero("s since the first lookup", Math.Max(end - begin, 1e-3)), new("successful", low, 1, Percent: true))
            .Line("success", points).Dots(points).Render();
    }

    /// <summary>Who carries how much, the busiest first.</summary>
    public static string Load(IReadOnlyList<double> sorted)
    {
        if (sorted.Count == 0)
        {
            return "";
        }

        List<(double, double)> points = [];
        for (int i = 0; i < MaxPoints; i++)
        {
            // Ranks at equal distances on the logarithmic axis: the busiest few are what matters.
            int rank = (int)Math.Round(Math.Pow(sorted.Count, i / (MaxPoints - 1.0)));
            points.Add((rank, Math.Max(1, sorted[^rank])));
        }

        return new SvgPlot("Load per node: datagrams handled, busiest first", Axis.Decades("rank of the node", 1, Math.Max(10, sorted.Count)), Axis.Decades("datagrams", Math.Max(1, sorted[0]), Math.Max(1, sorted[^1])))
            .Line("load", points, steps: true).Render();
    }

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];

    private static List<(double X, double Y)> Cumulative(double[] sorted)
    {
        // What never came ends the curve below 100 %.
        int finite = sorted.Count(double.IsFinite);
        List<(double X, double Y)> points = [];
        for (int i = 0; finite > 0 && i <= MaxPoints; i++)
        {
            int rank = (int)((long)(finite - 1) * i / MaxPoints);
            points.Add((sorted[rank], (rank + 1) / (double)sorted.Length));
        }

        return points;
    }
}
