using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Rpc;

public sealed class RpcTableTests
{
    private static readonly Endpoint Peer = Endpoint.V4(0x7f000002, 7000);

    private readonly TestNetwork _network = new();
    private readonly TestMachine _machine;
    private readonly List<(Instant At, byte[] Datagram)> _queries = [];

    public RpcTableTests()
    {
        _machine = _network.Add("127.0.0.1:6881");
        _network.Play(Peer, (_, datagram) => _queries.Add((_network.Now, datagram)));
    }

    [Fact]
    public void Queries_to_one_address_leave_in_a_burst_of_ten_and_then_twice_a_second()
    {
        for (int i = 0; i < 50; i++)
        {
            _machine.Dht.AddNode(Peer, _network.Now);
        }

        Instant start = _network.Now;
        _network.Run(TimeSpan.FromMilliseconds(20));
        Assert.Equal(10, _queries.Count);
        _network.Run(TimeSpan.FromSeconds(30));
        Assert.InRange(_queries.Count, 18, 21);
        for (int i = 10; i < _queries.Count; i++)
        {
            Assert.InRange((_queries[i].At - _queries[i - 1].At).TotalMilliseconds, 499, 521);
        }

        Assert.True(_queries[^1].At - start <= TimeSpan.FromSeconds(5.1));
    }

    [Fact]
    public void Transaction_ids_have_four_bytes_and_repeat_in_none_of_them()
    {
        HashSet<uint> ids = [];
        int[] ones = new int[32];
        TestNetwork watched = new();
        TestMachine machine = watched.Add("127.0.0.1:6881");
        watched.Watch = (_, _, datagram) =>
        {
            Assert.True(KrpcParser.TryParse(datagram, out KrpcMessage query));
            Assert.Equal(4, query.Transaction.Length);
            uint id = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(query.Transaction);
            Assert.True(ids.Add(id));
            for (int bit = 0; bit < 32; bit++)
            {
                ones[bit] += (int)(id >> bit) & 1;
            }
        };
        for (int i = 0; i < 400; i++)
        {
            machine.Dht.AddNode(Peer.WithPort((ushort)(1 + i)), watched.Now);
        }

        Assert.Equal(400, ids.Count);
        // 400 fair coins: six standard deviations are 60.
        Assert.All(ones, count => Assert.InRange(count, 140, 260));
    }

    [Fact]
    public void Only_the_endpoint_that_was_asked_can_answer_and_only_once()
    {
        _machine.Dht.AddNode(Peer, _network.Now);
        _network.Run(TimeSpan.FromMilliseconds(15));
        Assert.True(KrpcParser.TryParse(_queries[0].Datagram, out KrpcMessage query));
        byte[] reply = Pong(query.Transaction);
        _network.Fly(Peer.WithPort(7001), _machine.Endpoints[0], reply);
        _network.Fly(Endpoint.V4(0x7f000003, 7000), _machine.Endpoints[0], reply);
        _network.Fly(Peer, _machine.Endpoints[0], Pong([1, 2, 3, 4]));
        _network.Fly(Peer, _machine.Endpoints[0], Pong(query.Transaction[..3]));
        _network.Run(TimeSpan.FromMilliseconds(15));
        Assert.Equal((0, 4L), (_machine.Dht.StateOf(0).Contacts, _machine.Dht.Counters.Dropped));
        _network.Fly(Peer, _machine.Endpoints[0], reply);
        _network.Fly(Peer, _machine.Endpoints[0], reply);
        _network.Run(TimeSpan.FromMilliseconds(15));
        Assert.Equal((1, 5L), (_machine.Dht.StateOf(0).Contacts, _machine.Dht.Counters.Dropped));
    }

    [Fact]
    public void A_thousand_queries_may_be_outstanding_and_no_more()
    {
        for (int i = 0; i < 3000; i++)
        {
            _machine.Dht.AddNode(Peer.WithPort((ushort)(1 + i)), _network.Now);
        }

        Assert.Equal(1024, _machine.Effects.Sent);
        _network.Run(TimeSpan.FromSeconds(11));
        _machine.Dht.AddNode(Peer.WithPort(9999), _network.Now);
        Assert.Equal(1025, _machine.Effects.Sent);
    }

    private static byte[] Pong(ReadOnlySpan<byte> transaction)
    {
        byte[] reply = new byte[300];
        var writer = new BencodeWriter(reply);
        ReplyWriter.Begin(ref writer, Endpoint.V4(0x7f000001, 6881));
        ReplyWriter.Id(ref writer, TestPeer.Id);
        ReplyWriter.End(ref writer, transaction);
        return reply[..writer.Length];
    }
}
