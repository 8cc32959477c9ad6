using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Fuzz.Mainline;

/// <summary>A whole node under fire: queries, replies to what it asked, replies to what it did not ask, junk; its own lookups, stores and completions run meanwhile.</summary>
public sealed class NodeFuzz
{
    private readonly FuzzEffects _effects = new();
    private readonly EntropyStream _entropy = FuzzRun.Stream(3);
    private readonly Mutator _queries;
    private readonly Mutator _replies;
    private readonly MainlineDht _machine;
    private Instant _now = Instant.FromSeconds(5000);

    public NodeFuzz()
    {
        _queries = new(_entropy, KrpcCorpus.Queries);
        _replies = new(_entropy, KrpcCorpus.Replies);
        _machine = new(new() { MaxAnnounces = 400, MaxItems = 100 }, EntropyTree.FromSeed(FuzzRun.Seed), _effects);
        _machine.AddSocket(Endpoint.V4(0x7f000001, 6881), AddressScope.Loopback, null, _now);
        _machine.AddSocket(Endpoint.V6(0, 1, 6881), AddressScope.Loopback, null, _now);
        _machine.AddSocket(Endpoint.V4(0, 6882), AddressScope.Global, null, _now);
    }

    [Fact]
    public void Nothing_throws_nothing_grows_and_nobody_gets_an_answer_who_did_not_ask()
    {
        int rounds = 60_000 * FuzzRun.Factor;
        Fire(rounds);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Fire(rounds);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(after - before < 2_000_000, $"{after - before} bytes more after {rounds} rounds more");
        Assert.InRange(_machine.Counters.Announces, 1, 400);
        Assert.InRange(_machine.Counters.Items, 1, 100);
        Assert.True(_effects.Completed > 100, "the node never saw a signature or a disk");
        Assert.True(_machine.StateOf(0).Contacts > 0 && _machine.StateOf(2).Contacts > 0, "no reply ever fitted a query");
        Assert.True(_machine.Counters.Dropped > rounds / 5);
    }

