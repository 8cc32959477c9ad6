using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

/// <summary>What lookups cost and withstand on a static network of 2,000 nodes, as bounds that a change for the worse breaks.</summary>
public class LookupFiguresTests
{
    private const int Nodes = 2000;

    [Fact]
    public void A_lookup_asks_few_more_than_k_and_waits_for_few_of_the_dead()
    {
        LookupOptions options = new() { Width = 20, Parallelism = 3 };
        (double messages, double seconds, double recall) = Measure(options, stale: 0);
        Assert.True(messages <= 27, $"{messages:0.0} messages without stale contacts");
        Assert.True(recall >= 0.97, $"{recall:P1}");
        (double staleMessages, double staleSeconds, double staleRecall) = Measure(options, stale: 15);
        Assert.True(staleMessages <= 35, $"{staleMessages:0.0} messages at 15 % stale");
        Assert.True(staleRecall >= 0.97, $"{staleRecall:P1}");
        Assert.True(staleSeconds <= 2.5 * seconds, $"median of {staleSeconds:0.00} s at 15 % stale, {seconds:0.00} s without");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"k=20 α=3: {messages:0.0} messages, {seconds:0.00} s; 15 % stale: {staleMessages:0.0} messages, {staleSeconds:0.00} s");
    }

    [Fact]
    public void Disjoint_paths_withstand_colluders_who_name_only_each_other()
    {
        double plain = Success(new() { Parallelism = 3 }), disjoint = Success(new() { Parallelism = 2, Paths = 4 });
        TestContext.Current.TestOutputHelper?.WriteLine($"30 % colluders, k=8: plain {plain:P1}, four paths {disjoint:P1}");
        Assert.True(disjoint >= 0.97, $"{disjoint:P1} with four paths");
        Assert.True(disjoint > plain, $"{disjoint:P1} with four paths, {plain:P1} with one");
    }

    /// <summary>Mean messages, median time to the end and mean recall, over 40 lookups after 20 that teach the round trips.</summary>
    private static (double Messages, double Seconds, double Recall) Measure(LookupOptions options, int stale)
    {
        StaticNetwork network = new(Nodes, 77) { Width = 20 };
        for (int i = 1; i < Nodes; i++)
        {
            network.Alive[i] = network.Entropy.NextBelow(100) >= stale;
        }

        List<double> messages = [], seconds = [], recalls = [];
        for (int i = 0; i < 60; i++)
        {
            Id160 target = network.RandomId();
            LookupMachine<Id160, int> lookup = network.Run(target, options);
            if (i >= 20)
            {
                messages.Add(lookup.Report.Messages);
                seconds.Add(lookup.Report.Elapsed.TotalSeconds);
                recalls.Add(LookupTests.Found(lookup, 20).Intersect(LookupTests.Expected(network, target, 20)).Count() / 20.0);
            }
        }

        return (messages.Average(), seconds.Order().ElementAt(seconds.Count / 2), recalls.Average());
    }

    /// <summary>In what part of the lookups any of the eight closest honest nodes answered.</summary>
    private static double Success(LookupOptions options)
    {
        StaticNetwork network = new(Nodes, 78);
        bool[] colludes = [.. Enumerable.Range(0, Nodes).Select(i => i != 0 && network.Entropy.NextBelow(100) < 30)];
        network.Reply = (node, target) => colludes[node] ? network.Closest(target, 8, n => colludes[n]) : null;
        int found = 0;
        for (int i = 0; i < 60; i++)
        {
            Id160 target = network.RandomId();
            LookupMachine<Id160, int> lookup = network.Run(target, options);
            LookupOutcome<Id160, int>[] outcomes = new LookupOutcome<Id160, int>[300];
            int count = lookup.Outcomes(outcomes);
            HashSet<int> answered = [.. outcomes[..count].Where(o => o.State == LookupPeerState.Answered).Select(o => o.Contact.Handle)];
            found += network.Closest(target, 8, n => !colludes[n]).Any(c => answered.Contains(c.Handle)) ? 1 : 0;
        }

        return found / 60.0;
    }
}
