using Kadath.Primitives;
using Kadath.Simulator.Oracle;
using Xunit;

namespace Kadath.Tests.Unit.Simulator.Oracle;

public sealed class LiveIndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_closest_are_those_that_a_look_at_all_finds(ulong seed)
    {
        EntropyStream chance = EntropyTree.FromSeed(seed).Stream(0);
        var index = new LiveIndex();
        var live = new Dictionary<int, Id160>();
        for (int round = 0; round < 400; round++)
        {
            for (int changes = chance.NextBelow(3) == 0 ? 150 : 3; changes > 0; changes--)
            {
                int node = chance.NextBelow(600);
                if (chance.NextBelow(3) == 0)
                {
                    index.Remove(node);
                    live.Remove(node);
                }
                else
                {
                    live[node] = Clustered();
                    index.Add(node, live[node]);
                }
            }

            Id160 target = Clustered();
            int[] found = new int[20];
            int count = index.Closest(target, found);
            int[] expected = [.. live.OrderBy(pair => Id160.Xor(pair.Value, target), Comparer<Id160>.Create(static (a, b) => Id160.Compare(a, b))).Take(20).Select(static pair => pair.Key)];
            Assert.Equal(live.Count, index.Count);
            Assert.Equal(expected, found[..count]);
        }

        // Half of the ids share a long prefix, so that ranges are deep.
        Id160 Clustered()
        {
            Id160 id = NodeIds.Random<Id160>(chance);
            return chance.NextBelow(2) == 0 ? id : Id160.Splice(default, id, 40);
        }
    }
}
