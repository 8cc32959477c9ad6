using System.Globalization;

namespace Kadath.Simulator.Reports.Html;

/// <summary>One axis of a plot: what it spans, and where its ticks are.</summary>
/// <param name="Label">What it shows, with its unit.</param>
/// <param name="Min">Its left or lower end; above 0 on a logarithmic axis.</param>
/// <param name="Max">Its other end.</param>
/// <param name="Logarithmic">Decades have equal lengths.</param>
/// <param name="Percent">Values are shares, shown in percent.</param>
internal sealed record Axis(string Label, double Min, double Max, bool Logarithmic = false, bool Percent = false)
{
    private const int WantedTicks = 6;

    /// <summary>An axis from 0 that ends at a round number.</summary>
    public static Axis FromZero(string label, double max)
    {
        double step = StepFor(max);
        return new(label, 0, Math.Max(step, Math.Ceiling(max / step) * step));
    }

    /// <summary>A logarithmic axis that holds all of the values and is at least a decade long.</summary>
    public static Axis Decades(string label, double min, double max)
    {
        double low = Math.Max(min, 1e-3), high = Math.Max(max, low);
        double stretch = high / low < 10 ? Math.Sqrt(10 / (high / low)) : 1;
        return new(label, low / stretch, high * stretch, Logarithmic: true);
    }

    /// <summary>Where a value lies, from 0 to 1; what is beyond an end lies at it.</summary>
    public double PartOf(double value)
    {
        double part = Logarithmic
            ? Math.Log(Math.Max(value, Min) / Min) / Math.Log(Max / Min)
            : (value - Min) / (Max - Min);
        return Math.Clamp(part, 0, 1);
    }

    /// <summary>The values that have a tick.</summary>
    public IEnumerable<double> Ticks() => Logarithmic ? LogarithmicTicks() : LinearTicks();

    /// <summary>A value as text.</summary>
    public string Text(double value) => Percent
        ? Math.Round(100 * value, 4).ToString("0.####", CultureInfo.InvariantCulture) + " %"
        : Math.Round(value, 9).ToString("#,0.######", CultureInfo.InvariantCulture);

    /// <summary>A round step (1, 2 or 5 times a power of ten) of which some six reach so far.</summary>
    public static double StepFor(double span)
    {
        double raw = Math.Max(span, 1e-9) / WantedTicks, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return power * ((raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }

    private IEnumerable<double> LinearTicks()
    {
        double step = StepFor(Max - Min);
        for (double first = Math.Ceiling(Min / step), i = first; i * step <= Max + (step * 1e-6); i++)
        {
            // Zero has no sign to be shown.
            yield return (i * step) + 0.0;
        }
    }

    private IEnumerable<double> LogarithmicTicks()
    {
        // Over many decades their own ticks are enough.
        int[] factors = Max / Min > 1e4 ? [1] : [1, 2, 5];
        for (int power = (int)Math.Floor(Math.Log10(Min)); power <= Math.Log10(Max); power++)
        {
            foreach (int factor in factors)
            {
                double tick = factor * Math.Pow(10, power);
                if (tick >= Min * 0.999999 && tick <= Max * 1.000001)
                {
                    yield return tick;
                }
            }
        }
    }
}
