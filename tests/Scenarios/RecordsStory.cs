using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>What becomes of records, and of the nodes that hold what everybody wants.</summary>
public sealed class RecordsStory
{
    /// <summary>A holder that is met at random survives 22 hours with p = .135, so of records with k = 8 copies (1 − p)^8 = .313 are lost without repair.</summary>
    [Fact]
    public void Without_repair_records_are_lost_as_the_closed_form_says()
    {
        SimulationReport report = Replay.Run(new()
        {
            Scenario = "records", Nodes = 700, Seed = 1, K = 8, Lookups = 500, Hours = 22,
            Settings = new Dictionary<string, string> { ["ttl"] = "48", ["maintenance"] = "off", ["gets"] = "off" },
        });
        Assert.Empty(report.Failures);
        Assert.True(Extra(report, "records.count") >= 495, "not all records were acknowledged by k nodes");
        Assert.Equal(0, Extra(report, "lostShareAfterHour1"));
        // Five standard deviations of 500 records that share 700 holders.
        Assert.InRange(Extra(report, "lostShareAfterHour22"), 0.20, 0.43);
    }

    [Fact]
    public void Records_that_are_republished_every_hour_outlive_their_holders()
    {
        SimulationReport report = Replay.Run(new()
        {
            Scenario = "records", Nodes = 100, Seed = 2, K = 8, Lookups = 60, Hours = 4,
            Settings = new Dictionary<string, string> { ["ttl"] = "2", ["republish"] = "1" },
        });
        Assert.Empty(report.Failures);
        Assert.Equal(0, Extra(report, "records.lost"));
        Assert.InRange(Extra(report, "records.notFound"), 0, 2);
        Assert.Equal(240, Extra(report, "records.gets"));
    }

    [Fact]
    public void A_key_that_everybody_wants_is_found_by_everybody()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "flash-crowd", Nodes = 200, Seed = 3, Lookups = 600 });
        Assert.Empty(report.Failures);
        Assert.True(Extra(report, "success") >= 0.995, $"success {Extra(report, "success")}");
        Assert.InRange(Extra(report, "firstPeerMsP95"), 1, 2000);
    }

    private static double Extra(SimulationReport report, string name) => report.Extra.Single(extra => extra.Name == name).Value;
}
