using Kadath.Simulator.Swarm;
using Xunit;

namespace Kadath.Tests.Scenarios;

/// <summary>Random networks and faults: the rules hold, and mistakes that are planted are found.</summary>
public sealed class SwarmStory
{
    // Every planted mistake has to show within so many seeds.
    private const ulong SeedsToFind = 3;

    [Theory]
    [InlineData(1, 6)]
    [InlineData(7, 12)]
    public void No_seed_breaks_a_rule(ulong first, ulong last)
    {
        for (ulong seed = first; seed <= last; seed++)
        {
            SwarmPlan plan = SwarmPlan.Draw(seed);
            SwarmRun run = SwarmRun.Of(plan, cancellation: TestContext.Current.CancellationToken);
            Assert.True(run.Failures.Count == 0, $"seed {seed}: {string.Join("; ", run.Failures.Take(3))}; replay: ./{plan.Command}");
        }
    }

    [Theory]
    [InlineData("AnswersTwice")]
    [InlineData("WrongTransaction")]
    [InlineData("WrongId")]
    [InlineData("CutShort")]
    [InlineData("Oversized")]
    [InlineData("AnswersUnasked")]
    [InlineData("SleepsOn")]
    [InlineData("DropsContacts")]
    [InlineData("EmptiesTable")]
    [InlineData("GoesDeaf")]
    public void A_planted_mistake_is_found_within_three_seeds(string bug)
    {
        PlantedBug planted = Enum.Parse<PlantedBug>(bug);
        for (ulong seed = 1; seed <= SeedsToFind; seed++)
        {
            if (SwarmRun.Of(SwarmPlan.Draw(seed), planted, TestContext.Current.CancellationToken).Failures.Count > 0)
            {
                return;
            }
        }

        Assert.Fail($"{bug} was not found in {SeedsToFind} seeds");
    }

    [Fact]
    public void A_failing_plan_shrinks_to_what_is_needed()
    {
        SwarmPlan plan = SwarmPlan.Draw(1) with { Nodes = 40, Minutes = 4, Faults = SwarmFaults.All };
        SwarmPlan least = SwarmRun.Shrink(plan, PlantedBug.AnswersTwice, TestContext.Current.CancellationToken);
        Assert.Equal((SwarmPlan.FewestNodes, 1, SwarmFaults.None), (least.Nodes, least.Minutes, least.Faults));
        Assert.NotEmpty(SwarmRun.Of(least, PlantedBug.AnswersTwice, TestContext.Current.CancellationToken).Failures);
    }

    [Fact]
    public void A_seed_is_replayed_to_the_bit()
    {
        string[] hashes = [.. Enumerable.Range(0, 2).Select(static _ => SwarmRun.Of(SwarmPlan.Draw(9)).Network.TraceHash)];
        Assert.Equal(hashes[0], hashes[1]);
    }
}
