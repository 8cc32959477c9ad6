using System.Globalization;
using System.Net;
using System.Text;

namespace Kadath.Simulator.Reports.Html;

/// <summary>Draws one plot as inline SVG inside a figure. Colours are the page's, so that they follow its light and dark.</summary>
internal sealed class SvgPlot
{
    private const int Width = 560, Height = 280, Left = 62, Right = 18, Top = 12, Bottom = 46;
    private const int PlotWidth = Width - Left - Right, PlotHeight = Height - Top - Bottom;

    private readonly StringBuilder _marks = new();
    private readonly List<string> _legend = [];
    private readonly string _title;
    private readonly Axis _x;
    private readonly Axis _y;

    public SvgPlot(string title, Axis x, Axis y) => (_title, _x, _y) = (title, x, y);

    /// <summary>A line through points; <paramref name="steps"/> keeps each value until the next point, as distributions do.</summary>
    public SvgPlot Line(string name, IReadOnlyList<(double X, double Y)> points, bool steps = false)
    {
        int series = _legend.Count;
        _legend.Add(name);
        if (points.Count == 0)
        {
            return this;
        }

        _marks.Append(CultureInfo.InvariantCulture, $"<path class=\"line s{series}\" d=\"M{X(points[0].X):0.#} {Y(points[0].Y):0.#}");
        for (int i = 1; i < points.Count; i++)
        {
            _marks.Append(steps ? string.Create(CultureInfo.InvariantCulture, $"H{X(points[i].X):0.#}V{Y(points[i].Y):0.#}") : string.Create(CultureInfo.InvariantCulture, $"L{X(points[i].X):0.#} {Y(points[i].Y):0.#}"));
        }

        _marks.Append(CultureInfo.InvariantCulture, $"\"><title>{Encode(name)}</title></path>");
        return this;
    }

    /// <summary>Points, each of which says its value when pointed at.</summary>
    public SvgPlot Dots(IReadOnlyList<(double X, double Y)> points)
    {
        foreach ((double x, double y) in points)
        {
            _marks.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot\" cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"3\"><title>{_x.Text(x)}: {_y.Text(y)}</title></circle>");
        }

        return this;
    }

    /// <summary>Bars from 0 up, each as wide as its bin.</summary>
    public SvgPlot Bars(IReadOnlyList<Bin> bins)
    {
        foreach (Bin bin in bins)
        {
            double left = X(bin.From), right = X(bin.To), top = Y(bin.Count);
            double gap = right - left > 4 ? 1 : 0;
            _marks.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"bar\" x=\"{left + (gap / 2):0.#}\" y=\"{top:0.#}\" width=\"{Math.Max(0.5, right - left - gap):0.#}\" height=\"{Height - Bottom - top:0.#}\"><title>{Encode(bin.Label)}: {bin.Count:#,0}</title></rect>");
        }

        return this;
    }

    /// <summary>The figure.</summary>
    public string Render()
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{Encode(_title)}</figcaption><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Encode(_title)}\">");
        foreach (double tick in _y.Ticks())
        {
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):0.#}\" y2=\"{Y(tick):0.#}\"/><text class=\"tick\" text-anchor=\"end\" x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.#}\">{_y.Text(tick)}</text>");
        }

        double free = 0;
        foreach (double tick in _x.Ticks())
        {
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{X(tick):0.#}\" x2=\"{X(tick):0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/>");
            string text = _x.Text(tick);
            double half = 3.4 * text.Length;
            if (X(tick) - half >= free)
            {
                html.Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" text-anchor=\"middle\" x=\"{X(tick):0.#}\" y=\"{Height - Bottom + 16}\">{text}</text>");
                free = X(tick) + half + 4;
            }
        }

        html.Append(CultureInfo.InvariantCulture, $"<text class=\"label\" text-anchor=\"middle\" x=\"{Left + (PlotWidth / 2)}\" y=\"{Height - 8}\">{Encode(_x.Label)}</text>");
        html.Append(CultureInfo.InvariantCulture, $"<text class=\"label\" text-anchor=\"middle\" transform=\"translate(12 {Top + (PlotHeight / 2)}) rotate(-90)\">{Encode(_y.Label)}</text>");
        html.Append(_marks);
        html.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom}\"/></svg>");
        if (_legend.Count > 1)
        {
            html.Append("<p class=\"legend\">").AppendJoin("", _legend.Select(static (name, i) => $"<span class=\"k{i}\">{Encode(name)}</span>")).Append("</p>");
        }

        return html.Append("</figure>\n").ToString();
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private double X(double value) => Left + (PlotWidth * _x.PartOf(value));

    private double Y(double value) => Height - Bottom - (PlotHeight * _y.PartOf(value));
}
