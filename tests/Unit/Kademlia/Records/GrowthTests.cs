using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia.Records;

/// <summary>A store grows by small steps: what one insert does is bounded, however large the store has become.</summary>
public sealed class GrowthTests
{
    [Fact]
    public void No_insert_into_an_index_of_a_million_moves_more_than_one_small_table()
    {
        SlotIndex index = new();
        EntropyStream entropy = EntropyTree.FromSeed(1).Stream(0);
        uint[] hashes = [.. Enumerable.Range(0, 1_000_000).Select(_ => entropy.NextUInt32())];
        for (int i = 0; i < hashes.Length; i++)
        {
            index.Add(hashes[i], i);
        }

        // Some microseconds: 768 entries of 8 bytes, and a directory of 8 bytes for every few hundred entries.
        Assert.InRange(index.MostMoved, 1, 1024);
        Assert.InRange(index.MostRedirected, 1, 8192);
        for (int i = 0; i < hashes.Length; i += 2)
        {
            index.Remove(hashes[i], i);
        }

        for (int i = 0; i < hashes.Length; i++)
        {
            Assert.Equal((i & 1) == 1, Holds(index, hashes[i], i));
        }
    }

    [Fact]
    public void An_index_agrees_with_a_model_where_hashes_crowd()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            SlotIndex index = new();
            EntropyStream entropy = EntropyTree.FromSeed(seed).Stream(0);
            HashSet<(uint Hash, int Entry)> model = [];
            // Few distinct upper bits, so that tables split deep and unevenly, and equal hashes.
            uint Draw() => ((uint)entropy.NextBelow(3) << (29 - (int)seed)) | (uint)entropy.NextBelow(1 << 12);
            for (int step = 0; step < 8_000; step++)
            {
                (uint, int) pair = (Draw(), entropy.NextBelow(4));
                if (model.Add(pair))
                {
                    index.Add(pair.Item1, pair.Item2);
                }
                else if (entropy.NextBelow(2) == 0)
                {
                    model.Remove(pair);
                    index.Remove(pair.Item1, pair.Item2);
                }
            }

            for (int step = 0; step < 4_000; step++)
            {
                uint hash = Draw();
                for (int entry = 0; entry < 4; entry++)
                {
                    Assert.Equal(model.Contains((hash, entry)), Holds(index, hash, entry));
                }
            }
        }
    }

    [Fact]
    public void Sources_are_counted_exactly_while_their_number_grows_and_shrinks()
    {
        SourceCounts counts = new(0x1234_5678_9ABC_DEF0);
        Dictionary<ulong, int> model = [];
        EntropyStream entropy = EntropyTree.FromSeed(2).Stream(0);
        for (int step = 0; step < 200_000; step++)
        {
            ulong group = (ulong)entropy.NextBelow(40_000);
            if (step < 120_000 || model.GetValueOrDefault(group) == 0)
            {
                counts.Add(group);
                model[group] = model.GetValueOrDefault(group) + 1;
            }
            else
            {
                counts.Remove(group);
                model[group]--;
            }
        }

        model[0] = 0;
        Assert.All(model, pair => Assert.Equal(pair.Value, counts.Of(pair.Key)));
        Assert.Equal(model.Count(static pair => pair.Value > 0), counts.Groups);
    }

    private static bool Holds(SlotIndex index, uint hash, int entry)
    {
        for (int at = index.First(hash, out int place); at >= 0; at = index.Next(hash, ref place))
        {
            if (at == entry)
            {
                return true;
            }
        }

        return false;
    }
}
