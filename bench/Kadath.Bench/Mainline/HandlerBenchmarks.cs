using BenchmarkDotNet.Attributes;
using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Bench.Mainline;

/// <summary>What a Mainline node takes from a datagram to the reply in the send slot: parser, budget, table, tokens, records and encoder, without sockets.</summary>
[Config(typeof(CpuTimeConfig))]
public class HandlerBenchmarks
{
    private const int Batch = 1024;

    private readonly NullEffects _effects = new();
    private readonly byte[][] _datagrams = new byte[Batch][];
    private readonly Endpoint[] _from = new Endpoint[Batch];
    private readonly Instant _now = Instant.FromSeconds(3000);
    private MainlineDht _machine = null!;

    /// <summary>What is asked.</summary>
    [Params("parse", "junk", "ping", "find_node", "get_peers", "get_peers+50", "scrape+50", "announce", "get", "sample")]
    public string Query { get; set; } = "ping";

    /// <summary>Fills the table with 320 contacts, the store with 64 torrents of 50 peers, and makes a batch of queries with random targets.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _machine = new(new(), EntropyTree.FromSeed(1), _effects);
        _machine.AddSocket(Endpoint.V4(0x7f000001, 6881), AddressScope.Loopback, null, _now);
        EntropyStream entropy = EntropyTree.FromSeed(2).Stream(0);
        Id160 self = _machine.StateOf(0).Id;
        for (int depth = 0, number = 0; depth < 14; depth++)
        {
            for (int i = Math.Max(8, 128 >> depth); i > 0; i--)
            {
                Answer(Endpoint.V4(0x7f010000 + (uint)number++, 6881), NodeIds.RandomAtDepth(self, depth, entropy));
            }
        }

        Id160[] keys = [.. Enumerable.Range(0, 64).Select(_ => NodeIds.Random<Id160>(entropy))];
        byte[] buffer = new byte[1500];
        for (int i = 0; i < 64 * 50; i++)
        {
            Ask(KrpcMethod.GetPeers, keys[i % 64], Endpoint.V4(0x7f020000 + (uint)i, 7), buffer);
            Ask(KrpcMethod.AnnouncePeer, keys[i % 64], Endpoint.V4(0x7f020000 + (uint)i, 7), buffer);
        }

        for (int i = 0; i < Batch; i++)
        {
            _from[i] = Endpoint.V4(0x7f030000 + (uint)(i % 64), 7000);
            Id160 target = Query is "find_node" or "get_peers" or "get" or "sample" or "parse" ? NodeIds.Random<Id160>(entropy) : keys[i % 64];
            KrpcMethod method = Query switch
            {
                "ping" => KrpcMethod.Ping,
                "announce" => KrpcMethod.AnnouncePeer,
                "get" => KrpcMethod.Get,
                "sample" => KrpcMethod.SampleInfohashes,
                "find_node" or "parse" => KrpcMethod.FindNode,
                _ => KrpcMethod.GetPeers,
            };
            if (method == KrpcMethod.AnnouncePeer)
            {
                Ask(KrpcMethod.GetPeers, target, _from[i], buffer);
            }

            _datagrams[i] = Query == "junk" ? [.. "d1:ad2:id20:"u8, .. new byte[60]] : Encode(method, target, buffer, NodeIds.Random<Id160>(entropy), scrape: Query == "scrape+50");
        }
    }

    /// <summary>One query.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public long Handle()
    {
        if (Query == "parse")
        {
            int parsed = 0;
            for (int i = 0; i < Batch; i++)
            {
                parsed += KrpcParser.TryParse(_datagrams[i], out _) ? 1 : 0;
            }

            return parsed;
        }

        for (int i = 0; i < Batch; i++)
        {
            _machine.Receive(0, _datagrams[i], _from[i], _now);
        }

        return _effects.Bytes;
    }

    private void Ask(KrpcMethod method, in Id160 target, in Endpoint from, byte[] buffer) =>
        _machine.Receive(0, Encode(method, target, buffer, target, scrape: false), from, _now);

    private byte[] Encode(KrpcMethod method, in Id160 target, byte[] buffer, in Id160 id, bool scrape)
    {
        byte[] token = method == KrpcMethod.AnnouncePeer && KrpcParser.TryParse(_effects.Last, out KrpcMessage reply) ? reply.Token.ToArray() : [];
        return buffer[..new KrpcQuery { Method = method, Target = target, Port = 6881, Token = token, Scrape = scrape }.Encode(buffer, id, 0x61626364, readOnly: false)];
    }

    private void Answer(in Endpoint peer, in Id160 id)
    {
        _machine.AddNode(peer, _now);
        KrpcParser.TryParse(_effects.Last, out KrpcMessage ping);
        byte[] reply = new byte[200];
        var writer = new BencodeWriter(reply);
        ReplyWriter.Begin(ref writer, peer);
        ReplyWriter.Id(ref writer, id);
        ReplyWriter.End(ref writer, ping.Transaction);
        _machine.Receive(0, writer.Written, peer, _now);
    }

    private sealed class NullEffects : IMainlineEffects
    {
        private readonly byte[] _slot = new byte[DatagramLimits.SendSlot];
        private int _length;

        public long Bytes { get; private set; }

        public ReadOnlySpan<byte> Last => _slot.AsSpan(0, _length);

        public Span<byte> Rent(int socket) => _slot;

        public void Send(int socket, int length, in Endpoint to) => (_length, Bytes) = (length, Bytes + length);

        public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => false;

        public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires) => true;

        public void Emit(in MainlineEvent happened)
        {
        }
    }
}
