using System.Text;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Wire;

public sealed class KrpcTests
{
    private static readonly Id160 Self = Id160.Read("abcdefghij0123456789"u8);
    private static readonly Id160 Other = Id160.Read("mnopqrstuvwxyz123456"u8);

    [Fact]
    public void The_examples_of_BEP_5_parse()
    {
        Assert.True(KrpcParser.TryParse("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"u8, out KrpcMessage ping));
        Assert.Equal((KrpcKind.Query, KrpcMethod.Ping), (ping.Kind, ping.Method));
        Assert.True(ping.HasId && ping.Id == Self && ping.Transaction.SequenceEqual("aa"u8));

        Assert.True(KrpcParser.TryParse("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"u8, out KrpcMessage find));
        Assert.True(find.Method == KrpcMethod.FindNode && find.HasTarget && find.Target == Other && !find.HasInfoHash);

        Assert.True(KrpcParser.TryParse("d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe"u8, out KrpcMessage announce));
        Assert.True(announce.Method == KrpcMethod.AnnouncePeer && announce.Has(KrpcFields.ImpliedPort) && announce.Has(KrpcFields.Port));
        Assert.Equal(6881, announce.Port);
        Assert.True(announce.InfoHash == Other && announce.Token.SequenceEqual("aoeusnth"u8));

        Assert.True(KrpcParser.TryParse("d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re"u8, out KrpcMessage peers));
        Assert.Equal(KrpcKind.Response, peers.Kind);
        var list = new CompactPeers(peers.Values);
        Assert.True(list.TryNext(out Endpoint first) && first == Endpoint.V4(0x61786a65, 0x2e75));
        Assert.True(list.TryNext(out Endpoint second) && second == Endpoint.V4(0x69646874, 0x6e6d));
        Assert.False(list.TryNext(out _));

        Assert.True(KrpcParser.TryParse("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee"u8, out KrpcMessage error));
        Assert.Equal((KrpcKind.Error, (ushort)201), (error.Kind, error.ErrorCode));
        Assert.True(error.ErrorText.SequenceEqual("A Generic Error Ocurred"u8));
    }

