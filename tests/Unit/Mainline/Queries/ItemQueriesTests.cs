using System.Text;
using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Queries;

public sealed class ItemQueriesTests
{
    private static readonly IHash Sha1 = CryptoProvider.Default.Sha1;
    private static readonly byte[] PublicKey = Convert.FromHexString("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");
    private static readonly byte[] HelloSignature = Convert.FromHexString(
        "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01");
    private static readonly byte[] SaltedSignature = Convert.FromHexString(
        "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08");

    private readonly TestNetwork _network = new();
    private readonly TestMachine _machine;
    private readonly TestPeer _peer;

    public ItemQueriesTests()
    {
        _machine = _network.Add("127.0.0.1:6881");
        _peer = new(_network, _machine, "127.0.0.2:7000");
    }

    [Fact]
    public void The_targets_of_BEP_44_and_46_hold()
    {
        Assert.Equal("4a533d47ec9c7d95b1ad75f576cffc641853b750", ItemRules.TargetOf(PublicKey, default).ToString());
        Assert.Equal("411eba73b6f087ca51a3795d9c8c938d365e32c1", ItemRules.TargetOf(PublicKey, "foobar"u8).ToString());
        Assert.Equal("e5f96f6f38320f0f33959cb4d3d656452117aadb", ItemRules.TargetOf("12:Hello World!"u8).ToString());
        byte[] torrent = Convert.FromHexString("8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e");
        Assert.Equal("cc3f9d90b572172053626f9980ce261a850d050b", ItemRules.TargetOf(torrent, default).ToString());
        Assert.Equal("59ee7c2cb9b4f7eb1986ee2d18fd2fdb8a56554f", ItemRules.TargetOf(torrent, "n"u8).ToString());
    }

    [Fact]
    public void The_mutable_vectors_of_BEP_44_are_stored_and_returned()
    {
        foreach ((byte[] salt, byte[] signature) in new[] { (Array.Empty<byte>(), HelloSignature), ("foobar"u8.ToArray(), SaltedSignature) })
        {
            Id160 target = ItemRules.TargetOf(PublicKey, salt);
            Assert.Equal(-1, TestPeer.ErrorOf(Put(PublicKey, salt, 1, signature, "12:Hello World!"u8)));
            KrpcMessage got = _peer.Expect(_peer.Ask(new KrpcQuery { Method = KrpcMethod.Get, Target = target }));
            Assert.True(got.Value.SequenceEqual("12:Hello World!"u8) && got.PublicKey.SequenceEqual(PublicKey) && got.Signature.SequenceEqual(signature));
            Assert.Equal(1, got.Sequence);
            Assert.False(got.SaltSlice.Present);
            Assert.True(got.NodesSlice.Present && got.TokenSlice.Length == 8);
        }

        Assert.Equal(2, _machine.Dht.Counters.Items);
        Assert.Equal(2, _machine.Effects.Events.Count(e => e.Kind == MainlineEventKind.ItemStored));
    }

    [Fact]
    public void An_immutable_item_comes_back_as_it_was_without_a_sequence_number()
    {
        Assert.Equal(-1, TestPeer.ErrorOf(PutImmutable("12:Hello World!"u8)));
        KrpcMessage got = _peer.Expect(_peer.Ask(new KrpcQuery { Method = KrpcMethod.Get, Target = ItemRules.TargetOf("12:Hello World!"u8), Sequence = 5 }));
        Assert.True(got.Value.SequenceEqual("12:Hello World!"u8) && !got.Has(KrpcFields.Sequence) && !got.KeySlice.Present);
        Assert.Equal(-1, TestPeer.ErrorOf(PutImmutable("12:Hello World!"u8)));
        Assert.Equal(1, _machine.Dht.Counters.Items);
    }

