using System.Text;
using Kadath.Mainline;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Queries;

/// <summary>What comes back from a store: quotas, and what of two versions is the newer.</summary>
public sealed class RestoredRecordsTests
{
    private static readonly MainlineOptions Small = new() { MaxItems = 20, MaxAnnounces = 20 };

    private readonly TestNetwork _network = new();

    [Fact]
    public void The_quotas_of_sources_outlive_a_restart()
    {
        TestMachine old = _network.Add("127.0.0.1:6881", Small);
        TestPeer greedy = new(_network, old, "127.0.0.2:7000");
        Assert.Equal([-1, -1, 202], [PutItem(greedy, "1:a"), PutItem(greedy, "1:b"), PutItem(greedy, "1:c")]);
        Assert.Equal([true, true], [Announce(greedy, 1), Announce(greedy, 2)]);
        TestMachine restarted = _network.Add("127.0.0.3:6881", Small);
        Restore(old, restarted);
        Assert.Equal((2, 2), (restarted.Dht.Counters.Announces, restarted.Dht.Counters.Items));
        TestPeer again = new(_network, restarted, "127.0.0.2:7000"), other = new(_network, restarted, "127.0.0.4:7000");
        Assert.Equal([202, -1], [PutItem(again, "1:c"), PutItem(other, "1:d")]);
        Announce(again, 3);
        Assert.Equal(2, restarted.Dht.Counters.Announces);
        Announce(other, 3);
        Assert.Equal(3, restarted.Dht.Counters.Announces);
    }

    [Fact]
    public void Of_a_saved_announce_and_a_held_one_the_held_one_stays()
    {
        TestMachine old = _network.Add("127.0.0.1:6881"), running = _network.Add("127.0.0.3:6881");
        Assert.True(Announce(new(_network, old, "127.0.0.2:7000"), 1, port: 5));
        TestPeer peer = new(_network, running, "127.0.0.2:7000");
        Assert.True(Announce(peer, 1, port: 6));
        Assert.False(Restore(old, running));
        KrpcMessage peers = peer.Expect(peer.Ask(new KrpcQuery { Method = KrpcMethod.GetPeers, Target = Hash(1) }));
        Assert.True(new CompactPeers(peers.Values).TryNext(out Endpoint found) && found.Port == 6);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Of_a_saved_item_and_a_held_one_the_higher_sequence_number_stays_in_memory_and_in_the_store(int saved, int held)
    {
        ItemSigner signer = new(3);
        TestMachine old = _network.Add("127.0.0.1:6881"), running = _network.Add("127.0.0.3:6881");
        Assert.Equal(-1, PutMutable(new(_network, old, "127.0.0.2:7000"), signer, saved));
        TestPeer peer = new(_network, running, "127.0.0.2:7000");
        Assert.Equal(-1, PutMutable(peer, signer, held));
        Assert.Equal(saved > held, Restore(old, running));
        KrpcMessage got = peer.Expect(peer.Ask(new KrpcQuery { Method = KrpcMethod.Get, Target = signer.Target }));
        Assert.Equal(2, got.Sequence);
        byte[] last = running.Effects.Persisted.Last(p => p.Collection == MainlineCollection.Items).Value;
        Assert.True(StoredItem.TryRead(last, out StoredItem item) && item.Sequence == 2);
    }

    private bool Restore(TestMachine from, TestMachine into)
    {
        bool all = true;
        foreach ((MainlineCollection collection, byte[] key, byte[] value, ulong source, Instant expires) in from.Effects.Persisted.ToArray())
        {
            all &= into.Dht.Restore(collection, key, value, source, expires, _network.Now);
        }

        return all;
    }

    private static Id160 Hash(byte n) => Id160.Read(Encoding.ASCII.GetBytes(new string((char)('a' + n), 20)));

    private static bool Announce(TestPeer peer, byte hash, int port = 5)
    {
        KrpcQuery query = new() { Method = KrpcMethod.AnnouncePeer, Target = Hash(hash), Port = (ushort)port, Token = peer.Token(Hash(hash)) };
        return TestPeer.ErrorOf(peer.Ask(query)) == -1;
    }

    private static int PutItem(TestPeer peer, string value)
    {
        byte[] encoded = Encoding.ASCII.GetBytes(value);
        return TestPeer.ErrorOf(peer.Ask(new KrpcQuery { Method = KrpcMethod.Put, Value = encoded, Token = peer.Token(ItemRules.TargetOf(encoded), KrpcMethod.Get) }));
    }

    private static int PutMutable(TestPeer peer, ItemSigner signer, long sequence)
    {
        byte[] value = Encoding.ASCII.GetBytes($"i{sequence}e");
        return TestPeer.ErrorOf(peer.Ask(new KrpcQuery
        {
            Method = KrpcMethod.Put, Value = value, PublicKey = signer.PublicKey, Sequence = sequence,
            Signature = signer.Sign(sequence, value, default), Token = peer.Token(signer.Target, KrpcMethod.Get),
        }));
    }
}
