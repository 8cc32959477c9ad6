using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Nodes that were away come back with what they saved.</summary>
public sealed class OfflineStory
{
    [Fact]
    public void Who_was_away_finds_again_within_seconds_though_most_of_what_it_knew_has_left()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "offline", Nodes = 100, Seed = 3, K = 8, Lookups = 12 });
        Assert.Empty(report.Failures);
        Assert.True(Extra(report, "savedAliveAfterHours1") > 0.5, "who was away for an hour knows nobody");
        Assert.True(Extra(report, "savedAliveAfterHours168") < 0.3, "nobody has left: the test shows nothing");
        foreach (int hours in (int[])[1, 24, 168])
        {
            Assert.InRange(Extra(report, $"firstSuccessMsMaxAfterHours{hours}"), 1, 15_000);
        }
    }

    private static double Extra(SimulationReport report, string name) => report.Extra.Single(extra => extra.Name == name).Value;
}
