using System.Buffers.Binary;
using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

public class MemberRecordsTests
{
    private static readonly MemberRecordOptions Small = new() { MaxMembers = 300, MaxPerKey = 60, MaxPerSource = 50, MaxLifetime = TimeSpan.FromSeconds(600) };

    [Fact]
    public void A_random_history_matches_a_dictionary_and_keeps_every_bound()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            EntropyStream entropy = EntropyTree.FromSeed(seed).Stream(0);
            MemberRecords<Id160, Peer> records = new(Small, EntropyTree.FromSeed(seed).Stream(1));
            Dictionary<(Id160 Key, uint Address), (Peer Member, uint Expires)> model = [];
            Instant now = Instant.FromSeconds(1000);
            for (int step = 0; step < 8000; step++)
            {
                now += TimeSpan.FromMilliseconds(entropy.NextBelow(600));
                Step(entropy, records, model, now);
                Assert.True(records.Count <= Small.MaxMembers);
                if (step % 50 == 0)
                {
                    Compare(records, model, now);
                }
            }

            now += TimeSpan.FromSeconds(1300);
            while (records.Expire(now) > 0)
            {
            }

            Assert.Equal((0, 0), (records.Count, records.KeyCount));
            Assert.True(records.NextDeadline.IsNever);
        }
    }

    [Fact]
    public void Samples_are_uniform_over_the_classes_asked_for()
    {
        MemberRecords<Id160, Peer> records = new(new(), EntropyTree.FromSeed(1).Stream(0));
        for (uint i = 0; i < 60; i++)
        {
            records.Put(Key(1), new Peer(i, 1, (byte)(i % 3)), new(0, 0, TimeSpan.FromHours(1)), Instant.Zero);
        }

        int[] hits = new int[60];
        Span<Peer> sample = new Peer[10];
        for (int round = 0; round < 20_000; round++)
        {
            Assert.Equal(10, records.Sample(Key(1), classes: 0b011, sample));
            foreach (Peer peer in sample)
            {
                hits[peer.Address]++;
            }
        }

        // 40 members in two of the classes, each in a quarter of 20,000 samples: a standard deviation is 61.
        Assert.All(hits.Select((count, i) => (count, i)), hit => Assert.True(hit.i % 3 == 2 ? hit.count == 0 : hit.count is > 4650 and < 5350, $"{hit}"));
    }

    [Fact]
    public void Keys_are_sampled_uniformly_without_repetition()
    {
        MemberRecords<Id160, Peer> records = new(new(), EntropyTree.FromSeed(2).Stream(0));
        for (int i = 0; i < 40; i++)
        {
            for (uint member = 0; member <= i; member++)
            {
                records.Put(Key(i), new Peer(member, 1, 0), new(0, 0, TimeSpan.FromHours(1)), Instant.Zero);
            }
        }

        int[] hits = new int[40];
        Id160[] sample = new Id160[20];
        for (int round = 0; round < 10_000; round++)
        {
            Assert.Equal(20, records.SampleKeys(sample));
            Assert.Equal(20, sample.Distinct().Count());
            foreach (Id160 key in sample)
            {
                hits[(int)key.High]++;
            }
        }

        Assert.All(hits, count => Assert.InRange(count, 4700, 5300));
    }

    [Fact]
    public void An_identity_is_unique_and_its_refresh_changes_port_class_and_expiry()
    {
        MemberRecords<Id160, Peer> records = new(Small, EntropyTree.FromSeed(3).Stream(0));
        PutOrigin origin = new(1, 0, TimeSpan.FromSeconds(100));
        Assert.Equal(PutOutcome.Stored, records.Put(Key(1), new(7, 1000, 0), origin, Instant.FromSeconds(0)).Outcome);
        Assert.Equal(PutOutcome.Refreshed, records.Put(Key(1), new(7, 1000, 0), origin, Instant.FromSeconds(10)).Outcome);
        Assert.Equal(PutOutcome.Replaced, records.Put(Key(1), new(7, 2000, 1), origin, Instant.FromSeconds(20)).Outcome);
        Assert.Equal((0, 1, 1), (records.CountOf(Key(1), 0b01), records.CountOf(Key(1), 0b10), records.Count));
        Assert.True(records.TryGet(Key(1), new(7, 0, 0), Instant.FromSeconds(119), out Peer peer));
        Assert.Equal(2000, peer.Port);
        Assert.False(records.TryGet(Key(1), new(7, 0, 0), Instant.FromSeconds(120), out _));
    }

    [Fact]
    public void Quotas_refuse_the_newcomer_and_the_global_bound_takes_the_least_worth()
    {
        MemberRecords<Id160, Peer> records = new(Small, EntropyTree.FromSeed(4).Stream(0));
        for (uint i = 0; i < 60; i++)
        {
            PutOutcome outcome = records.Put(Key(1), new(i, 1, 0), new(5, 0, TimeSpan.FromSeconds(100)), Instant.Zero).Outcome;
            Assert.Equal(i < 50 ? PutOutcome.Stored : PutOutcome.SourceQuota, outcome);
        }

        for (uint i = 100; i < 120; i++)
        {
            PutOutcome outcome = records.Put(Key(1), new(i, 1, 0), new(i, 0, TimeSpan.FromSeconds(100)), Instant.Zero).Outcome;
            Assert.Equal(i < 110 ? PutOutcome.Stored : PutOutcome.KeyQuota, outcome);
        }

        for (uint i = 0; i < 240; i++)
        {
            Assert.Equal(PutOutcome.Stored, records.Put(Key(2 + (int)i), new(i, 1, 0), new(1000 + i, 0, TimeSpan.FromSeconds(100)), Instant.Zero).Outcome);
        }

        Assert.Equal(new RecordPut(PutOutcome.Stored, true, 1), records.Put(Key(900), new(1, 1, 0), new(9000, 0, TimeSpan.FromSeconds(100)), Instant.Zero));
        Assert.True(records.TryReadEvicted(out Id160 key, out Peer evicted));
        Assert.Equal((Key(1), true), (key, evicted.Address < 50));
    }

    [Fact]
    public void Nothing_is_allocated_per_operation_once_warm()
    {
        MemberRecords<Id160, Peer> records = new(Small, EntropyTree.FromSeed(5).Stream(0));
        EntropyStream entropy = EntropyTree.FromSeed(6).Stream(0);
        Instant now = Instant.FromSeconds(10);
        void Work(int times)
        {
            Span<Peer> sample = stackalloc Peer[20];
            Span<Id160> keys = stackalloc Id160[5];
            for (int i = 0; i < times; i++)
            {
                now += TimeSpan.FromMilliseconds(200);
                Id160 key = Key(entropy.NextBelow(100));
                records.Put(key, new((uint)entropy.NextBelow(60), 1, (byte)entropy.NextBelow(4)), new((ulong)entropy.NextBelow(90), 1, TimeSpan.FromSeconds(300)), now);
                records.Sample(key, MemberRecords<Id160, Peer>.AllClasses, sample);
                records.SampleKeys(keys);
                records.Expire(now);
                records.TryReadEvicted(out _, out _);
            }
        }

        Work(50_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(20_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Step(EntropyStream entropy, MemberRecords<Id160, Peer> records, Dictionary<(Id160 Key, uint Address), (Peer Member, uint Expires)> model, Instant now)
    {
        Id160 key = Key(entropy.NextBelow(2) == 0 ? entropy.NextBelow(3) : entropy.NextBelow(60));
        Peer peer = new((uint)entropy.NextBelow(80), (ushort)(1 + entropy.NextBelow(3)), (byte)entropy.NextBelow(4));
        switch (entropy.NextBelow(6))
        {
            case < 4:
                TimeSpan lifetime = TimeSpan.FromSeconds(1 + entropy.NextBelow(700));
                RecordPut result = records.Put(key, peer, new((ulong)entropy.NextBelow(12), (byte)entropy.NextBelow(3), lifetime), now);
                while (records.TryReadEvicted(out Id160 evictedKey, out Peer evicted))
                {
                    Assert.True(model.Remove((evictedKey, evicted.Address)));
                }

                if (result.Accepted)
                {
                    TimeSpan bounded = lifetime < Small.MaxLifetime ? lifetime : Small.MaxLifetime;
                    model[(key, peer.Address)] = (peer, (uint)(((now + bounded).Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond));
                }

                break;
            case 4:
                records.Expire(now, 5);
                break;
            default:
                records.Remove(key, peer);
                model.Remove((key, peer.Address));
                break;
        }

        bool live = model.TryGetValue((key, peer.Address), out var known) && known.Expires > now.Seconds;
        Assert.Equal(live, records.TryGet(key, peer, now, out Peer got));
        Assert.Equal(live ? known.Member : default, got);
    }

    private static void Compare(MemberRecords<Id160, Peer> records, Dictionary<(Id160 Key, uint Address), (Peer Member, uint Expires)> model, Instant now)
    {
        while (records.Expire(now) > 0)
        {
        }

        foreach ((Id160 Key, uint Address) expired in model.Where(m => m.Value.Expires <= now.Seconds).Select(m => m.Key).ToArray())
        {
            model.Remove(expired);
        }

        int cursor = 0, live = 0;
        while (records.TryNext(ref cursor, now, out Id160 key, out Peer peer, out Instant expires))
        {
            live++;
            Assert.Equal((peer, expires.Seconds), model[(key, peer.Address)]);
        }

        Assert.Equal(model.Count, live);
        Peer[] all = new Peer[100];
        foreach (IGrouping<Id160, KeyValuePair<(Id160 Key, uint Address), (Peer Member, uint Expires)>> key in model.GroupBy(m => m.Key.Key))
        {
            int expiredToo = records.CountOf(key.Key) - key.Count();
            Assert.True(expiredToo >= 0 && records.CountOf(key.Key) <= Small.MaxPerKey);
            Peer[] sample = all[..records.Sample(key.Key, MemberRecords<Id160, Peer>.AllClasses, all)];
            Assert.Equal(sample.Length, sample.Distinct().Count());
            Assert.Empty(key.Select(m => m.Value.Member).Except(sample));
            List<Peer> copied = [];
            for (int c = 0; c < MemberRecords<Id160, Peer>.Classes; c++)
            {
                copied.AddRange(all[..records.CopyMembers(key.Key, c, 0, all)]);
            }

            Assert.Equal(sample.OrderBy(p => p.Address), copied.OrderBy(p => p.Address));
        }
    }

    private static Id160 Key(int number) => new((ulong)number, 0, 0);

    private readonly record struct Peer(uint Address, ushort Port, byte Flags) : IRecordMember<Peer>
    {
        public static int IdentitySize => 4;

        public int Class => Flags;

        public void WriteIdentity(Span<byte> destination) => BinaryPrimitives.WriteUInt32BigEndian(destination, Address);

        public bool SameIdentity(in Peer other) => Address == other.Address;
    }
}
