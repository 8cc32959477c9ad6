using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Two halves of a network that have forgotten each other grow together again.</summary>
public sealed class PartitionStory
{
    [Fact]
    public void Ten_minutes_after_healing_lookups_cross_what_was_apart_for_an_hour()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "partition", Nodes = 120, Seed = 4, K = 8, Lookups = 200 });
        Assert.Empty(report.Failures);
        Assert.True(Extra(report, "forgottenShare") > 0.5, "the halves remember each other: the test shows nothing");
        Assert.True(Extra(report, "crossedAfterMinutes10") >= 0.98, $"crossed: {Extra(report, "crossedAfterMinutes10")}");
    }

    private static double Extra(SimulationReport report, string name) => report.Extra.Single(extra => extra.Name == name).Value;
}
