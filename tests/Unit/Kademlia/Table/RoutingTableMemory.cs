using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;
using static Kadath.Tests.Unit.Kademlia.Table.Tables;

namespace Kadath.Tests.Unit.Kademlia.Table;

/// <summary>Tests that read the memory of the whole process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Measured alone: table memory";
}

/// <summary>What a table costs: bytes per node where many share a process, and none per call.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class RoutingTableMemory
{
    // A node of a network of 100,000 fills its buckets 128, 64, 32, 16 and 8 wide down to depth 12, and knows the dozen nodes nearer than that.
    private static readonly int[] s_contactsByDepth = [128, 64, 32, 16, 8, 8, 8, 8, 8, 8, 8, 8, 8, 6, 3, 2, 2];

    // The design's bound is 16 KB per idle node: two are left to maintenance and to the network's own state.
    private const double MostBytesPerTable = 15 * 1024;

    [Fact]
    public void Full_tables_of_one_slab_take_less_than_15_kilobytes_each() => Measure(500);

    [Fact, Trait("Category", "Long")]
    public void Ten_thousand_full_tables_of_one_slab_take_less_than_15_kilobytes_each() => Measure(10_000);

    [Fact]
    public void After_warm_up_neither_replies_nor_answers_nor_strangers_allocate()
    {
        RoutingTable<Id160, Endpoint> table = New(new() { Counts = false });
        Fill(table, Rules());
        byte[] rows = new byte[20 * 26];
        var asked = new Contact<Id160, Endpoint>[20];
        EntropyStream entropy = EntropyTree.FromSeed(3).Stream(0);
        Work(table, entropy, rows, asked, 2_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(table, entropy, rows, asked, 20_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_map_of_a_hundred_thousand_contacts_takes_less_than_100_bytes_each_beside_its_index()
    {
        RoutingTable<Id160, Endpoint> table = New(new() { Counts = false }, RoutingTableOptions.Bootstrap);
        EntropyStream entropy = EntropyTree.FromSeed(4).Stream(0);
        for (int i = 0; table.Count < 100_000; i++)
        {
            Assert.True(i < 150_000);
            table.Answered(NodeIds.Random<Id160>(entropy), Endpoint.V4((uint)(0x0B000000 + (i << 6)), 1), null, Start);
        }

        Assert.Equal(Admission.Cached, table.Answered(NodeIds.Random<Id160>(entropy), Endpoint.V4(0x01020304, 1), null, Start));
        Assert.InRange(table.Slab.Bytes + table.OverheadBytes, 1, 100 * 100_000);
    }

    private static void Measure(int tables)
    {
        TestRules rules = Rules();
        ContactSlab<Id160, Endpoint> slab = new(rules.PackedSize);
        var all = new RoutingTable<Id160, Endpoint>[tables];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < tables; i++)
        {
            all[i] = New(rules, slab: slab);
            Fill(all[i], rules);
            Assert.Equal(s_contactsByDepth.Sum(), all[i].LiveCount);
            Assert.Equal(13 * 5, all[i].CandidateCount);
        }

        double each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)tables;
        TestContext.Current.TestOutputHelper?.WriteLine($"{tables} tables of {all[0].Count} contacts and {all[0].CandidateCount} candidates: {each:0} bytes each");
        Assert.InRange(each, 8 * 1024, MostBytesPerTable);
        GC.KeepAlive(all);
    }

    private static TestRules Rules() => new() { Counts = false, Groups = static _ => default };

    private static void Fill(RoutingTable<Id160, Endpoint> table, TestRules rules)
    {
        int peer = 1;
        for (int depth = 0; depth < s_contactsByDepth.Length; depth++)
        {
            for (int i = 0; i < s_contactsByDepth[depth] + (depth < 13 ? 8 : 0); i++)
            {
                // Spread by a multiplicative hash, as ids are.
                Id160 id = At(depth, (int)((uint)(i * 0x9E3779B1) >> 9));
                table.Answered(id, Peer(peer++), null, Start);
            }
        }
    }

    private static void Work(RoutingTable<Id160, Endpoint> table, EntropyStream entropy, byte[] rows, Contact<Id160, Endpoint>[] asked, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            Instant now = Start + TimeSpan.FromMilliseconds(100 * i);
            Id160 target = NodeIds.Random<Id160>(entropy);
            table.CopyClosest(target, 8, rows);
            int count = table.Closest(target, asked, ContactUse.Ask);
            Contact<Id160, Endpoint> contact = asked[i % count];
            table.Answered(contact.Id, contact.Handle, TimeSpan.FromMilliseconds(30), now);
            table.Heard(target, Endpoint.V4(0x30000000 + (uint)(i << 8), 1), now);
            table.TryGetCheck(now, out _);
        }
    }
}
