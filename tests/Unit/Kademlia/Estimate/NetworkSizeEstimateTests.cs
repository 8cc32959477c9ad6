using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia.Estimate;

public sealed class NetworkSizeEstimateTests
{
    [Theory]
    [InlineData(50, 8)]
    [InlineData(1_000, 8)]
    [InlineData(20_000, 8)]
    [InlineData(20_000, 20)]
    public void Many_lookups_tell_the_size_within_a_quarter(int nodes, int k)
    {
        NetworkSizeEstimate estimate = Sample(nodes, k, lookups: 200);
        Assert.InRange(estimate.Nodes, nodes * 0.75, nodes * 1.25);
        Assert.InRange(estimate.Spread, 0.01, 0.15);
        Assert.Equal(200, estimate.Samples);
    }

    [Fact]
    public void The_spread_covers_the_error()
    {
        int covered = 0;
        for (ulong seed = 1; seed <= 40; seed++)
        {
            NetworkSizeEstimate estimate = Sample(2_000, 8, lookups: 32, seed);
            covered += Math.Abs(estimate.Nodes - 2_000) / 2_000 < 2 * estimate.Spread ? 1 : 0;
        }

        Assert.InRange(covered, 32, 40);
    }

    [Fact]
    public void A_network_that_grows_is_followed()
    {
        NetworkSizeEstimate estimate = Sample(500, 8, lookups: 100);
        AddTo(estimate, 8_000, 8, lookups: 300, seed: 9);
        Assert.InRange(estimate.Nodes, 6_000, 10_000);
    }

    [Fact]
    public void Without_a_sample_nothing_is_claimed()
    {
        NetworkSizeEstimate estimate = new();
        Assert.Equal(0, estimate.Nodes);
        Assert.Equal(double.PositiveInfinity, estimate.Spread);
        estimate.Add(default, [NodeIds.Random<Id160>(EntropyTree.FromSeed(1).Stream(0))]);
        Assert.Equal(0, estimate.Samples);
    }

    [Fact]
    public void Contacts_at_the_target_itself_do_not_divide_by_zero()
    {
        NetworkSizeEstimate estimate = new();
        estimate.Add(default, new Id160[8]);
        Assert.True(double.IsFinite(estimate.Nodes));
    }

    private static NetworkSizeEstimate Sample(int nodes, int k, int lookups, ulong seed = 5)
    {
        NetworkSizeEstimate estimate = new();
        AddTo(estimate, nodes, k, lookups, seed);
        return estimate;
    }

    private static void AddTo(NetworkSizeEstimate estimate, int nodes, int k, int lookups, ulong seed)
    {
        EntropyStream entropy = EntropyTree.FromSeed(seed).Stream(0);
        var ids = new Id160[nodes];
        for (int i = 0; i < nodes; i++)
        {
            ids[i] = NodeIds.Random<Id160>(entropy);
        }

        for (int lookup = 0; lookup < lookups; lookup++)
        {
            Id160 target = NodeIds.Random<Id160>(entropy);
            estimate.Add(target, ids.OrderBy(id => Id160.Xor(id, target).High).Take(k).ToArray());
        }
    }
}
