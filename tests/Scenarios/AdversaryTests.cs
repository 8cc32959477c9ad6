using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>A share of the nodes is dishonest from the first second on.</summary>
public sealed class AdversaryTests
{
    [Fact]
    public void Nodes_that_answer_pings_alone_keep_no_lookup_from_its_goal()
    {
        SimulationReport report = Replay.Run(Of("silent", "0.3", paths: 1));
        Assert.Equal(1, report.Lookups!.Success);
        Assert.True(Value(report, "dishonest") > 40);
    }

    [Fact]
    public void Colluders_poison_tables_and_mislead_plain_lookups_and_disjoint_paths_help()
    {
        SimulationReport plain = Replay.Run(Of("collude", "0.3", paths: 1)), disjoint = Replay.Run(Of("collude", "0.3", paths: 8));
        Assert.InRange(plain.Lookups!.Success, 0.1, 0.95);
        Assert.True(Value(plain, "badTableShare") > 0.3, "colluders that nobody lists are no adversaries");
        Assert.True(disjoint.Lookups!.Success > plain.Lookups.Success + 0.03, $"{disjoint.Lookups.Success} with eight paths, {plain.Lookups.Success} with one");
    }

    [Theory]
    [InlineData("dead-fakes")]
    [InlineData("fabricate")]
    [InlineData("collude-late")]
    public void Whatever_they_do_every_lookup_ends(string behaviour)
    {
        SimulationReport report = Replay.Run(Of(behaviour, "0.2", paths: 4));
        Assert.Equal(report.Options.Lookups, report.Lookups!.Count);
        Assert.True(report.Lookups.Success > 0.5, $"success {report.Lookups.Success}");
    }

    [Theory]
    [InlineData("share", "1.5")]
    [InlineData("behaviour", "kind")]
    public void Settings_out_of_their_bounds_are_refused(string name, string value) =>
        Assert.Throws<ArgumentException>(() => Replay.Run(Of("collude", "0.2", paths: 1) with { Settings = new Dictionary<string, string> { [name] = value } }));

    private static ScenarioOptions Of(string behaviour, string share, int paths) => new()
    {
        Scenario = "adversaries", Nodes = 200, Seed = 11, K = 8, Alpha = 3, Paths = paths, Lookups = 100,
        Settings = new Dictionary<string, string> { ["behaviour"] = behaviour, ["share"] = share },
    };

    private static double Value(SimulationReport report, string name) => report.Extra.Single(extra => extra.Name == name).Value;
}
