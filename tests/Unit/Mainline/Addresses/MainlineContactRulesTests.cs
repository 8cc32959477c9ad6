using Kadath.Kademlia;
using Kadath.Mainline;
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
        MainlineContactRules rules = Rules(a.IsV6, exempt: false);
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
        MainlineContactRules rules = Rules(a.IsV6, exempt: true);
        Assert.NotEqual(rules.GroupsOf(a).Narrow, rules.GroupsOf(b).Narrow);
        Assert.Equal((0UL, 0UL), (rules.GroupsOf(a).Wide, rules.GroupsOf(b).Wide));
    }

    [Fact]
    public void Nobody_can_work_out_an_address_with_the_number_of_another()
    {
        // What a mix without a secret gives away: pairs that it cannot tell apart, found by plain arithmetic.
        const ulong Golden = 0x9E3779B97F4A7C15UL;
        Endpoint victim = Endpoint.V6(0x2A02_0908_0000_0001, 0x1234, 6881);
        int met = 0;
        for (ulong i = 1; i <= 1000; i++)
        {
            ulong high = victim.AddressHigh + i;
            foreach (ulong low in (ReadOnlySpan<ulong>)[victim.AddressLow ^ (victim.AddressHigh * Golden) ^ (high * Golden), victim.AddressLow - i, victim.AddressLow ^ i])
            {
                GroupKeys crafted = Rules(v6: true, exempt: false).GroupsOf(Endpoint.V6(high, low, 6881));
                met += crafted.Narrow == Rules(v6: true, exempt: false).GroupsOf(victim).Narrow ? 1 : 0;
            }
        }

        Assert.Equal(0, met);
        Assert.NotEqual(Rules(v6: true, exempt: false).SourceKey(victim), Rules(v6: true, exempt: false, seed: 2).SourceKey(victim));
        // IPv4 loses nothing on the way: there is nothing to work out.
        Assert.Equal(Rules(v6: false, exempt: false).SourceKey(Endpoint.V4(1, 1)), Rules(v6: false, exempt: false, seed: 2).SourceKey(Endpoint.V4(1, 2)));
    }

    [Fact]
    public void Machines_of_one_memory_share_their_rules_and_those_of_another_have_their_own_secret()
    {
        MainlineMemory one = new(), two = new();
        MainlineContactRules first = one.RulesOf(true, AddressScope.Global, EntropyTree.FromSeed(1));
        Assert.Same(first, one.RulesOf(true, AddressScope.Global, EntropyTree.FromSeed(2)));
        Assert.NotSame(first, one.RulesOf(true, AddressScope.Loopback, EntropyTree.FromSeed(1)));
        Endpoint any = Endpoint.V6(1, 2, 3);
        Assert.NotEqual(first.SourceKey(any), two.RulesOf(true, AddressScope.Global, EntropyTree.FromSeed(2)).SourceKey(any));
    }

    private static MainlineContactRules Rules(bool v6, bool exempt, ulong seed = 1) => new(v6, exempt, EntropyTree.FromSeed(seed).Stream(0));
}
