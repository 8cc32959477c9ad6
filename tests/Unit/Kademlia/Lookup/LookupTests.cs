using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

public class LookupTests
{
    private static readonly LookupOptions Options = new();

    [Fact]
    public void The_k_closest_are_found_on_static_networks()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            StaticNetwork network = new(nodes: 600, seed);
            Id160 target = network.RandomId();
            LookupMachine<Id160, int> lookup = network.Run(target, Options);
            Assert.Equal(LookupEnd.Converged, lookup.Report.End);
            int[] found = Found(lookup, 8);
            Assert.True(found.Intersect(Expected(network, target, 8)).Count() >= 7, $"{seed}");
            int[] named = [.. network.Named.OrderBy(c => Id160.Xor(c.Id, target), ById).Where(c => c.Handle != 0).Take(8).Select(c => c.Handle)];
            Assert.Equal(named, found);
        }
    }

    [Fact]
    public void Dead_nodes_are_passed_over()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            StaticNetwork network = new(nodes: 600, seed);
            for (int i = 1; i < 600; i++)
            {
                network.Alive[i] = network.Entropy.NextBelow(100) >= 15;
            }

            Id160 target = network.RandomId();
            LookupMachine<Id160, int> lookup = network.Run(target, Options);
            Assert.True(lookup.Report.End == LookupEnd.Converged, $"{seed} {lookup.Report}");
            Assert.Equal(8, Found(lookup, 8).Length);
            Assert.True(lookup.Report.Elapsed < TimeSpan.FromSeconds(6), $"{lookup.Report}");
        }
    }

    internal static readonly Comparer<Id160> ById = Comparer<Id160>.Create((a, b) => Id160.Compare(a, b));

    internal static int[] Found(LookupMachine<Id160, int> lookup, int count)
    {
        Span<LookupAnswer<Id160, int>> answers = new LookupAnswer<Id160, int>[count];
        return [.. answers[..lookup.Closest(answers)].ToArray().Select(a => a.Contact.Handle)];
    }

    internal static int[] Expected(StaticNetwork network, Id160 target, int count) =>
        [.. network.Closest(target, count, n => n != 0 && network.Alive[n]).Select(c => c.Handle)];
}
