using Kadath.Crypto;
using Kadath.Mainline.Addresses;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Addresses;

public sealed class SecureIdTests
{
    private static readonly IChecksum Crc = CryptoProvider.Default.Crc32C;

    [Theory]
    [InlineData("124.31.75.21", 1, "5fbfbf")]
    [InlineData("21.75.31.124", 86, "5a3ce9")]
    [InlineData("65.23.51.170", 22, "a5d432")]
    [InlineData("84.124.73.14", 65, "1b0321")]
    [InlineData("43.213.53.83", 90, "e56f6c")]
    public void The_vectors_of_BEP_42_hold(string address, byte random, string prefix)
    {
        Assert.True(Endpoint.TryParseAddress(address, 6881, out Endpoint endpoint));
        byte[] id = new byte[20];
        id[19] = random;
        SecureId.Bind(id, endpoint, Crc);
        byte[] expected = Convert.FromHexString(prefix);
        Assert.Equal(expected[..2], id[..2]);
        Assert.Equal(expected[2] & 0xf8, id[2] & 0xf8);
        Assert.True(SecureId.IsValid(Id160.Read(id), endpoint, Crc));
        for (int bit = 0; bit < 21; bit++)
        {
            Assert.False(SecureId.IsValid(Id160.Flip(Id160.Read(id), bit), endpoint, Crc));
        }

        Assert.True(SecureId.IsValid(Id160.Flip(Id160.Read(id), 21), endpoint, Crc));
    }

    [Fact]
    public void An_IPv6_address_binds_eight_bytes()
    {
        Assert.True(Endpoint.TryParseAddress("2001:b829:2123:be84:e16c:d6ae:5290:49f1", 6881, out Endpoint endpoint));
        Assert.True(NodeIds.TryParseHex("0a8ad123be84e16cd6ae529049f1f1bbe9ebb304", out Id160 id));
        Assert.True(SecureId.IsValid(id, endpoint, Crc));
        Assert.False(SecureId.IsValid(Id160.Flip(id, 3), endpoint, Crc));
        Assert.True(Endpoint.TryParseAddress("2001:b829:2123:be84:ffff::1", 1, out Endpoint sameNetwork));
        Assert.True(SecureId.IsValid(id, sameNetwork, Crc));
    }

    [Fact]
    public void Created_ids_are_valid_and_differ()
    {
        EntropyStream entropy = EntropyTree.FromSeed(1).Stream(0);
        Endpoint endpoint = Endpoint.V4(0x08080808, 1);
        HashSet<Id160> ids = [];
        for (int i = 0; i < 1000; i++)
        {
            Id160 id = SecureId.Create(endpoint, entropy, Crc);
            Assert.True(SecureId.IsValid(id, endpoint, Crc));
            Assert.True(ids.Add(id));
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.1.1")]
    [InlineData("fe80::1")]
    [InlineData("::1")]
    public void Local_addresses_are_exempt(string address)
    {
        Assert.True(Endpoint.TryParseAddress(address, 6881, out Endpoint endpoint));
        Assert.True(SecureId.IsValid(default, endpoint, Crc));
    }
}
