using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Primitives.Net;

public sealed class EndpointTests
{
    private static Endpoint Parse(string text)
    {
        Assert.True(Endpoint.TryParse(text, out Endpoint endpoint), text);
        return endpoint;
    }

    [Theory]
    [InlineData("127.0.0.1:6881")]
    [InlineData("0.0.0.0:0")]
    [InlineData("255.255.255.255:65535")]
    [InlineData("[::1]:6881")]
    [InlineData("[2001:db8::1:2]:1")]
    public void Text_and_compact_form_are_read_back(string text)
    {
        Endpoint endpoint = Parse(text);
        Assert.Equal(text, endpoint.ToString());
        byte[] compact = new byte[endpoint.CompactSize];
        Assert.Equal(compact.Length, endpoint.WriteCompact(compact));
        Assert.True(Endpoint.TryReadCompact(compact, out Endpoint again));
        Assert.Equal(endpoint, again);
    }

    [Fact]
    public void Compact_form_is_in_network_order()
    {
        byte[] compact = new byte[6];
        Parse("1.2.3.4:258").WriteCompact(compact);
        Assert.Equal([1, 2, 3, 4, 1, 2], compact);
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.1:80")]
    [InlineData("1.2.3.4.5:80")]
    [InlineData("::1:80")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("[fe80::1%eth0]:80")]
    [InlineData("localhost:80")]
    public void What_is_no_endpoint_is_refused(string text) => Assert.False(Endpoint.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(17)]
    [InlineData(19)]
    public void Compact_forms_of_other_lengths_are_refused(int length) => Assert.False(Endpoint.TryReadCompact(new byte[length], out _));

    [Fact]
    public void Nothing_is_no_endpoint()
    {
        Endpoint none = default;
        Assert.False(none.IsValid);
        Assert.Equal("none", none.ToString());
        Assert.Equal((0, 0), (none.CompactSize, none.WriteCompact([])));
        Assert.Equal(AddressScope.None, none.Scope);
        Assert.NotEqual(none, Parse("0.0.0.0:0"));
    }

    [Fact]
    public void A_mapped_address_is_not_the_address_it_maps()
    {
        Endpoint mapped = Parse("[::ffff:127.0.0.1]:80"), plain = Parse("127.0.0.1:80");
        Assert.NotEqual(plain, mapped);
        Assert.False(plain.SameAddress(mapped));
        Assert.Equal(AddressScope.None, mapped.Scope);
        Assert.NotEqual(0, plain.CompareTo(mapped));
    }

    [Fact]
    public void Order_is_by_family_address_and_port()
    {
        Endpoint[] sorted = [Parse("1.2.3.4:9"), Parse("1.2.3.5:1"), Parse("1.2.3.5:2"), Parse("[::1]:1"), Parse("[2001::]:1")];
        Assert.Equal(sorted, sorted.Reverse().Order());
        Assert.True(sorted[1].SameAddress(sorted[2]));
        Assert.Equal(sorted[2], sorted[1].WithPort(2));
    }

    [Theory]
    [InlineData("127.0.0.1", AddressScope.Loopback)]
    [InlineData("127.255.255.255", AddressScope.Loopback)]
    [InlineData("128.0.0.0", AddressScope.Global)]
    [InlineData("0.1.2.3", AddressScope.None)]
    [InlineData("9.255.255.255", AddressScope.Global)]
    [InlineData("10.0.0.0", AddressScope.Private)]
    [InlineData("11.0.0.0", AddressScope.Global)]
    [InlineData("100.63.255.255", AddressScope.Global)]
    [InlineData("100.64.0.0", AddressScope.Private)]
    [InlineData("100.127.255.255", AddressScope.Private)]
    [InlineData("100.128.0.0", AddressScope.Global)]
    [InlineData("169.254.1.1", AddressScope.LinkLocal)]
    [InlineData("169.253.1.1", AddressScope.Global)]
    [InlineData("172.15.255.255", AddressScope.Global)]
    [InlineData("172.16.0.0", AddressScope.Private)]
    [InlineData("172.31.255.255", AddressScope.Private)]
    [InlineData("172.32.0.0", AddressScope.Global)]
    [InlineData("192.168.0.1", AddressScope.Private)]
    [InlineData("192.169.0.1", AddressScope.Global)]
    [InlineData("223.255.255.255", AddressScope.Global)]
    [InlineData("224.0.0.1", AddressScope.None)]
    [InlineData("255.255.255.255", AddressScope.None)]
    [InlineData("::", AddressScope.None)]
    [InlineData("::1", AddressScope.Loopback)]
    [InlineData("::2", AddressScope.None)]
    [InlineData("::ffff:8.8.8.8", AddressScope.None)]
    [InlineData("fe80::1", AddressScope.LinkLocal)]
    [InlineData("febf::1", AddressScope.LinkLocal)]
    [InlineData("fec0::1", AddressScope.Global)]
    [InlineData("fc00::1", AddressScope.Private)]
    [InlineData("fdff::1", AddressScope.Private)]
    [InlineData("ff02::1", AddressScope.None)]
    [InlineData("2001:db8::1", AddressScope.Global)]
    public void An_address_has_its_scope(string address, AddressScope scope)
    {
        Assert.True(Endpoint.TryParseAddress(address, 6881, out Endpoint endpoint));
        Assert.Equal(scope, endpoint.Scope);
        Assert.Equal(scope is AddressScope.Loopback or AddressScope.LinkLocal or AddressScope.Private, scope.IsLocal());
    }
}
