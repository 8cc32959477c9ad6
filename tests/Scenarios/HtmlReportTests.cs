using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kadath.Simulator;
using Kadath.Simulator.Reports.Html;
using Kadath.Simulator.Scenarios;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>The report with plots: whole, self-contained, and nothing that a run notices.</summary>
public sealed class HtmlReportTests : IDisposable
{
    private static readonly string[] s_plots =
    [
        "Latency: ", "Success over the run", "Hops to the closest node", "Messages per lookup", "Table health: contacts per table", "Load per node",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("kadath-html-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_has_the_same_hash_with_a_report_and_without()
    {
        string[] arguments = ["lookups", "--nodes", "80", "--seed", "11", "--k", "8", "--lookups", "40"];
        string file = Path.Combine(_folder, "report.html");
        JsonElement plain = await SimProgram.RunAsync([], arguments), reported = await SimProgram.RunAsync([], [.. arguments, "--html", file]);
        string hash = plain.GetProperty("traceHash").GetString()!;
        Assert.Equal(hash, reported.GetProperty("traceHash").GetString());
        Assert.Contains(hash, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_report_holds_parameters_and_plots_and_asks_for_nothing_else()
    {
        string page = Page(new() { Scenario = "stale", Nodes = 80, Seed = 12, K = 8, Lookups = 40, Settings = new Dictionary<string, string> { ["share"] = "0.3" } });
        Assert.All(s_plots, plot => Assert.Contains($"<figcaption>{plot}", page, StringComparison.Ordinal));
        Assert.Contains("--seed 12 --lookups 40", page, StringComparison.Ordinal);
        Assert.Contains("--share 0.3", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(new Regex("<script|<link|<img|src=|href=|url\\(|https?:"), page);
        Assert.DoesNotMatch(new Regex("NaN|Infinity"), page);
    }

    [Fact]
    public void A_report_without_lookups_has_no_empty_plots()
    {
        string page = Page(new() { Scenario = "converge", Nodes = 30, Seed = 13 });
        Assert.DoesNotContain("Latency", page, StringComparison.Ordinal);
        Assert.Contains("<figcaption>Load per node", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_shows_the_report()
    {
        string? browser = Browser.Find();
        Assert.SkipWhen(browser is null, "no Chromium or Chrome on the path: the report was not opened in a browser");
        SimulationReport report = Run(new() { Scenario = "lookups", Nodes = 60, Seed = 14, Lookups = 30 });
        string file = Path.Combine(_folder, "report.html");
        await File.WriteAllBytesAsync(file, ReportHtml.Write(report), TestContext.Current.CancellationToken);

        // The document as the browser parsed it, and a picture: a page that is broken off or blank has neither.
        string page = await Browser.DocumentAsync(browser, file, _folder);
        Assert.Contains($"<code id=\"trace\">{report.TraceHash}</code>", page, StringComparison.Ordinal);
        Assert.Equal(s_plots.Length + 1, Regex.Count(page, "<svg "));
        Assert.True(await Browser.ScreenshotBytesAsync(browser, file, _folder) > 20_000, "the picture is all but empty");
    }

    private static string Page(ScenarioOptions options) => Encoding.UTF8.GetString(ReportHtml.Write(Run(options)));

    private static SimulationReport Run(ScenarioOptions options) => Replay.Run(options, new() { Picture = true });
}
