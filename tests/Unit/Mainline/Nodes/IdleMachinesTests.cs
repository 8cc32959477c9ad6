using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Kademlia.Table;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Nodes;

/// <summary>
/// What an idle machine with a full table costs: at most 16 KB. None has a timer, a task or a thread, since a machine is an object that only
/// states its next deadline; the driver's one heap holds them all.
/// </summary>
[Collection(MeasuredAlone.Name)]
public sealed class IdleMachinesTests
{
    private const long Bound = 16 * 1024;

    private static readonly Instant Now = Instant.FromSeconds(100_000);

    [Fact]
    public void Two_thousand_machines_with_full_tables_take_less_than_16_KB_each() => Measure(2_000);

    [Fact]
    [Trait("Category", "Long")]
    public void A_hundred_thousand_machines_with_full_tables_take_less_than_16_KB_each() => Measure(100_000);

    private static void Measure(int count)
    {
        QuietEffects effects = new();
        MainlineMemory memory = new();
        MainlineOptions options = new();
        EntropyTree entropy = EntropyTree.FromSeed(3);
        EntropyStream stream = entropy.Stream(0);
        MainlineDht[] machines = new MainlineDht[count];
        byte[] rows = new byte[400 * KrpcLimits.NodeV4], query = new byte[200], reply = new byte[200];
        Make(-1);
        int threads = ThreadPool.ThreadCount;
        long timers = Timer.ActiveCount, before = GC.GetTotalMemory(forceFullCollection: true);
        long contacts = 0;
        for (int i = 0; i < count; i++)
        {
            machines[i] = Make(i);
            contacts += machines[i].StateOf(0).Contacts;
        }

        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        TestContext.Current.SendDiagnosticMessage($"{each} bytes a machine, {contacts / count} contacts");
        Assert.InRange(contacts / count, 310, 340);
        Assert.InRange(each, 1, Bound);
        Assert.True(Timer.ActiveCount <= timers + 2 && ThreadPool.ThreadCount <= threads + 8);
        GC.KeepAlive(machines);

        MainlineDht Make(int number)
        {
            MainlineDht machine = new(options, entropy.Child((ulong)(number + 2)), effects, memory);
            Endpoint local = Endpoint.V4(0x0b000000 + (uint)number, 6881);
            machine.AddSocket(local, AddressScope.Global, null, Now);
            byte[] key = new byte[6];
            local.WriteCompact(key);
            Id160 self = machine.StateOf(0).Id;
            machine.Restore(MainlineCollection.Contacts, key, rows.AsSpan(0, Rows(self)), 0, Instant.Never, Now);

            // A machine that is alive: it has been asked by others and has asked one itself.
            Endpoint peer = Endpoint.V4(0x30000001, 6881);
            foreach (KrpcMethod method in (ReadOnlySpan<KrpcMethod>)[KrpcMethod.Ping, KrpcMethod.FindNode, KrpcMethod.GetPeers])
            {
                int length = new KrpcQuery { Method = method, Target = self }.Encode(query, TestPeer.Id, 1, readOnly: true);
                machine.Receive(0, query.AsSpan(0, length), peer, Now);
            }

            machine.AddNode(peer, Now);
            Assert.True(KrpcParser.TryParse(effects.Last, out KrpcMessage ping) && ping.Kind == KrpcKind.Query);
            var writer = new BencodeWriter(reply);
            ReplyWriter.Begin(ref writer, local);
            ReplyWriter.Id(ref writer, TestPeer.Id);
            ReplyWriter.End(ref writer, ping.Transaction);
            machine.Receive(0, writer.Written, peer, Now);
            return machine;
        }

        int Rows(in Id160 self)
        {
            int length = 0;
            for (int depth = 0; depth < 14; depth++)
            {
                for (int i = Math.Max(8, 128 >> depth); i > 0; i--)
                {
                    NodeIds.RandomAtDepth(self, depth, stream).Write(rows.AsSpan(length));
                    Endpoint.V4(0x20000000 + (stream.NextUInt32() >> 4), 6881).WriteCompact(rows.AsSpan(length + 20));
                    length += KrpcLimits.NodeV4;
                }
            }

            return length;
        }
    }
}
