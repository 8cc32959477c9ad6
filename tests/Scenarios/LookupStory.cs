using Kadath.Simulator;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Lookups in a network in which nothing happens: they agree with an independent event model, and find whom they look for.</summary>
public sealed class LookupStory
{
    /// <summary>An independent model of plain lookups with ideal tables, k = 20, α = 3: 1.92 hops and 21.5 queries at 1,000 nodes.</summary>
    [Fact]
    public void Hops_and_messages_agree_with_an_independent_model()
    {
        SimulationReport report = Replay.Run(new() { Scenario = "lookups", Nodes = 1000, Seed = 5, K = 20, Alpha = 3, Lookups = 1000, IdealTables = true });
        Assert.Empty(report.Failures);
        Assert.InRange(report.Lookups!.Hops.Mean, 1.92 * 0.97, 1.92 * 1.03);
        Assert.InRange(report.Lookups.Messages.Mean, 21.5 * 0.97, 21.5 * 1.03);
        Assert.Equal(1, report.Lookups.Success);
    }

    [Theory]
    [InlineData(0, "six-regions", 1.0)]
    [InlineData(20, "six-regions", 1.0)]
    [InlineData(20, "lossy", 0.98)]
    public void A_grown_network_finds_whom_it_looks_for(int k, string rtt, double success)
    {
        SimulationReport report = Replay.Run(new() { Scenario = "lookups", Nodes = 250, Seed = 6, K = k, Lookups = 250, Rtt = RttModel.Named(rtt)! });
        Assert.Empty(report.Failures);
        Assert.Equal(250, report.Lookups!.Count);
        Assert.True(report.Lookups.Success >= success, $"success {report.Lookups.Success}");
        Assert.True(report.Lookups.Coverage >= 0.95, $"coverage {report.Lookups.Coverage}");
    }

    [Fact]
    public void A_lookup_counts_from_outside_what_it_counts_itself()
    {
        var network = KademliaNetwork.Create(9);
        network.Grow(60);
        LookupSample sample = network.Lookup(7, network.IdOf(33));
        Assert.True(sample.Success && sample.FoundClosest, $"{sample}");
        Assert.Equal(1, sample.Coverage, 0.2);
        Assert.InRange(sample.Messages, 8, 30);
        Assert.InRange(sample.FirstAnswerMs, 10, 2000);
        Assert.True(sample.FirstOfKMs <= sample.FirstAnswerMs && sample.FirstAnswerMs <= sample.DoneMs, $"{sample}");
    }
}
