using System.Text;
using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Nodes;

/// <summary>No query of any kind costs a byte of heap on the loop of its node, once the memory for what is kept has grown.</summary>
public sealed class AllocationTests
{
    private const int Queries = 100_000;
    private const int Askers = 50;
    private const int Keys = 40;

    private readonly QuietEffects _effects = new();
    private readonly MainlineDht _machine;
    private readonly Endpoint[] _askers = [.. Enumerable.Range(0, Askers).Select(i => Endpoint.V4(0x7f000100 + (uint)i, (ushort)(7000 + i)))];
    private readonly Id160[] _keys = [.. Enumerable.Range(0, Keys).Select(i => NodeIds.Random<Id160>(EntropyTree.FromSeed(9).Stream((ulong)i)))];
    private readonly byte[] _buffer = new byte[1500];
    private Instant _now = Instant.FromSeconds(3000);
    private long _round;

    public AllocationTests()
    {
        _machine = new(new(), EntropyTree.FromSeed(5), _effects);
        _machine.AddSocket(Endpoint.V4(0x7f000001, 6881), AddressScope.Loopback, null, _now);
        FillTable();
    }

    [Fact]
    public void Ping() => Measure(static (test, _, _) => new() { Method = KrpcMethod.Ping });

    [Fact]
    public void Find_node()
    {
        Measure(static (test, key, _) => new() { Method = KrpcMethod.FindNode, Target = test._keys[key], Want = KrpcWant.V4 | KrpcWant.V6 });
        Assert.True(KrpcParser.TryParse(_effects.Last, out KrpcMessage reply));
        Assert.Equal(8 * 26, reply.NodesSlice.Length);
    }

    [Fact]
    public void Get_peers_with_values_and_filters()
    {
        Run(Askers * Keys, static (test, key, asker) => test.Announce(key, asker));
        Measure(static (test, key, asker) => new() { Method = KrpcMethod.GetPeers, Target = test._keys[key], Scrape = asker % 2 == 0, NoSeed = asker % 3 == 0 });
        Assert.True(KrpcParser.TryParse(_effects.Last, out KrpcMessage reply));
        Assert.True(reply.ValuesSlice.Length > 100);
    }

    [Fact]
    public void Announce_peer()
    {
        Measure(static (test, key, asker) => test.Announce(key, asker));
        Assert.Equal(Askers * Keys, _machine.Counters.Announces);
    }

    [Fact]
    public void Sample_infohashes()
    {
        Run(Askers * Keys, static (test, key, asker) => test.Announce(key, asker));
        Measure(static (test, key, _) => new() { Method = KrpcMethod.SampleInfohashes, Target = test._keys[key] });
    }

    [Fact]
    public void Put_and_get_of_immutable_items()
    {
        Measure(static (test, key, asker) => test.Put(key, asker, mutable: false));
        Assert.Equal(Keys, _machine.Counters.Items);
        Measure(static (test, key, _) => new() { Method = KrpcMethod.Get, Target = ItemRules.TargetOf(Value(test._scratch, key)) });
        Assert.True(KrpcParser.TryParse(_effects.Last, out KrpcMessage reply) && reply.ValueSlice.Present);
    }

    [Fact]
    public void Put_and_get_of_mutable_items_with_rising_sequence_numbers()
    {
        Measure(static (test, key, asker) => test.Put(key, asker, mutable: true));
        Assert.Equal(Keys, _machine.Counters.Items);
        Measure(static (test, key, _) => new() { Method = KrpcMethod.Get, Target = ItemRules.TargetOf(PublicKey(test._scratch, key), default) });
        Assert.True(KrpcParser.TryParse(_effects.Last, out KrpcMessage reply) && reply.KeySlice.Present);
    }

