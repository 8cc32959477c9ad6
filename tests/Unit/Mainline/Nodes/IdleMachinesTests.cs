using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Kademlia.Table;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Nodes;

/// <summary>
/// What an idle machine with a full table costs: at most 16 KB on IPv4, replacement caches full as well, or one query outstanding. None has a timer, a task or a thread, since a machine is an object that only
/// states its next deadline; the driver's one heap holds them all.
/// </summary>
[Collection(MeasuredAlone.Name)]
public sealed class IdleMachinesTests
{
    private const long Bound = 16 * 1024;

    // The rows of IPv6 are 12 bytes longer: 325 contacts and 13 caches of 5 take 4.7 KB more. No network on IPv6 has as many nodes.
    private const long BoundV6 = 21 * 1024;

    private const int CandidatesPerBucket = 5;

    private static readonly Instant Now = Instant.FromSeconds(100_000);

    [Fact]
    public void Two_thousand_machines_with_full_tables_take_less_than_16_KB_each() => Measure(2_000, v6: false, full: false, Bound);

    [Fact]
    public void Two_thousand_machines_at_rest_with_full_replacement_caches_take_less_than_16_KB_each() => Measure(2_000, v6: false, full: true, Bound);

    [Fact]
    public void Two_thousand_machines_at_rest_on_IPv6_take_less_than_21_KB_each() => Measure(2_000, v6: true, full: true, BoundV6);

    [Fact]
    [Trait("Category", "Long")]
    public void A_hundred_thousand_machines_with_full_tables_take_less_than_16_KB_each() => Measure(100_000, v6: false, full: false, Bound);

    private static void Measure(int count, bool v6, bool full, long bound)
    {
        QuietEffects effects = new();
        MainlineMemory memory = new();
        MainlineOptions options = new();
        EntropyTree entropy = EntropyTree.FromSeed(3);
        EntropyStream stream = entropy.Stream(0);
        MainlineDht[] machines = new MainlineDht[count];
        byte[] rows = new byte[400 * KrpcLimits.NodeV6], query = new byte[200], reply = new byte[200];
        Make(-1);
        int threads = ThreadPool.ThreadCount;
        long timers = Timer.ActiveCount, before = GC.GetTotalMemory(forceFullCollection: true);
        long contacts = 0, candidates = 0;
        for (int i = 0; i < count; i++)
        {
            machines[i] = Make(i);
            contacts += machines[i].StateOf(0).Contacts;
            candidates += machines[i].StateOf(0).Candidates;
        }

        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        TestContext.Current.SendDiagnosticMessage($"{each} bytes a machine, {contacts / count} contacts, {candidates / count} candidates");
        Assert.InRange(contacts / count, 310, 340);
        Assert.InRange(candidates / count, full ? 12 * CandidatesPerBucket : 0, full ? 14 * CandidatesPerBucket : 1);
        Assert.InRange(each, 1, bound);
        Assert.True(Timer.ActiveCount <= timers + 2 && ThreadPool.ThreadCount <= threads + 8);
        GC.KeepAlive(machines);

        MainlineDht Make(int number)
        {
            MainlineDht machine = new(options, entropy.Child((ulong)(number + 2)), effects, memory);
            Endpoint local = At(0x0b000000 + (uint)number);
            machine.AddSocket(local, AddressScope.Global, null, Now);
            byte[] key = new byte[local.CompactSize];
            local.WriteCompact(key);
            Id160 self = machine.StateOf(0).Id;
            machine.Restore(MainlineCollection.Contacts, key, rows.AsSpan(0, Rows(self)), 0, Instant.Never, Now);

            // A machine that is alive: it has been asked by others.
            Endpoint peer = At(0x30000001);
            foreach (KrpcMethod method in (ReadOnlySpan<KrpcMethod>)[KrpcMethod.Ping, KrpcMethod.FindNode, KrpcMethod.GetPeers])
            {
                int length = new KrpcQuery { Method = method, Target = self }.Encode(query, TestPeer.Id, 1, readOnly: true);
                machine.Receive(0, query.AsSpan(0, length), peer, Now);
            }

            if (full)
            {
                Crowd(machine, self);
                return machine;
            }

            // It has asked one of them itself.
            machine.AddNode(peer, Now);
            Assert.True(KrpcParser.TryParse(effects.Last, out KrpcMessage ping) && ping.Kind == KrpcKind.Query);
            var writer = new BencodeWriter(reply);
            ReplyWriter.Begin(ref writer, local);
            ReplyWriter.Id(ref writer, TestPeer.Id);
            ReplyWriter.End(ref writer, ping.Transaction);
            machine.Receive(0, writer.Written, peer, Now);
            return machine;
        }

        // Strangers ask until every replacement cache is full.
        void Crowd(MainlineDht machine, in Id160 self)
        {
            for (int depth = 0; depth < 13; depth++)
            {
                for (int i = 0; i < CandidatesPerBucket; i++)
                {
                    Id160 id = NodeIds.RandomAtDepth(self, depth, stream);
                    int length = new KrpcQuery { Method = KrpcMethod.Ping }.Encode(query, id, 1, readOnly: false);
                    machine.Receive(0, query.AsSpan(0, length), At(0x40000000 + (stream.NextUInt32() >> 4)), Now);
                }
            }
        }

        // A /24 or a /64 for each number.
        Endpoint At(uint number) => v6 ? Endpoint.V6(0x2A00_0000_0000_0000UL + number, 1, 6881) : Endpoint.V4(number, 6881);

        int Rows(in Id160 self)
        {
            int length = 0;
            for (int depth = 0; depth < 14; depth++)
            {
                for (int i = Math.Max(8, 128 >> depth); i > 0; i--)
                {
                    NodeIds.RandomAtDepth(self, depth, stream).Write(rows.AsSpan(length));
                    length += 20 + At(0x20000000 + (stream.NextUInt32() >> 4)).WriteCompact(rows.AsSpan(length + 20));
                }
            }

            return length;
        }
    }
}
