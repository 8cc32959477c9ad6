using System.Globalization;
using System.Net;
using System.Text;

namespace Kadath.Simulator.Reports.Html;

/// <summary>
/// Writes a report as one page: parameters, tables and plots in a file that needs nothing else, neither scripts nor the network, and follows
/// the reader's choice of light or dark.
/// </summary>
public static class ReportHtml
{
    /// <summary>The page in UTF-8. What was not measured is left out; <see cref="RunDetails.Picture"/> gives tables and load.</summary>
    public static byte[] Write(SimulationReport report)
    {
        ScenarioOptions options = report.Options;
        var page = new StringBuilder();
        string title = Encode($"{options.Scenario}, {options.Nodes.ToString("#,0", CultureInfo.InvariantCulture)} nodes, seed {options.Seed}");
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append("<meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
            .Append(CultureInfo.InvariantCulture, $"<title>kadath sim: {title}</title>\n<style>{ReportStyle.Css}</style></head>\n<body><main>\n")
            .Append(CultureInfo.InvariantCulture, $"<header><h1>{title}</h1><p class=\"hash\">trace hash <code id=\"trace\">{report.TraceHash}</code></p></header>\n");
        Verdict(page, report);
        Lookups(page, report.Lookups);
        if (report.Course is { } course)
        {
            page.Append(CultureInfo.InvariantCulture, $"<section><h2>Course of lookup {course.Number}</h2>\n<div class=\"wide\"><pre><code>{Encode(string.Join('\n', course.Lines))}</code></pre></div></section>\n");
        }

        Picture(page, report.Picture);
        Extra(page, report);
        Parameters(page, report);
        page.Append("</main></body></html>\n");
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static void Verdict(StringBuilder page, SimulationReport report)
    {
        if (report.Failures.Count == 0)
        {
            page.Append("<p class=\"good\">All invariants and self-checks held.</p>\n");
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"<div class=\"bad\"><p>{report.Failures.Count} failed:</p><ul>");
        foreach (string failure in report.Failures)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li>{Encode(failure)}</li>");
        }

        page.Append("</ul></div>\n");
    }

    private static void Lookups(StringBuilder page, LookupSummary? lookups)
    {
        if (lookups is not { Count: > 0 })
        {
            return;
        }

        page.Append("<section><h2>Lookups</h2>\n<div class=\"tiles\">");
        Tile(page, "lookups", Text(lookups.Count));
        Tile(page, $"success, at least {Percent(lookups.SuccessLow)}", Percent(lookups.Success));
        Tile(page, "closest node found", Percent(lookups.SuccessClosest));
        Tile(page, "coverage of the k closest", Percent(lookups.Coverage));
        Tile(page, "stretch", Text(lookups.Stretch));
        page.Append("</div>\n<div class=\"wide\"><table><thead><tr><th></th><th>mean</th><th>p50</th><th>p95</th><th>p99</th><th>max</th></tr></thead><tbody>");
        Row(page, "first answer of the closest, ms", lookups.FirstAnswerMs);
        Row(page, "first answer of the k closest, ms", lookups.FirstOfKMs);
        Row(page, "done, ms", lookups.DoneMs);
        Row(page, "hops", lookups.Hops);
        Row(page, "messages", lookups.Messages);
        page.Append("</tbody></table></div>\n<p class=\"note\">A lookup that failed counts as infinitely late (∞) in every percentile; means are of those that did not fail.</p>\n<div class=\"plots\">\n");
        IReadOnlyList<LookupSample> samples = lookups.Samples;
        page.Append(ReportPlots.Latency(samples))
            .Append(ReportPlots.Success(samples))
            .Append(ReportPlots.Counts("Hops to the closest node", "hops (a contact of one's own is 1)", "lookups", samples.Select(static s => s.Hops)))
            .Append(ReportPlots.Counts("Messages per lookup", "queries sent, retries included", "lookups", samples.Select(static s => (double)s.Messages)))
            .Append("</div></section>\n");
    }

    private static void Picture(StringBuilder page, NetworkPicture? picture)
    {
        if (picture is not { Load.Count: > 0 })
        {
            return;
        }

        page.Append("<section><h2>Tables and load at the end</h2>\n<div class=\"tiles\">");
        Tile(page, "contacts per table", Text(picture.Tables.Contacts));
        Tile(page, "contacts that do not live", Percent(picture.Tables.StaleShare));
        Tile(page, "contacts that are adversaries", Percent(picture.Tables.BadShare));
        Tile(page, "fullness", Percent(picture.Tables.Fullness));
        Tile(page, "tables with all their k neighbours", Percent(picture.Tables.Closest));
        Tile(page, "load: Gini", Text(picture.LoadGini));
        Tile(page, "load: busiest over mean", Text(picture.Load[^1] / Math.Max(1, picture.Load.Average())));
        page.Append("</div>\n<div class=\"plots\">\n")
            .Append(ReportPlots.Counts("Table health: contacts per table", "contacts", "tables", picture.Contacts))
            .Append(ReportPlots.Counts("Table health: contacts that do not live", "% of a table's contacts", "tables", picture.StaleShares.Select(static s => Math.Round(100 * s))))
            .Append(ReportPlots.Load(picture.Load))
            .Append("</div></section>\n");
    }

    private static void Extra(StringBuilder page, SimulationReport report)
    {
        if (report.Extra.Count > 0)
        {
            page.Append("<section><h2>What else the scenario measured</h2>\n<div class=\"wide\"><table class=\"facts\"><tbody>");
            foreach ((string name, double value) in report.Extra)
            {
                Fact(page, name, Text(value));
            }

            page.Append("</tbody></table></div></section>\n");
        }
    }

    private static void Parameters(StringBuilder page, SimulationReport report)
    {
        ScenarioOptions options = report.Options;
        page.Append("<section><h2>The run</h2>\n<div class=\"wide\"><table class=\"facts\"><tbody>");
        Fact(page, "scenario", options.Scenario);
        Fact(page, "network", options.Network);
        Fact(page, "nodes", Text(options.Nodes));
        Fact(page, "seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        Fact(page, "k", options.K == 0 ? "the network's own" : Text(options.K));
        Fact(page, "alpha", options.Alpha == 0 ? "the network's own" : Text(options.Alpha));
        Fact(page, "paths", options.Paths == 0 ? "the network's own" : Text(options.Paths));
        Fact(page, "lookups asked for", Text(options.Lookups));
        Fact(page, "hours", Text(options.Hours));
        Fact(page, "RTT model", options.Rtt.Name);
        Fact(page, "tables", options.IdealTables ? "ideal" : "grown");
        foreach ((string name, string value) in options.Settings.OrderBy(static s => s.Key, StringComparer.Ordinal))
        {
            Fact(page, name, value);
        }

        Fact(page, "trace hash", report.TraceHash);
        Fact(page, "commit", SimulationReport.Commit);
        Fact(page, "events", Text(report.Events));
        Fact(page, "wall seconds", Text(report.Wall.TotalSeconds));
        Fact(page, "events/s", Text(report.EventsPerSecond));
        Fact(page, "RPCs/s", Text(report.RpcsPerSecond));
        Fact(page, "bytes per node", Text(report.BytesPerNode));
        Fact(page, "maintenance bytes per node and hour", Text(report.MaintenanceBytesPerNodeHour));
        page.Append(CultureInfo.InvariantCulture, $"</tbody></table></div>\n<p>The same again: <code>{Encode(ReplayCommand.Of(options))}</code></p></section>\n");
    }

    private static void Tile(StringBuilder page, string name, string value) =>
        page.Append(CultureInfo.InvariantCulture, $"<div><b>{value}</b><span>{Encode(name)}</span></div>");

    private static void Fact(StringBuilder page, string name, string value) =>
        page.Append(CultureInfo.InvariantCulture, $"<tr><th>{Encode(name)}</th><td>{Encode(value)}</td></tr>");

    private static void Row(StringBuilder page, string name, in Distribution d) => page.Append(
        CultureInfo.InvariantCulture,
        $"<tr><th>{Encode(name)}</th><td>{Text(d.Mean)}</td><td>{Text(d.P50)}</td><td>{Text(d.P95)}</td><td>{Text(d.P99)}</td><td>{Text(d.Max)}</td></tr>");

    private static string Percent(double share) => double.IsFinite(share) ? Text(Math.Round(100 * share, 2)) + " %" : "–";

    private static string Text(double value) => value switch
    {
        double.PositiveInfinity => "∞",
        _ when !double.IsFinite(value) => "–",
        _ => value.ToString(Math.Abs(value) >= 1000 ? "#,0" : "0.###", CultureInfo.InvariantCulture),
    };

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
