using Kadath.Mainline.Addresses;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Addresses;

public sealed class MainlineContactRulesTests
{
    [Theory]
    [InlineData("[2a02:908::2]:1", "[2a02:908::3]:1", false, true)]
    [InlineData("[2a02:908::2]:1", "[2a02:908::2]:2", true, true)]
    [InlineData("[2a02:908:0:40::1]:1", "[2a02:908:0:41::1]:1", false, false)]
    [InlineData("[2a02:908:0:40::1]:1", "[2a02:908:0:40:ffff::1]:1", false, true)]
    [InlineData("44.1.1.2:1", "44.1.1.3:1", false, true)]
    [InlineData("44.1.1.2:1", "44.1.1.2:2", true, true)]
    [InlineData("44.1.1.2:1", "44.1.2.2:1", false, false)]
    public void Neighbouring_addresses_and_subnets_are_told_apart_to_the_last_bit(string first, string second, bool sameAddress, bool sameSubnet)
    {
        Assert.True(Endpoint.TryParse(first, out Endpoint a));
        Assert.True(Endpoint.TryParse(second, out Endpoint b));
        MainlineContactRules rules = MainlineContactRules.Of(a.IsV6, AddressScope.Global);
        Assert.Equal(sameAddress, rules.GroupsOf(a).Narrow == rules.GroupsOf(b).Narrow);
        Assert.Equal(sameSubnet, rules.GroupsOf(a).Wide == rules.GroupsOf(b).Wide);
    }

    [Theory]
    [InlineData("[::1]:1", "[::1]:2")]
    [InlineData("127.0.0.1:1", "127.0.0.1:2")]
    [InlineData("127.0.0.1:1", "127.0.0.2:1")]
    public void In_exempt_scopes_endpoints_count_and_subnets_do_not(string first, string second)
    {
        Assert.True(Endpoint.TryParse(first, out Endpoint a));
        Assert.True(Endpoint.TryParse(second, out Endpoint b));
        MainlineContactRules rules = MainlineContactRules.Of(a.IsV6, AddressScope.Loopback);
        Assert.NotEqual(rules.GroupsOf(a).Narrow, rules.GroupsOf(b).Narrow);
        Assert.Equal((0UL, 0UL), (rules.GroupsOf(a).Wide, rules.GroupsOf(b).Wide));
    }
}
