using System.Text;
using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Two runs side by side, and one lookup step by step.</summary>
public sealed class SideBySideTests
{
    [Fact]
    public void Two_runs_lie_side_by_side()
    {
        byte[] a = """{"nodes": 4, "traceHash": "aa", "lookups": {"hops": {"p50": 2, "max": null}}}"""u8.ToArray();
        byte[] b = """{"nodes": 6, "traceHash": "bb", "lookups": {"hops": {"p50": 3, "max": 5}}, "left": 0}"""u8.ToArray();
        ComparisonRow[] expected = [new("nodes", "4", "6", 1.5), new("traceHash", "aa", "bb", null), new("lookups.hops.p50", "2", "3", 1.5), new("lookups.hops.max", "null", "5", null), new("left", null, "0", null)];
        Assert.Equal(expected, ReportComparison.Of(a, b));
        Assert.Throws<ArgumentException>(() => ReportComparison.Of(a, Encoding.UTF8.GetBytes("[1]")));
    }

    [Fact]
    public void A_traced_lookup_tells_its_course_and_is_the_same_lookup()
    {
        ScenarioOptions options = new() { Scenario = "stale", Nodes = 80, Seed = 15, K = 8, Lookups = 10, Settings = new Dictionary<string, string> { ["share"] = "0.3" } };
        SimulationReport plain = Replay.Run(options), traced = Replay.Run(options, new() { Lookup = 4 });
        Assert.Equal(plain.TraceHash, traced.TraceHash);
        Assert.Null(plain.Course);
        IReadOnlyList<string> lines = traced.Course!.Lines;
        int initiator = int.Parse(lines[0].Split(' ')[3], System.Globalization.CultureInfo.InvariantCulture);
        LookupSample sample = Assert.Single(traced.Lookups!.Samples, s => s.Initiator == initiator);
        Assert.StartsWith("lookup 4: node ", lines[0], StringComparison.Ordinal);
        Assert.Equal(sample.Messages, lines.Count(static line => line.Contains(" asks ", StringComparison.Ordinal)));
        Assert.Contains(lines, static line => line.Contains("named by node", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.EndsWith("(stopped) has not answered", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.EndsWith(" answered", StringComparison.Ordinal));
        Assert.Contains(" done (", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_lookup_that_never_was_has_no_course() =>
        Assert.Null(Replay.Run(new() { Scenario = "converge", Nodes = 20, Seed = 16 }, new() { Lookup = 1 }).Course);
}
