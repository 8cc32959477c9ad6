using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>A network in which most nodes stand behind NATs that let no stranger in.</summary>
public sealed class NattedStory
{
    [Fact]
    public void Lookups_find_whoever_can_be_reached_and_tables_grow_cleaner_with_time()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "natted", Nodes = 100, Seed = 6, K = 20, Hours = 0.3, Lookups = 100 });
        Assert.Empty(report.Failures);
        Assert.InRange(Extra(report, "natted"), 45, 75);
        Assert.True(Extra(report, "unreachableShareStart") > 0.05, "everybody is reached: the boxes do nothing");
        Assert.True(Extra(report, "unreachableShareEnd") < Extra(report, "unreachableShareStart"), "tables keep who cannot be reached");
        Assert.True(report.Lookups!.Success >= 0.99, $"success: {report.Lookups.Success}");
        Assert.True(report.Lookups.Coverage < 0.8, "nodes behind NATs answered strangers: the boxes do nothing");
    }

    private static double Extra(SimulationReport report, string name) => report.Extra.Single(extra => extra.Name == name).Value;
}
