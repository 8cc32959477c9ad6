using System.Text;
using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Mainline;
using Kadath.Mainline.Lookups;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Operations;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Lookups;

public sealed class MethodMarksTests
{
    private static readonly Id160 Target = new(0x0123456789ABCDEF, 0x0123456789ABCDEF, 0x01234567);
    private static readonly Contact<Id160, Endpoint> Node = new(TestPeer.Id, Endpoint.V4(0x7F000001, 9000));
    private static readonly Instant Start = Instant.FromSeconds(100_000);

    [Fact]
    public void A_node_silent_to_get_is_asked_find_node_at_once_by_the_next_lookup()
    {
        OldPeer peer = new();
        peer.Get();
        Assert.Equal(["get", "find_node"], peer.Asked());
        peer.Get();
        Assert.Equal(["find_node"], peer.Asked());
        // What is known of get says nothing of other methods.
        peer.Complete((dht, r) => dht.GetPeers(new(Target), r, peer.Network.Now));
        Assert.Equal(["get_peers"], peer.Asked());
    }

    [Fact]
    public void Error_204_marks_for_a_day_and_is_followed_by_find_node_within_the_lookup()
    {
        OldPeer peer = new() { Refuses = true };
        peer.Get();
        Assert.Equal(["get", "find_node"], peer.Asked());
        peer.Network.Run(TimeSpan.FromHours(23));
        peer.Asked();
        peer.Get();
        Assert.Equal(["find_node"], peer.Asked());
        peer.Network.Run(TimeSpan.FromHours(2));
        peer.Asked();
        peer.Get();
        Assert.Equal(["get", "find_node"], peer.Asked());
    }

    [Fact]
    public void An_upgraded_node_is_asked_again_once_its_version_was_seen()
    {
        OldPeer peer = new();
        peer.Get();
        peer.Asked();
        peer.Version = "NEW2";
        peer.Speaks = true;
        peer.Complete((dht, r) => dht.FindNode(Target, default, r, peer.Network.Now));
        peer.Asked();
        peer.Get();
        Assert.Equal(["get"], peer.Asked());
    }

    [Fact]
    public void A_late_answer_to_the_method_itself_takes_the_mark_away()
    {
        OldPeer peer = new() { Speaks = true, GetDelay = TimeSpan.FromSeconds(2) };
        peer.Get();
        Assert.Equal(["get", "find_node"], peer.Asked());
        peer.Network.Run(TimeSpan.FromSeconds(3));
        peer.GetDelay = TimeSpan.Zero;
        peer.Asked();
        peer.Get();
        Assert.Equal(["get"], peer.Asked());
    }

    [Fact]
    public void The_value_of_a_node_that_answers_get_after_find_node_is_not_lost()
    {
        OperationNetwork net = new(nodes: 8);
        byte[] value = "4:late"u8.ToArray();
        Id160 target = ItemRules.TargetOf(value);
        net.Complete((dht, r) => dht.Put(new(target, default, false, new(value, default, default, 0, default)), r, net.Now));
        // All replies to get are held back for 300 ms, and one node is slow altogether, so that the lookup is still at work then.
        bool again = false;
        Endpoint slow = net.Network.Machines[1].Endpoints[0];
        net.Network.Loses = (from, to) => from == slow && to == net.Asker.Endpoints[0];
        net.Network.Watch = (from, to, datagram) =>
        {
            if (!again && to == net.Asker.Endpoints[0] && datagram.AsSpan().IndexOf("4:late"u8) > 0)
            {
                byte[] copy = [.. datagram];
                datagram[0] = (byte)'x';
                again = true;
                net.Network.Fly(from, to, copy, TimeSpan.FromMilliseconds(300));
                again = false;
            }
        };
        Recorder get = net.Complete((dht, r) => dht.Get(new(target), r, net.Now));
        Assert.Equal(value, Assert.Single(get.Items).Value);
    }

    [Fact]
    public void A_mark_of_silence_lasts_longer_each_time_it_proves_right()
    {
        MethodMarks marks = Make();
        Instant now = Start;
        foreach (double minutes in (double[])[15, 60, 240, 1440, 1440])
        {
            marks.Silent(Node, KrpcMethod.Get, "ab01"u8, now);
            marks.Silent(Node, KrpcMethod.Get, "ab01"u8, now);
            Assert.True(marks.IsMarked(Node, KrpcMethod.Get, now + TimeSpan.FromMinutes(minutes - 0.1)));
            now += TimeSpan.FromMinutes(minutes + 0.1);
            Assert.False(marks.IsMarked(Node, KrpcMethod.Get, now));
        }

        Assert.False(marks.IsMarked(Node, KrpcMethod.SampleInfohashes, Start));
        Assert.Equal(1, marks.Count);
    }

