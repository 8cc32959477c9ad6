using System.Numerics;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Primitives.Ids;

public sealed class NodeIdTests
{
    private static readonly EntropyTree s_tree = EntropyTree.FromSeed(21);

    [Fact]
    public void Ids_of_160_bits_keep_their_word() => KeepsItsWord<Id160>(160, 20);

    [Fact]
    public void Ids_of_256_bits_keep_their_word() => KeepsItsWord<Id256>(256, 32);

    [Fact]
    public void Hex_is_lower_case_and_read_in_either_case()
    {
        Assert.True(NodeIds.TryParseHex("00112233445566778899AABBccddeeff01234567", out Id160 id));
        Assert.Equal("00112233445566778899aabbccddeeff01234567", id.ToString());
        Assert.Equal(0x0011223344556677UL, id.High);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233445566778899aabbccddeeff0123456")]
    [InlineData("00112233445566778899aabbccddeeff012345678")]
    [InlineData("00112233445566778899aabbccddeeff0123456g")]
    [InlineData("00112233445566778899aabbccddeeff 1234567")]
    public void Whatever_is_not_40_digits_is_no_id(string text) => Assert.False(NodeIds.TryParseHex(text, out Id160 _));

    [Fact]
    public void A_random_id_at_a_depth_shares_exactly_so_many_bits()
    {
        EntropyStream entropy = s_tree.Stream(3);
        Id160 self = NodeIds.Random<Id160>(entropy);
        for (int depth = 0; depth < 160; depth++)
        {
            Assert.Equal(depth, NodeIds.CommonPrefix(self, NodeIds.RandomAtDepth(self, depth, entropy)));
        }

        Assert.Equal(self, NodeIds.RandomAtDepth(self, 160, entropy));
    }

    /// <summary>Everything that the engine needs of an id, against arithmetic on big integers.</summary>
    private static void KeepsItsWord<TId>(int bits, int size) where TId : unmanaged, INodeId<TId>
    {
        Assert.Equal((bits, size), (TId.Bits, TId.Size));
        EntropyStream entropy = s_tree.Stream((ulong)bits);
        for (int round = 0; round < 500; round++)
        {
            TId target = NodeIds.Random<TId>(entropy), a = NodeIds.Random<TId>(entropy);
            int shared = entropy.NextBelow(bits);
            TId b = NodeIds.RandomAtDepth(a, shared, entropy);
            Assert.Equal(Number(a) ^ Number(b), Number(TId.Xor(a, b)));
            Assert.Equal(Math.Sign(Number(a).CompareTo(Number(b))), Math.Sign(TId.Compare(a, b)));
            Assert.Equal(shared, NodeIds.CommonPrefix(a, b));
            Assert.Equal(Math.Sign((Number(a) ^ Number(target)).CompareTo(Number(b) ^ Number(target))), Math.Sign(NodeIds.CompareDistance(target, a, b)));
            Assert.Equal(Number(a) >> (bits - 64), a.High);
            Assert.Equal(Number(a) ^ (BigInteger.One << (bits - 1 - shared)), Number(TId.Flip(a, shared)));
            BigInteger mask = (BigInteger.One << (bits - shared)) - 1;
            Assert.Equal((Number(a) & ~mask) | (Number(target) & mask), Number(TId.Splice(a, target, shared)));
            Assert.True(a.Equals(TId.Read(Bytes(a))) && !a.Equals(b));
        }

        TId zero = default;
        Assert.Equal(bits, TId.LeadingZeros(zero));
        Assert.Equal(bits - 1, TId.LeadingZeros(TId.Flip(zero, bits - 1)));
    }

    private static byte[] Bytes<TId>(TId id) where TId : unmanaged, INodeId<TId>
    {
        byte[] bytes = new byte[TId.Size];
        id.Write(bytes);
        return bytes;
    }

    private static BigInteger Number<TId>(TId id) where TId : unmanaged, INodeId<TId> => new(Bytes(id), isUnsigned: true, isBigEndian: true);
}
