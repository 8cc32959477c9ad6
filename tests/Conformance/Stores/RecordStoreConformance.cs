using Kadath.Kademlia.Storage;
using Xunit;

namespace Kadath.Tests.Conformance.Stores;

/// <summary>What every <see cref="IRecordStore"/> must do. A new store inherits this class and gets the suite.</summary>
public abstract class RecordStoreConformance : IDisposable
{
    private const string Items = "mainline/items";
    private const string Announces = "mainline/announces";
    private const long Now = 1_800_000_000_000;

    private IRecordStore? _store;

    /// <summary>A new, empty store.</summary>
    protected abstract IRecordStore Create();

    private IRecordStore Store => _store ??= Create();

    public virtual void Dispose()
    {
        _store?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_new_store_says_so_and_holds_nothing()
    {
        Assert.Equal(RecordStoreState.Created, Store.Opening.State);
        Assert.Empty(Records.Of(Store, Items, Now));
        Assert.Equal(0, Store.Expire(Now, 10));
    }

    [Fact]
    public void What_was_set_is_loaded_with_its_expiry()
    {
        Store.Apply([Records.Set(Items, [1], [9, 8, 7], Now + 5), Records.Set(Items, [2], [6], long.MaxValue)]);
        Assert.Equal([("01", "090807", Now + 5), ("02", "06", long.MaxValue)], Records.Of(Store, Items, Now));
    }

    [Fact]
    public void Records_come_in_the_order_of_their_keys_bytes()
    {
        byte[][] keys = [[0xFF], [1], [1, 0], [0x7F, 0xFF], [0x80], [0], [0, 0], [1, 0, 0]];
        Store.Apply([.. keys.Select(static key => Records.Set(Items, key, [1]))]);
        Assert.Equal(["00", "0000", "01", "0100", "010000", "7fff", "80", "ff"], Records.Of(Store, Items, Now).Select(static r => r.Key));
    }

    [Fact]
    public void A_later_change_of_a_batch_wins()
    {
        Store.Apply([Records.Set(Items, [1], [1]), Records.Set(Items, [1], [2]), Records.Delete(Items, [2]), Records.Set(Items, [2], [3]), Records.Set(Items, [3], [4]), Records.Delete(Items, [3])]);
        Assert.Equal([("01", "02", long.MaxValue), ("02", "03", long.MaxValue)], Records.Of(Store, Items, Now));
    }

    [Fact]
    public void A_set_replaces_value_and_expiry()
    {
        Store.Apply([Records.Set(Items, [1], [1], Now + 1)]);
        Store.Apply([Records.Set(Items, [1], [2, 2], Now + 100)]);
        Assert.Equal([("01", "0202", Now + 100)], Records.Of(Store, Items, Now + 50));
        Assert.Equal(0, Store.Expire(Now + 50, 10));
    }

    [Fact]
    public void The_source_group_of_a_record_comes_back_in_all_its_bits()
    {
        Store.Apply([Records.Set(Items, [1], [1], source: 1), Records.Set(Items, [2], [1], source: ulong.MaxValue), Records.Set(Items, [3], [1], source: 1UL << 63), Records.Set(Items, [4], [1])]);
        Store.Apply([Records.Set(Items, [1], [1], source: 7)]);
        Assert.Equal([("01", 7UL), ("02", ulong.MaxValue), ("03", 1UL << 63), ("04", 0UL)], Records.SourcesOf(Store, Items));
    }

    [Fact]
    public void Deleting_what_is_not_there_is_no_mistake()
    {
        Store.Apply([Records.Delete("never/used", [1])]);
        Store.Apply([Records.Set(Items, [1], [1])]);
        Store.Apply([Records.Delete(Items, [1]), Records.Delete(Items, [1]), Records.Delete(Items, [9])]);
        Assert.Empty(Records.Of(Store, Items, Now));
    }

    [Fact]
    public void Collections_do_not_see_each_other()
    {
        Store.Apply([Records.Set(Items, [1], [1]), Records.Set(Announces, [1], [2]), Records.Set(Announces, [2], [2])]);
        Store.Apply([Records.Delete(Announces, [2])]);
        Assert.Equal([("01", "01", long.MaxValue)], Records.Of(Store, Items, Now));
        Assert.Equal([("01", "02", long.MaxValue)], Records.Of(Store, Announces, Now));
    }

    [Fact]
    public void A_record_is_gone_from_the_millisecond_of_its_expiry_on()
    {
        Store.Apply([Records.Set(Items, [1], [1], Now)]);
        Assert.Single(Records.Of(Store, Items, Now - 1));
        Assert.Empty(Records.Of(Store, Items, Now));
        Assert.Equal(0, Store.Expire(Now - 1, 10));
        Assert.Equal(1, Store.Expire(Now, 10));
        Assert.Empty(Records.Of(Store, Items, Now - 1));
    }

    [Fact]
    public void Expiry_takes_the_longest_expired_first_up_to_the_limit_in_all_collections()
    {
        Store.Apply(
        [
            Records.Set(Items, [1], [1], Now - 10), Records.Set(Announces, [2], [1], Now - 30), Records.Set(Items, [3], [1], Now - 20),
            Records.Set(Items, [4], [1], Now + 1), Records.Set(Items, [5], [1], long.MaxValue),
        ]);
        Assert.Equal(0, Store.Expire(Now, 0));
        Assert.Equal(2, Store.Expire(Now, 2));
        Assert.Equal(["01", "04", "05"], Records.Of(Store, Items, 0).Select(static r => r.Key));
        Assert.Empty(Records.Of(Store, Announces, 0));
        Assert.Equal(1, Store.Expire(Now, 2));
        Assert.Equal(0, Store.Expire(Now, 2));
    }

    [Fact]
    public void What_never_expires_outlives_every_time()
    {
        Store.Apply([Records.Set(Items, [1], [1], long.MaxValue)]);
        Assert.Equal(0, Store.Expire(long.MaxValue, 10));
        Assert.Single(Records.Of(Store, Items, long.MaxValue));
    }

    [Fact]
    public void Empty_values_and_the_largest_keys_and_values_come_back_whole()
    {
        byte[] key = [.. Enumerable.Range(0, RecordLimits.MaxKeySize).Select(static n => (byte)n)];
        byte[] value = new byte[RecordLimits.MaxValueSize];
        new Random(4).NextBytes(value);
        Store.Apply([Records.Set(Items, key, value), Records.Set(Items, [0xFF], [])]);
        Assert.Equal([(Convert.ToHexStringLower(key), Convert.ToHexStringLower(value), long.MaxValue), ("ff", "", long.MaxValue)], Records.Of(Store, Items, Now));
    }

    [Fact]
    public void A_store_keeps_no_reference_to_the_callers_arrays()
    {
        byte[] key = [1], value = [1];
        Store.Apply([Records.Set(Items, key, value)]);
        key[0] = value[0] = 7;
        Assert.Equal([("01", "01", long.MaxValue)], Records.Of(Store, Items, Now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/items")]
    [InlineData("items/")]
    [InlineData("a//b")]
    [InlineData("Items")]
    [InlineData("items; DROP TABLE record")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234x")]
    public void Names_that_are_no_collections_are_the_callers_mistake(string name)
    {
        Assert.Throws<ArgumentException>(() => Store.Apply([Records.Set(name, [1], [1])]));
        Assert.Throws<ArgumentException>(() => Records.Of(Store, name, Now));
    }

    [Fact]
    public void A_batch_with_one_change_outside_the_bounds_is_refused_whole()
    {
        RecordChange good = Records.Set(Items, [1], [1]);
        Assert.Throws<ArgumentException>(() => Store.Apply([good, Records.Set(Items, [], [1])]));
        Assert.Throws<ArgumentException>(() => Store.Apply([good, Records.Set(Items, null!, [1])]));
        Assert.Throws<ArgumentException>(() => Store.Apply([good, Records.Set(Items, new byte[RecordLimits.MaxKeySize + 1], [1])]));
        Assert.Throws<ArgumentException>(() => Store.Apply([good, Records.Set(Items, [2], new byte[RecordLimits.MaxValueSize + 1])]));
        Assert.Throws<ArgumentNullException>(() => Store.Apply([good, Records.Set(null!, [2], [1])]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.Expire(Now, -1));
        Assert.Empty(Records.Of(Store, Items, Now));
    }

    [Fact]
    public void An_empty_batch_and_a_flush_change_nothing()
    {
        Store.Apply([Records.Set(Items, [1], [1])]);
        Store.Apply([]);
        Store.Flush();
        Store.Flush();
        Assert.Single(Records.Of(Store, Items, Now));
    }

    [Fact]
    public void A_visitor_that_throws_leaves_the_store_usable()
    {
        Store.Apply([Records.Set(Items, [1], [1]), Records.Set(Items, [2], [2])]);
        Assert.Throws<InvalidOperationException>(() => Store.Load(Items, Now, static (_, _, _, _) => throw new InvalidOperationException("visitor")));
        Store.Apply([Records.Set(Items, [3], [3])]);
        Assert.Equal(3, Records.Of(Store, Items, Now).Count);
    }

    [Fact]
    public void After_disposal_every_call_is_a_mistake_and_disposal_may_be_repeated()
    {
        IRecordStore store = Store;
        store.Dispose();
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Apply([Records.Set(Items, [1], [1])]));
        Assert.Throws<ObjectDisposedException>(() => Records.Of(store, Items, Now));
        Assert.Throws<ObjectDisposedException>(() => store.Expire(Now, 1));
        Assert.Throws<ObjectDisposedException>(store.Flush);
    }

    [Fact]
    public void Any_sequence_of_changes_leaves_what_a_dictionary_would_hold() => RecordStoreModel.Check(Create, reopen: null);
}