    [Fact]
    public void A_get_with_a_sequence_number_returns_the_value_only_if_it_is_newer()
    {
        ItemSigner signer = new(1);
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, 5, "3:abc")));
        foreach ((long asked, bool whole) in new[] { (4L, true), (5L, false), (6L, false) })
        {
            KrpcMessage got = _peer.Expect(_peer.Ask(new KrpcQuery { Method = KrpcMethod.Get, Target = signer.Target, Sequence = asked }));
            Assert.Equal((whole, whole, whole, 5L), (got.ValueSlice.Present, got.KeySlice.Present, got.SignatureSlice.Present, got.Sequence));
        }
    }

    [Fact]
    public void Sequence_numbers_rise_and_an_equal_one_only_refreshes()
    {
        ItemSigner signer = new(1);
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, 5, "3:abc")));
        Assert.Equal(302, TestPeer.ErrorOf(Put(signer, 4, "3:abc")));
        Assert.Equal(302, TestPeer.ErrorOf(Put(signer, 5, "3:abd")));
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, 5, "3:abc")));
        Assert.Equal("3:abc", Get(signer));
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, 6, "3:abd")));
        Assert.Equal("3:abd", Get(signer));
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, long.MaxValue, "0:")));
        Assert.Equal("0:", Get(signer));
    }

    [Fact]
    public void Cas_compares_with_the_stored_sequence_number_if_there_is_one()
    {
        ItemSigner signer = new(1);
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, 1, "1:a", cas: 77)));
        Assert.Equal(301, TestPeer.ErrorOf(Put(signer, 2, "1:b", cas: 0)));
        Assert.Equal(301, TestPeer.ErrorOf(Put(signer, 2, "1:b", cas: 2)));
        Assert.Equal("1:a", Get(signer));
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, 2, "1:b", cas: 1)));
        Assert.Equal("1:b", Get(signer));
    }

    [Fact]
    public void Every_wrong_put_gets_its_error_and_stores_nothing()
    {
        ItemSigner signer = new(1);
        byte[] value = "1:a"u8.ToArray(), signature = signer.Sign(1, value, default);
        byte[] forged = [.. signature];
        forged[5] ^= 1;
        Assert.Equal(206, TestPeer.ErrorOf(Put(signer.PublicKey, default, 1, forged, value)));
        Assert.Equal(206, TestPeer.ErrorOf(Put(signer.PublicKey, "salt"u8, 1, signature, value)));
        Assert.Equal(206, TestPeer.ErrorOf(Put(signer.PublicKey, default, 2, signature, value)));
        Assert.Equal(207, TestPeer.ErrorOf(Put(signer.PublicKey, new byte[65], 1, signature, value)));
        Assert.Equal(203, TestPeer.ErrorOf(Put(signer.PublicKey, default, -1, signature, value)));
        Assert.Equal(203, TestPeer.ErrorOf(Put(signer.PublicKey[..31], default, 1, signature, value)));
        Assert.Equal(203, TestPeer.ErrorOf(Put(signer.PublicKey, default, 1, signature[..63], value)));
        Assert.Equal(203, TestPeer.ErrorOf(PutImmutable("i01e"u8)));
        Assert.Equal(203, TestPeer.ErrorOf(PutImmutable("d1:bi1e1:ai1ee"u8)));
        Assert.Equal(205, TestPeer.ErrorOf(PutImmutable(Encoding.ASCII.GetBytes("997:" + new string('x', 997)))));
        Assert.Equal(203, TestPeer.ErrorOf(_peer.Ask(new KrpcQuery { Method = KrpcMethod.Put, Token = new byte[8], Value = value })));
        Assert.Equal(203, TestPeer.ErrorOf(_peer.Ask("d1:ad2:id20:abcdefghij01234567891:k32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa5:token8:aaaaaaaa1:v1:ae1:q3:put1:t1:a1:y1:qe")));
        Assert.Equal(203, TestPeer.ErrorOf(_peer.Ask("d1:ad2:id20:abcdefghij01234567895:token8:aaaaaaaae1:q3:put1:t1:a1:y1:qe")));
        Assert.Equal(0, _machine.Dht.Counters.Items);
        Assert.Empty(_machine.Effects.Persisted);
    }

    [Fact]
    public void The_largest_item_fits_put_and_reply()
    {
        ItemSigner signer = new(1);
        string value = "996:" + new string('x', 996);
        byte[] salt = new byte[64];
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer.PublicKey, salt, long.MaxValue, signer.Sign(long.MaxValue, Encoding.ASCII.GetBytes(value), salt), Encoding.ASCII.GetBytes(value))));
        KrpcMessage got = _peer.Expect(_peer.Ask(new KrpcQuery { Method = KrpcMethod.Get, Target = ItemRules.TargetOf(signer.PublicKey, salt), Want = KrpcWant.V4 | KrpcWant.V6 }));
        Assert.Equal(1000, got.ValueSlice.Length);
        Assert.True(got.NodesSlice.Present);
    }

    [Fact]
    public void A_reply_waits_for_the_disk_and_a_failure_is_error_202()
    {
        _machine.Effects.DiskBroken = true;
        Assert.Equal(202, TestPeer.ErrorOf(PutImmutable("1:a"u8)));
        _machine.Effects.DiskBroken = false;
        _machine.Effects.PersistQueueFull = true;
        Assert.Equal(202, TestPeer.ErrorOf(PutImmutable("1:b"u8)));
        _machine.Effects.PersistQueueFull = false;
        _machine.Effects.VerifyQueueFull = true;
        Assert.Equal(202, TestPeer.ErrorOf(Put(new ItemSigner(1), 1, "1:a")));
        _machine.Effects.VerifyQueueFull = false;
        Assert.Equal(-1, TestPeer.ErrorOf(Put(new ItemSigner(1), 1, "1:a")));
        _machine.Dht.Verified(12345, true, _network.Now);
        _machine.Dht.Persisted(-7, true, _network.Now);
    }

    [Fact]
    public void What_was_persisted_can_be_restored_into_another_machine()
    {
        ItemSigner signer = new(3);
        Assert.Equal(-1, TestPeer.ErrorOf(Put(signer, 5, "3:abc")));
        Assert.Equal(-1, TestPeer.ErrorOf(PutImmutable("1:a"u8)));
        Assert.Equal(-1, TestPeer.ErrorOf(_peer.Ask(new KrpcQuery { Method = KrpcMethod.AnnouncePeer, Target = TestPeer.Id, Port = 5, Seed = true, Token = _peer.Token(TestPeer.Id) })));
        TestNetwork network = new();
        TestMachine machine = network.Add("127.0.0.1:6881");
        foreach ((MainlineCollection collection, byte[] key, byte[] value, ulong source, Instant expires) in _machine.Effects.Persisted)
        {
            Assert.True(machine.Dht.Restore(collection, key, value, source, expires, network.Now));
            Assert.False(machine.Dht.Restore(collection, key, value, source, network.Now, network.Now));
            Assert.False(machine.Dht.Restore(collection, key[1..], value, source, expires, network.Now));
            Assert.False(machine.Dht.Restore(collection, key, [], source, expires, network.Now));
        }

        Assert.Equal((1, 2), (machine.Dht.Counters.Announces, machine.Dht.Counters.Items));
        TestPeer peer = new(network, machine, "127.0.0.3:7000");
        KrpcMessage got = peer.Expect(peer.Ask(new KrpcQuery { Method = KrpcMethod.Get, Target = signer.Target }));
        Assert.True(got.Value.SequenceEqual("3:abc"u8) && got.Sequence == 5);
        KrpcMessage peers = peer.Expect(peer.Ask(new KrpcQuery { Method = KrpcMethod.GetPeers, Target = TestPeer.Id }));
        Assert.True(new CompactPeers(peers.Values).TryNext(out Endpoint found) && found == _peer.Endpoint.WithPort(5));
    }

    private string Get(ItemSigner signer) =>
        Encoding.ASCII.GetString(_peer.Expect(_peer.Ask(new KrpcQuery { Method = KrpcMethod.Get, Target = signer.Target })).Value);

    private byte[] Put(ItemSigner signer, long sequence, string value, long? cas = null)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(value);
        return Put(signer.PublicKey, default, sequence, signer.Sign(sequence, bytes, default), bytes, cas);
    }

    private byte[] Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, long sequence, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> value, long? cas = null)
    {
        byte[] token = _peer.Token(key.Length == 32 && salt.Length <= 64 ? ItemRules.TargetOf(key, salt) : default, KrpcMethod.Get);
        return _peer.Ask(new KrpcQuery
        {
            Method = KrpcMethod.Put, Token = token, PublicKey = key, Salt = salt, Sequence = sequence, Signature = signature, Value = value, Cas = cas,
        });
    }

    private byte[] PutImmutable(ReadOnlySpan<byte> value) =>
        _peer.Ask(new KrpcQuery { Method = KrpcMethod.Put, Token = _peer.Token(ItemRules.TargetOf(value), KrpcMethod.Get), Value = value });
}
