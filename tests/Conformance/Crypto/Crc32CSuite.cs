using System.Text;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of CRC-32C must do; the vectors are those of RFC 3720 appendix B.4 and of BEP 42.</summary>
public abstract class Crc32CSuite
{
    protected abstract IChecksum Crc32C { get; }

    [Fact]
    public void Rfc_3720_is_reproduced()
    {
        Assert.Equal(0x8a9136aau, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Compute([.. Enumerable.Repeat((byte)0xff, 32)]));
        Assert.Equal(0x46dd794eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0x113fdb5cu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))]));
        Assert.Equal(0xd9963a56u, Crc32C.Compute(Convert.FromHexString("01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000")));
        Assert.Equal(0xe3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0u, Crc32C.Compute([]));
    }

    /// <summary>BEP 42: of the address 3, 15, 63 and 255 are kept bit-wise, the low three bits of the random byte go to the top.</summary>
    [Theory]
    [InlineData(124, 31, 75, 21, 1, 0x5fbfbf)]
    [InlineData(21, 75, 31, 124, 86, 0x5a3ce9)]
    [InlineData(65, 23, 51, 170, 22, 0xa5d432)]
    [InlineData(84, 124, 73, 14, 65, 0x1b0321)]
    [InlineData(43, 213, 53, 83, 90, 0xe56f6c)]
    public void The_id_prefixes_of_bep_42_are_reproduced(byte a, byte b, byte c, byte d, byte random, uint prefix)
    {
        var crc = Crc32C.Compute([(byte)((a & 0x03) | ((random & 7) << 5)), (byte)(b & 0x0f), (byte)(c & 0x3f), d]);
        Assert.Equal(prefix & 0xfffff8, (crc >> 8) & 0xfffff8);
    }

    [Fact]
    public void Every_length_agrees_with_the_definition_bit_by_bit()
    {
        var data = new byte[67];
        new Random(4).NextBytes(data);
        for (var length = 0; length <= data.Length; length++)
        {
            Assert.Equal(ByDefinition(data.AsSpan(0, length)), Crc32C.Compute(data.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_message_may_be_appended_in_parts()
    {
        var data = new byte[40];
        new Random(5).NextBytes(data);
        for (var cut = 0; cut <= data.Length; cut++)
        {
            Assert.Equal(Crc32C.Compute(data), Crc32C.Append(Crc32C.Compute(data.AsSpan(0, cut)), data.AsSpan(cut)));
        }
    }

    [Fact]
    public void Computing_allocates_nothing()
    {
        var data = new byte[40];
        Allocations.AssertNone(() => Crc32C.Compute(data));
    }

    private static uint ByDefinition(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var octet in data)
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82f63b78;
            }
        }

        return ~crc;
    }
}

public sealed class ManagedCrc32CTests : Crc32CSuite
{
    protected override IChecksum Crc32C { get; } = new ManagedCrc32C();
}