    private void Fire(int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            _now += TimeSpan.FromMilliseconds(_entropy.NextBelow(20));
            _effects.Now = _now;
            int socket = _entropy.NextBelow(4) % 3, kind = _entropy.NextBelow(10);
            Endpoint from = Source(socket);
            byte[] datagram = kind switch
            {
                < 4 => _queries.Next(),
                4 => Tokened(from, socket),
                < 8 => Reply(ref from, ref socket),
                8 => _replies.Next(),
                _ => Noise(),
            };
            Receive(socket, datagram, from);
            if (round % 50 == 0)
            {
                Act(round);
            }

            if (_machine.NextDeadline <= _now)
            {
                _machine.Wake(_now);
            }

            _effects.Complete(_machine, _entropy, _now);
        }
    }

    private void Receive(int socket, byte[] datagram, in Endpoint from)
    {
        _effects.Answers.Clear();
        bool query = KrpcParser.TryParse(datagram, out KrpcMessage message) && message.Kind == KrpcKind.Query;
        _machine.Receive(socket, datagram, from, _now);
        Assert.True(_effects.Answers.Count <= (query ? 1 : 0), $"{_effects.Answers.Count} answers to {Convert.ToHexStringLower(datagram)}");
        foreach ((Endpoint to, int length) in _effects.Answers)
        {
            Assert.Equal(from, to);
            Assert.InRange(length, 1, KrpcLimits.ItemPayload);
        }
    }

    private Endpoint Source(int socket)
    {
        bool far = _entropy.NextBelow(4) == 0;
        ushort port = (ushort)_entropy.NextBelow(300);
        return socket switch
        {
            1 => Endpoint.V6(0, far ? _entropy.NextUInt64() : 1, port),
            2 => Endpoint.V4(far ? _entropy.NextUInt32() : 0x20000000 + ((uint)_entropy.NextBelow(200) << 8), port),
            _ => Endpoint.V4(far ? _entropy.NextUInt32() : 0x7f000000 + (uint)_entropy.NextBelow(64), port),
        };
    }

    /// <summary>A store with a token that is good, else hardly any would get past it.</summary>
    private byte[] Tokened(in Endpoint from, int socket)
    {
        byte[] value = [(byte)'i', (byte)('0' + _entropy.NextBelow(10)), (byte)('1' + _entropy.NextBelow(9)), (byte)'e'];
        byte[] key = new byte[32];
        key[0] = (byte)_entropy.NextBelow(20);
        bool mutable = _entropy.NextBelow(2) == 0, announce = _entropy.NextBelow(3) == 0;
        Id160 target = announce ? NodeIds.Random<Id160>(_entropy) : mutable ? ItemRules.TargetOf(key, default) : ItemRules.TargetOf(value);
        byte[] buffer = new byte[1500];
        int length = new KrpcQuery { Method = KrpcMethod.Get, Target = target }.Encode(buffer, target, 1, readOnly: false);
        _effects.Last = [];
        _machine.Receive(socket, buffer.AsSpan(0, length), from, _now);
        byte[] token = KrpcParser.TryParse(_effects.Last, out KrpcMessage reply) ? reply.Token.ToArray() : [];
        KrpcQuery query = new()
        {
            Method = announce ? KrpcMethod.AnnouncePeer : KrpcMethod.Put, Target = target, Port = (ushort)_entropy.NextBelow(3), Token = token, Value = value,
            PublicKey = mutable ? key : default, Signature = mutable ? new byte[64] : default, Sequence = mutable ? _entropy.NextBelow(5) : null,
            Cas = _entropy.NextBelow(3) == 0 ? _entropy.NextBelow(5) : null,
        };
        length = query.Encode(buffer, target, 1, readOnly: false);
        return _entropy.NextBelow(4) == 0 ? _queries.Mutate(buffer[..length]) : buffer[..length];
    }

    /// <summary>A reply to a query that the node has sent, from the endpoint it was sent to or another, whole or broken.</summary>
    private byte[] Reply(ref Endpoint from, ref int socket)
    {
        byte[] reply = _replies.Next();
        if (!_effects.TryTakeQuery(_entropy, out uint transaction, out Endpoint to))
        {
            return reply;
        }

        (from, socket) = _entropy.NextBelow(8) == 0 ? (from, socket) : (to, to.IsV6 ? 1 : to.Scope == AddressScope.Global ? 2 : 0);
        int at = reply.AsSpan().IndexOf("TTTT"u8);
        if (at >= 0)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(at), transaction);
        }

        // Another id for every endpoint, so that the table fills; some named contacts exist and will be asked.
        int id = reply.AsSpan().IndexOf("2:id20:"u8);
        if (id >= 0 && id + 27 <= reply.Length && _entropy.NextBelow(4) != 0)
        {
            _entropy.Fill(reply.AsSpan(id + 7, 20));
        }

        return reply;
    }

    private byte[] Noise()
    {
        byte[] noise = new byte[_entropy.NextBelow(3) == 0 ? _entropy.NextBelow(9000) : _entropy.NextBelow(100)];
        _entropy.Fill(noise);
        if (noise.Length > 1 && _entropy.NextBelow(2) == 0)
        {
            (noise[0], noise[^1]) = ((byte)'d', (byte)'e');
        }

        return noise;
    }

    private void Act(int round)
    {
        Id160 target = NodeIds.Random<Id160>(_entropy);
        switch (round / 50 % 8)
        {
            case 0:
                _machine.AddNode(Source(0), _now);
                _machine.AddNode(Source(2), _now);
                break;
            case 1:
                _machine.FindNode(target, TimeSpan.FromSeconds(5), _effects, _now);
                break;
            case 2:
                _machine.GetPeers(new(target, Scrape: true, Timeout: TimeSpan.FromSeconds(5)), _effects, _now);
                break;
            case 3:
                _machine.Announce(new(target, 6881, Timeout: TimeSpan.FromSeconds(5)), _effects, _now);
                break;
            case 4:
                _machine.Get(new(target, Timeout: TimeSpan.FromSeconds(5)), _effects, _now);
                break;
            case 5:
                _machine.Sample(Source(1).WithPort(7), target, TimeSpan.FromSeconds(2), _effects, _now);
                break;
            case 6:
                _machine.NetworkChanged(round / 400 % 3, _now);
                break;
            default:
                _machine.Checkpoint(_now);
                _machine.AddNode(Source(1), _now);
                break;
        }
    }
}
