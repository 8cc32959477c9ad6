using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Nodes leave without notice: one by one, many at once, half of them.</summary>
public sealed class ChurnStory
{
    [Fact]
    public void Lookups_get_by_with_fifteen_percent_of_their_tables_dead()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "stale", Nodes = 400, Seed = 2, K = 20, Lookups = 300 });
        Assert.Empty(report.Failures);
        Assert.InRange(Extra(report, "stalenessStart"), 0.10, 0.20);
        Assert.Equal(1, report.Lookups!.Success);
        Assert.True(report.Lookups.SuccessClosest >= 0.98, $"closest found in {report.Lookups.SuccessClosest}");
        Assert.InRange(report.Lookups.Messages.Mean, 21, 35);
    }

    [Fact]
    public void Tables_stay_true_while_nodes_come_and_go()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "churn", Nodes = 120, Seed = 3, K = 20, Hours = 2, Lookups = 100 });
        Assert.Empty(report.Failures);
        Assert.InRange(Extra(report, "left"), 20, 90);
        Assert.True(Extra(report, "stalenessEnd") < 0.15, $"stale: {Extra(report, "stalenessEnd")}");
        Assert.Equal(1, report.Lookups!.Success);
    }

    [Fact]
    public void A_network_mends_itself_when_half_of_it_leaves()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "mass-leave", Nodes = 200, Seed = 4, K = 20, Lookups = 100 });
        Assert.Empty(report.Failures);
        Assert.InRange(Extra(report, "stalenessStart"), 0.4, 0.6);
        Assert.True(report.Lookups!.Success >= 0.99, $"success {report.Lookups.Success}");
        Assert.True(Extra(report, "stalenessEnd") < 0.05, $"stale: {Extra(report, "stalenessEnd")}");
    }

    private static double Extra(SimulationReport report, string name) => report.Extra.Single(extra => extra.Name == name).Value;
}
