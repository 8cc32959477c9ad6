using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Node.Namespaces;

/// <summary>BEP 42 once more, from its text and without any of Kadath's code.</summary>
internal static class SecureIds
{
    private static readonly byte[] MaskV4 = [0x03, 0x0f, 0x3f, 0xff], MaskV6 = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

    /// <summary>True if the id fits the address.</summary>
    public static bool Fits(byte[] id, in Endpoint address)
    {
        uint prefix = Prefix(address, id[19]);
        return ((BinaryPrimitives.ReadUInt32BigEndian(id) ^ prefix) >> 11) == 0;
    }

    /// <summary>An id that fits the address; the last byte chooses among eight prefixes, the fill between many of each.</summary>
    public static byte[] For(in Endpoint address, byte last, byte fill = 0)
    {
        byte[] id = new byte[20];
        Array.Fill(id, fill);
        BinaryPrimitives.WriteUInt32BigEndian(id, (Prefix(address, last) & 0xfffff800) | fill);
        id[19] = last;
        return id;
    }

    private static uint Prefix(in Endpoint address, byte last)
    {
        byte[] bytes = IPEndPoint.Parse(address.ToString()).Address.GetAddressBytes();
        byte[] mask = bytes.Length == 4 ? MaskV4 : MaskV6;
        byte[] masked = [.. mask.Select((bits, i) => (byte)(bits & bytes[i]))];
        masked[0] |= (byte)((last & 7) << 5);
        uint crc = uint.MaxValue;
        foreach (byte value in masked)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}

public sealed class SecureIdsTests
{
    /// <summary>The examples of BEP 42.</summary>
    [Theory]
    [InlineData("124.31.75.21:1", 1, "5fbfbf")]
    [InlineData("21.75.31.124:1", 86, "5a3ce9")]
    [InlineData("65.23.51.170:1", 22, "a5d432")]
    [InlineData("84.124.73.14:1", 65, "1b0321")]
    [InlineData("43.213.53.83:1", 90, "e56f6c")]
    public void The_ids_that_judge_others_are_those_of_the_reference(string address, byte last, string prefix)
    {
        Assert.True(Endpoint.TryParse(address, out Endpoint endpoint));
        byte[] id = SecureIds.For(endpoint, last);
        byte[] expected = Convert.FromHexString(prefix);
        Assert.Equal((expected[0], expected[1], expected[2] & 0xf8), (id[0], id[1], id[2] & 0xf8));
        Assert.True(SecureIds.Fits(id, endpoint));
        id[1] ^= 1;
        Assert.False(SecureIds.Fits(id, endpoint));
    }
}
