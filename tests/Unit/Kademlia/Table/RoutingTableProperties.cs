using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia.Table;

public sealed class RoutingTableProperties
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(20).WithReplay(20260101, 1);

    private static void ForAnySeed(Action<ulong> property) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => property((ulong)seed)).Check(s_config);

    [Fact]
    public void Whatever_happens_a_table_keeps_its_rules() =>
        ForAnySeed(static seed => new TableModel(seed, splitsEveryBucket: false, idMayMove: false, rebases: false, wide: false).Run(400));

    [Fact]
    public void Whatever_happens_a_table_of_wide_buckets_keeps_its_rules() =>
        ForAnySeed(static seed => new TableModel(seed, splitsEveryBucket: false, idMayMove: false, rebases: false, wide: true).Run(400));

    [Fact]
    public void Whatever_happens_a_table_whose_ids_move_keeps_its_rules() =>
        ForAnySeed(static seed => new TableModel(seed, splitsEveryBucket: false, idMayMove: true, rebases: false, wide: false).Run(400));

    [Fact]
    public void Whatever_happens_a_table_that_changes_its_own_id_keeps_its_rules() =>
        ForAnySeed(static seed => new TableModel(seed, splitsEveryBucket: false, idMayMove: false, rebases: true, wide: seed % 3 == 0).Run(400));

    [Fact]
    public void Whatever_happens_a_map_of_the_network_keeps_its_rules() =>
        ForAnySeed(static seed => new TableModel(seed, splitsEveryBucket: true, idMayMove: false, rebases: true, wide: false).Run(400));
}
