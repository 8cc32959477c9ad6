using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

public class ValueRecordsTests
{
    private static readonly ValueRecordOptions Small = new() { MaxRecords = 50, MaxBytes = 20_000, MaxValueSize = 700, MaxPerSource = 12, MaxLifetime = TimeSpan.FromSeconds(600) };

    [Fact]
    public void A_random_history_matches_a_dictionary_and_keeps_every_bound()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            EntropyStream entropy = EntropyTree.FromSeed(seed).Stream(0);
            ValueRecords<Id160> records = new(Small, EntropyTree.FromSeed(seed).Stream(1));
            Dictionary<Id160, (byte[] Value, uint Expires, ulong Source)> model = [];
            Instant now = Instant.FromSeconds(1000);
            for (int step = 0; step < 5000; step++)
            {
                now += TimeSpan.FromSeconds(entropy.NextBelow(8));
                Step(entropy, records, model, now);
                Assert.True(records.Count <= Small.MaxRecords && records.ChunkBytes <= Small.MaxBytes);
            }

            now += TimeSpan.FromSeconds(1300);
            while (records.Expire(now) > 0)
            {
            }

            Assert.Equal(0, records.Count);
            Assert.Equal(0, records.ChunkBytes);
            Assert.True(records.NextDeadline.IsNever);
        }
    }

    [Fact]
    public void A_source_at_its_quota_is_refused_and_another_is_not()
    {
        ValueRecords<Id160> records = new(Small, EntropyTree.FromSeed(1).Stream(0));
        for (int i = 0; i < Small.MaxPerSource; i++)
        {
            Assert.Equal(PutOutcome.Stored, Put(records, Key(i), [1], source: 7).Outcome);
        }

        Assert.Equal(PutOutcome.SourceQuota, Put(records, Key(100), [1], source: 7).Outcome);
        Assert.Equal(PutOutcome.Stored, Put(records, Key(100), [1], source: 8).Outcome);
        Assert.Equal(PutOutcome.Replaced, Put(records, Key(0), [2], source: 7).Outcome);
        Assert.Equal(1, records.Counters.RefusedSource);
        Assert.True(records.Remove(Key(0)));
        Assert.Equal(PutOutcome.Stored, Put(records, Key(101), [1], source: 7).Outcome);
    }

    [Fact]
    public void At_the_global_bound_the_largest_source_loses_and_what_leaves_is_named()
    {
        ValueRecords<Id160> records = new(Small with { MaxPerSource = 40 }, EntropyTree.FromSeed(2).Stream(0));
        for (int i = 0; i < 50; i++)
        {
            Put(records, Key(i), [1], source: i < 40 ? 1UL : (ulong)i);
        }

        RecordPut result = Put(records, Key(99), [1], source: 99);
        Assert.Equal(new RecordPut(PutOutcome.Stored, true, 1), result);
        Assert.True(records.TryReadEvicted(out Id160 evicted));
        Assert.False(records.TryReadEvicted(out _));
        Assert.Contains(evicted, Enumerable.Range(0, 40).Select(Key));
        Assert.False(records.TryGet(evicted, Instant.Zero, out _));
        Assert.Equal(1, records.Counters.Evicted);
        Assert.Equal(PutOutcome.Full, Put(records, Key(100), [1], source: 1).Outcome);
    }

    [Fact]
    public void A_refresh_is_written_again_only_after_a_quarter_of_its_ttl()
    {
        ValueRecords<Id160> records = new(Small, EntropyTree.FromSeed(3).Stream(0));
        ByFirstByte selector = default;
        PutOrigin origin = new(0, 0, TimeSpan.FromSeconds(400));
        Assert.True(records.Put(Key(1), [1], origin, ref selector, Instant.FromSeconds(0)).Persist);
        Assert.False(records.Put(Key(1), [1], origin, ref selector, Instant.FromSeconds(99)).Persist);
        Assert.True(records.Put(Key(1), [1], origin, ref selector, Instant.FromSeconds(100)).Persist);
        Assert.False(records.Put(Key(1), [1], origin, ref selector, Instant.FromSeconds(101)).Persist);
    }

    [Fact]
    public void Nothing_is_allocated_per_operation_once_warm()
    {
        ValueRecords<Id160> records = new(Small, EntropyTree.FromSeed(4).Stream(0));
        byte[] value = new byte[300];
        EntropyStream entropy = EntropyTree.FromSeed(5).Stream(0);
        Instant now = Instant.FromSeconds(10);
        void Work(int times)
        {
            for (int i = 0; i < times; i++)
            {
                now += TimeSpan.FromSeconds(1);
                ByFirstByte selector = default;
                value[0] = (byte)i;
                Id160 key = Key(entropy.NextBelow(200));
                records.Put(key, value.AsSpan(0, 1 + entropy.NextBelow(300)), new((ulong)entropy.NextBelow(9), 1, TimeSpan.FromSeconds(300)), ref selector, now);
                records.TryGet(key, now, out _);
                records.Expire(now);
                records.TryReadEvicted(out _);
            }
        }

        Work(20_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(20_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Step(EntropyStream entropy, ValueRecords<Id160> records, Dictionary<Id160, (byte[] Value, uint Expires, ulong Source)> model, Instant now)
    {
        Id160 key = Key(entropy.NextBelow(80));
        switch (entropy.NextBelow(6))
        {
            case 0 or 1 or 2:
                byte[] value = new byte[1 + entropy.NextBelow(700)];
                entropy.Fill(value);
                ulong source = (ulong)entropy.NextBelow(8);
                PutOrigin origin = new(source, (byte)entropy.NextBelow(3), TimeSpan.FromSeconds(1 + entropy.NextBelow(700)));
                ByFirstByte selector = default;
                bool held = model.TryGetValue(key, out var old) && old.Expires > now.Seconds;
                RecordPut result = records.Put(key, value, origin, ref selector, now);
                uint expires = now.Seconds + (uint)Math.Min(origin.Lifetime.TotalSeconds, 600);
                while (records.TryReadEvicted(out Id160 evicted))
                {
                    Assert.True(model.Remove(evicted));
                }

                if (result.Accepted)
                {
                    Assert.Equal(held ? PutOutcome.Replaced : PutOutcome.Stored, result.Outcome);
                    model[key] = (value, held ? Math.Max(expires, old.Expires) : expires, held ? old.Source : source);
                }
                else if (result.Outcome == PutOutcome.Refused)
                {
                    Assert.True(held && value[0] < old.Value[0]);
                }
                else if (result.Outcome == PutOutcome.SourceQuota)
                {
                    Assert.False(held);
                    Assert.NotEqual(0UL, source);
                }

                break;
            case 3:
                Assert.Equal(model.TryGetValue(key, out var found) && found.Expires > now.Seconds, records.TryGet(key, now, out ReadOnlySpan<byte> got));
                Assert.True(got.IsEmpty || got.SequenceEqual(found.Value));
                break;
            case 4:
                records.Expire(now, 3);
                break;
            default:
                if (entropy.NextBelow(4) == 0)
                {
                    records.Remove(key);
                    model.Remove(key);
                }

                break;
        }

        int cursor = 0, live = 0;
        while (records.TryNext(ref cursor, now, out Id160 each, out ReadOnlySpan<byte> bytes, out Instant until))
        {
            live++;
            Assert.True(bytes.SequenceEqual(model[each].Value));
            Assert.Equal(model[each].Expires, until.Seconds);
        }

        Assert.Equal(model.Values.Count(r => r.Expires > now.Seconds), live);
        foreach (IGrouping<ulong, KeyValuePair<Id160, (byte[] Value, uint Expires, ulong Source)>> group in model.Where(r => r.Value.Expires > now.Seconds && r.Value.Source != 0).GroupBy(r => r.Value.Source))
        {
            Assert.True(group.Count() <= Small.MaxPerSource);
        }
    }

    private static RecordPut Put(ValueRecords<Id160> records, Id160 key, byte[] value, ulong source)
    {
        ByFirstByte selector = default;
        return records.Put(key, value, new(source, 0, TimeSpan.FromSeconds(100)), ref selector, Instant.Zero);
    }

    private static Id160 Key(int number) => new((ulong)number, 0, 0);

    private struct ByFirstByte : IValueSelector<Id160>
    {
        public readonly ValueChoice Select(in Id160 key, ReadOnlySpan<byte> held, ReadOnlySpan<byte> offered) =>
            offered.SequenceEqual(held) ? ValueChoice.Refresh : offered[0] < held[0] ? ValueChoice.Refuse : ValueChoice.Replace;

        public readonly bool Admit(in Id160 key, ReadOnlySpan<byte> offered) => true;
    }
}