    [Fact]
    public void Keys_in_any_order_and_keys_nobody_knows_are_tolerated()
    {
        Assert.True(KrpcParser.TryParse("d1:y1:q1:t1:x1:zd1:bl1:cee2:roi1e1:ad6:target20:mnopqrstuvwxyz1234562:bsi1e2:id20:abcdefghij01234567894:wantl2:n62:n72:n4ee1:q9:find_nodee"u8, out KrpcMessage find));
        Assert.True(find.Has(KrpcFields.ReadOnly) && find.Target == Other && find.Id == Self);
        Assert.Equal(KrpcWant.V4 | KrpcWant.V6, find.Want);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d1:t2:aa1:y1:qe")]
    [InlineData("d1:t2:aa1:y1:xe1234")]
    [InlineData("d1:q4:ping1:t0:1:y1:qe")]
    [InlineData("d1:q4:ping1:y1:qe1:t2:aa")]
    [InlineData("d1:q4:ping1:t2:aae")]
    [InlineData("d1:q4:ping1:ti3e1:y1:qe")]
    [InlineData("d1:ad2:id4:abcde1:rd2:id4:abcde1:t2:aa1:y1:re")]
    [InlineData("d1:ai1e1:q4:ping1:t2:aa1:y1:qe")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe ")]
    [InlineData("d1:ad2:id21:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")]
    public void Junk_is_refused(string text)
    {
        bool parsed = KrpcParser.TryParse(Encoding.Latin1.GetBytes(text), out KrpcMessage message);
        Assert.False(parsed && message.Method != KrpcMethod.None);
    }

    [Fact]
    public void A_transaction_id_has_1_to_32_bytes()
    {
        Assert.True(Parses(1));
        Assert.True(Parses(32));
        Assert.False(Parses(33));

        static bool Parses(int length) =>
            KrpcParser.TryParse(Encoding.Latin1.GetBytes($"d1:ade1:q4:ping1:t{length}:{new string('x', length)}1:y1:qe"), out _);
    }

    [Fact]
    public void A_value_of_the_wrong_type_counts_as_absent()
    {
        Assert.True(KrpcParser.TryParse("d1:ad2:idi7e3:seq1:x4:portle6:targetde4:wanti1e6:valuesi0ee1:q3:get1:t2:aa1:y1:qe"u8, out KrpcMessage message));
        Assert.False(message.HasId || message.HasTarget || message.Has(KrpcFields.Sequence) || message.Has(KrpcFields.Port));
        Assert.Equal(KrpcWant.None, message.Want);
        Assert.False(new CompactPeers(message.Values).TryNext(out _));
    }

    [Fact]
    public void Values_of_mixed_sizes_are_read_and_broken_ones_passed_over()
    {
        byte[] raw = Encoding.Latin1.GetBytes("l6:\u0001\u0002\u0003\u0004\u001a\u00e15:short6:\u0001\u0002\u0003\u0004\0\u000018:\u0020\u0001abcdefghijklmn\u001a\u00e1i5e6:zzzzzze");
        var peers = new CompactPeers(raw);
        Assert.True(peers.TryNext(out Endpoint v4) && v4 == Endpoint.V4(0x01020304, 6881));
        Assert.True(peers.TryNext(out Endpoint v6) && v6.IsV6 && v6.Port == 6881);
        Assert.False(peers.TryNext(out _));
    }

    [Fact]
    public void Replies_are_canonical_and_carry_ip_and_version()
    {
        foreach (Endpoint to in new[] { Endpoint.V4(0x7f000001, 1234), Endpoint.V6(0x20010db8_00000000, 1, 1234) })
        {
            foreach (int length in new[] { 1, 2, 4, 9, 10, 32 })
            {
                byte[] transaction = Encoding.Latin1.GetBytes(new string('\u00ff', length));
                Span<byte> buffer = new byte[1024];
                var writer = new BencodeWriter(buffer);
                ReplyWriter.Begin(ref writer, to);
                ReplyWriter.Id(ref writer, Self);
                ReplyWriter.End(ref writer, transaction);
                CheckReply(writer.Written, to, transaction, KrpcKind.Response);

                writer = new BencodeWriter(buffer);
                ReplyWriter.Error(ref writer, to, transaction, KrpcError.UnknownMethod, "Method Unknown"u8);
                CheckReply(writer.Written, to, transaction, KrpcKind.Error);
            }
        }
    }

    [Fact]
    public void Queries_of_ours_are_canonical_and_parse_to_what_they_say()
    {
        Span<byte> buffer = new byte[1500];
        foreach (KrpcMethod method in Enum.GetValues<KrpcMethod>().Where(m => m is not (KrpcMethod.None or KrpcMethod.Unknown)))
        {
            foreach (bool readOnly in new[] { false, true })
            {
                var query = new KrpcQuery
                {
                    Method = method, Target = Other, Want = KrpcWant.V4 | KrpcWant.V6, Token = "tok"u8, Port = 6881, ImpliedPort = true, Seed = true,
                    NoSeed = true, Scrape = true, Sequence = 7, Cas = 6, PublicKey = new byte[32], Salt = "salt"u8, Signature = new byte[64], Value = "3:abc"u8,
                };
                int length = query.Encode(buffer, Self, 0xdeadbeef, readOnly);
                Assert.True(BencodeReader.IsCanonical(buffer[..length]));
                Assert.True(KrpcParser.TryParse(buffer[..length], out KrpcMessage message));
                Assert.Equal((KrpcKind.Query, method, readOnly), (message.Kind, message.Method, message.Has(KrpcFields.ReadOnly)));
                Assert.True(message.Id == Self && message.Transaction.SequenceEqual(new byte[] { 0xde, 0xad, 0xbe, 0xef }));
                Assert.Equal(method is KrpcMethod.FindNode or KrpcMethod.Get or KrpcMethod.SampleInfohashes or KrpcMethod.Put, message.HasTarget);
                Assert.Equal(method is KrpcMethod.GetPeers or KrpcMethod.AnnouncePeer, message.HasInfoHash);
                Assert.Equal(method is KrpcMethod.Put or KrpcMethod.AnnouncePeer, message.Token.SequenceEqual("tok"u8));
                Assert.Equal(method == KrpcMethod.Put, message.Value.SequenceEqual("3:abc"u8) && message.Cas == 6 && message.Salt.SequenceEqual("salt"u8));
            }
        }
    }

    [Fact]
    public void The_largest_put_stays_below_1400_bytes()
    {
        byte[] value = Encoding.Latin1.GetBytes("996:" + new string('v', 996));
        var query = new KrpcQuery
        {
            Method = KrpcMethod.Put, Token = new byte[20], PublicKey = new byte[32], Salt = new byte[64], Signature = new byte[64],
            Sequence = long.MaxValue, Cas = long.MaxValue, Value = value, Target = Other,
        };
        int length = query.Encode(new byte[1500], Self, 1, readOnly: true);
        Assert.InRange(length, 1330, 1399);
        query.Token = new byte[KrpcLimits.MaxToken];
        Span<byte> buffer = new byte[1500];
        length = query.Encode(buffer, Self, 1, readOnly: true);
        Assert.InRange(length, 1350, 1399);
        Assert.True(KrpcParser.TryParse(buffer[..length], out KrpcMessage message));
        Assert.False(message.HasTarget, "the target of a put is the first to go");
        query.Token = new byte[300];
        Assert.Equal(0, query.Encode(new byte[1500], Self, 1, readOnly: true));
    }

    private static void CheckReply(ReadOnlySpan<byte> datagram, in Endpoint to, ReadOnlySpan<byte> transaction, KrpcKind kind)
    {
        Assert.True(BencodeReader.IsCanonical(datagram));
        Assert.True(KrpcParser.TryParse(datagram, out KrpcMessage message));
        Assert.Equal(kind, message.Kind);
        Assert.True(message.Transaction.SequenceEqual(transaction));
        Assert.True(Endpoint.TryReadCompact(message.External, out Endpoint external) && external == to);
        Assert.True(message.Version.SequenceEqual("KD\0\u0001"u8));
        Assert.Equal(kind == KrpcKind.Error ? 204 : 0, message.ErrorCode);
    }
}