    [Fact]
    public void A_mark_goes_with_an_answer_another_id_or_another_version()
    {
        MethodMarks marks = Make();
        Contact<Id160, Endpoint> renamed = new(Target, Node.Handle);
        void Mark() => marks.Refused(Node, KrpcMethod.SampleInfohashes, "ab01"u8, Start);
        bool Marked() => marks.IsMarked(Node, KrpcMethod.SampleInfohashes, Start);
        Mark();
        marks.Answered(Node, KrpcMethod.FindNode, "ab01"u8);
        marks.Answered(Node, KrpcMethod.Get, "ab01"u8);
        marks.Answered(Node, KrpcMethod.Ping, default);
        Assert.True(Marked());
        Assert.False(marks.IsMarked(renamed, KrpcMethod.SampleInfohashes, Start));
        marks.Answered(Node, KrpcMethod.SampleInfohashes, "ab01"u8);
        Assert.False(Marked());
        Mark();
        marks.Answered(Node, KrpcMethod.Ping, "ab02"u8);
        Assert.False(Marked());
        Mark();
        marks.Answered(renamed, KrpcMethod.Ping, "ab01"u8);
        Assert.False(Marked());
        Assert.Equal(0, marks.Count);
    }

    [Fact]
    public void Marks_stay_within_their_bound_and_the_youngest_are_kept()
    {
        MethodMarks marks = Make();
        for (int i = 0; i < 3 * MethodMarks.Capacity; i++)
        {
            marks.Refused(NodeAt(i), KrpcMethod.Get, default, Start + TimeSpan.FromSeconds(i));
            Assert.InRange(marks.Count, 1, MethodMarks.Capacity);
        }

        Instant end = Start + TimeSpan.FromSeconds(3 * MethodMarks.Capacity);
        int young = Enumerable.Range(2 * MethodMarks.Capacity, MethodMarks.Capacity).Count(i => marks.IsMarked(NodeAt(i), KrpcMethod.Get, end));
        int old = Enumerable.Range(0, MethodMarks.Capacity).Count(i => marks.IsMarked(NodeAt(i), KrpcMethod.Get, end));
        Assert.True(young > 2 * old, $"{young} young marks are left, and {old} old ones");
    }

    private static Contact<Id160, Endpoint> NodeAt(int i) => new(new Id160((ulong)i, 1, 2), Endpoint.V4(0x0A000000 + (uint)i, 6881));

    private static MethodMarks Make() => new(CryptoProvider.Default.SipHash, new(1, 2));

    /// <summary>One machine, and one peer played by the test that may know BEP 5 only.</summary>
    private sealed class OldPeer
    {
        private readonly TestMachine _machine;
        private readonly List<string> _asked = [];

        public OldPeer()
        {
            Network.Play(Node.Handle, Receive);
            _machine = Network.Add("127.0.0.1:6881", new() { ReadOnly = true });
            _machine.Dht.SetRouters([Node.Handle], Network.Now);
            Assert.True(Network.Run(TimeSpan.FromSeconds(30), () => _machine.Dht.StateOf(0).Contacts == 1));
            Network.Run(TimeSpan.FromSeconds(10));
            _machine.Dht.SetRouters([], Network.Now);
            _asked.Clear();
        }

        public TestNetwork Network { get; } = new();

        public bool Refuses { get; set; }

        public bool Speaks { get; set; }

        public TimeSpan GetDelay { get; set; }

        public string Version { get; set; } = "OLD1";

        public void Get() => Complete((dht, r) => dht.Get(new(Target), r, Network.Now));

        public void Complete(Func<MainlineDht, Recorder, OperationId> start)
        {
            var recorder = new Recorder();
            start(_machine.Dht, recorder);
            Assert.True(Network.Run(TimeSpan.FromSeconds(20), () => recorder.IsDone));
        }

        /// <summary>The methods of lookups since the last call.</summary>
        public string[] Asked()
        {
            string[] asked = [.. _asked];
            _asked.Clear();
            return asked;
        }

        private void Receive(Endpoint from, byte[] datagram)
        {
            if (!KrpcParser.TryParse(datagram, out KrpcMessage query) || query.Kind != KrpcKind.Query)
            {
                return;
            }

            bool lookup = query.Method != KrpcMethod.Ping && (query.HasInfoHash || query.Target == Target);
            if (lookup)
            {
                _asked.Add(query.Method switch { KrpcMethod.Get => "get", KrpcMethod.FindNode => "find_node", _ => "get_peers" });
            }

            string t = Encoding.Latin1.GetString(query.Transaction), id = Encoding.Latin1.GetString("abcdefghij0123456789"u8);
            if (query.Method == KrpcMethod.Get && !Speaks)
            {
                if (Refuses)
                {
                    Reply(from, $"d1:eli204e14:Method Unknowne1:t4:{t}1:y1:ee", TimeSpan.Zero);
                }

                return;
            }

            Reply(from, $"d1:rd2:id20:{id}5:nodes0:e1:t4:{t}1:v4:{Version}1:y1:re", query.Method == KrpcMethod.Get ? GetDelay : TimeSpan.Zero);
        }

        private void Reply(Endpoint to, string reply, TimeSpan delay) =>
            Network.Fly(Node.Handle, to, Encoding.Latin1.GetBytes(reply), delay);
    }
}