    [Theory]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe", true)]
    [InlineData("d1:ad2:id20:abcdefghij01234567896:target20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe", true)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q3:put1:t2:aa1:y1:qe", true)]
    [InlineData("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234564:porti1e5:token8:aaaaaaaae1:q13:announce_peer1:t2:aa1:y1:qe", true)]
    [InlineData("d1:ade1:q4:ping1:t2:aa1:y1:qe", true)]
    [InlineData("d1:rd2:id20:abcdefghij0123456789e1:t4:aaaa1:y1:re", false)]
    [InlineData("d1:eli201e3:abce1:t4:aaaa1:y1:ee", false)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:q", false)]
    [InlineData("lllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll", false)]
    public void Nonsense_junk_and_what_nobody_asked_for(string datagram, bool answered)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(datagram);
        long least = long.MaxValue, sent = 0;
        for (int attempt = 0; attempt < 3 && least > 0; attempt++)
        {
            sent = _effects.Sent;
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Queries; i++)
            {
                // Slow enough that every error may be answered.
                _now += TimeSpan.FromMilliseconds(2);
                _machine.Receive(0, bytes, _askers[i % Askers], _now);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(answered ? Queries : 0, _effects.Sent - sent);
    }

    private readonly byte[] _scratch = new byte[64];

    private delegate KrpcQuery Make(AllocationTests test, int key, int asker);

    private void Measure(Make make)
    {
        Run(4 * Askers * Keys, make);
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 3 && least > 0; attempt++)
        {
            long sent = _effects.Sent, before = GC.GetAllocatedBytesForCurrentThread();
            Run(Queries, make);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(_effects.Sent - sent >= Queries, "every query is answered");
            Assert.True(KrpcParser.TryParse(_effects.Last, out KrpcMessage reply) && reply.Kind == KrpcKind.Response, Encoding.Latin1.GetString(_effects.Last));
        }

        Assert.Equal(0, least);
    }

    private void Run(int count, Make make)
    {
        for (int i = 0; i < count; i++, _round++)
        {
            int key = i % Keys, asker = i / Keys % Askers;
            Send(make(this, key, asker), asker);
        }
    }

    private void Send(in KrpcQuery query, int asker)
    {
        int length = query.Encode(_buffer, _keys[asker % Keys], 0x01020304, readOnly: false);
        _machine.Receive(0, _buffer.AsSpan(0, length), _askers[asker], _now);
        _effects.Complete(_machine, _now);
    }

    private KrpcQuery Announce(int key, int asker) => new()
    {
        Method = KrpcMethod.AnnouncePeer, Target = _keys[key], Port = (ushort)(1 + asker), Seed = asker % 2 == 0, Token = Token(KrpcMethod.GetPeers, _keys[key], asker),
    };

    private KrpcQuery Put(int key, int asker, bool mutable)
    {
        ReadOnlySpan<byte> value = Value(_scratch, key), publicKey = mutable ? PublicKey(_scratch.AsSpan(32), key) : default;
        Id160 target = mutable ? ItemRules.TargetOf(publicKey, default) : ItemRules.TargetOf(value);
        return new()
        {
            Method = KrpcMethod.Put, Value = value, PublicKey = publicKey, Signature = mutable ? _signature : default, Sequence = mutable ? _round : null,
            Token = Token(KrpcMethod.Get, target, asker),
        };
    }

    private readonly byte[] _signature = new byte[64];

    private ReadOnlySpan<byte> Token(KrpcMethod method, Id160 target, int asker)
    {
        Send(new KrpcQuery { Method = method, Target = target }, asker);
        Assert.True(KrpcParser.TryParse(_effects.Last, out KrpcMessage reply));
        reply.Token.CopyTo(_token);
        return _token;
    }

    private readonly byte[] _token = new byte[8];

    private static ReadOnlySpan<byte> Value(Span<byte> into, int key)
    {
        "12:Hello World!"u8.CopyTo(into);
        into[3] = (byte)('0' + key);
        return into[..15];
    }

    private static ReadOnlySpan<byte> PublicKey(Span<byte> into, int key)
    {
        into[..32].Fill((byte)(1 + key));
        return into[..32];
    }

    private void FillTable()
    {
        // Peers answer the pings of AddNode, and are thereby in the table.
        for (int i = 0; i < 300; i++)
        {
            Endpoint peer = Endpoint.V4(0x7f010000 + (uint)i, 6881);
            _machine.AddNode(peer, _now);
            Assert.True(KrpcParser.TryParse(_effects.Last, out KrpcMessage ping));
            byte[] reply = new byte[200];
            var writer = new BencodeWriter(reply);
            ReplyWriter.Begin(ref writer, peer);
            ReplyWriter.Id(ref writer, NodeIds.Random<Id160>(EntropyTree.FromSeed(77).Stream((ulong)i)));
            ReplyWriter.End(ref writer, ping.Transaction);
            _machine.Receive(0, writer.Written, peer, _now);
        }

        Assert.True(_machine.StateOf(0).Contacts > 100);
    }
}
