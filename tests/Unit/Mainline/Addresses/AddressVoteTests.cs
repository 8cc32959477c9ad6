using Kadath.Mainline.Addresses;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Addresses;

public sealed class AddressVoteTests
{
    private static readonly Endpoint Ours = Endpoint.V4(0x05060708, 6881);
    private static readonly Endpoint Wrong = Endpoint.V4(0x09090909, 6881);

    [Fact]
    public void Nine_votes_are_too_few_and_the_tenth_decides_once()
    {
        AddressVote vote = new();
        for (uint i = 0; i < 9; i++)
        {
            Assert.False(vote.Cast(Voter(i), Ours));
        }

        Assert.False(vote.Agreed.IsValid);
        Assert.True(vote.Cast(Voter(9), Ours));
        Assert.Equal(Ours, vote.Agreed);
        Assert.False(vote.Cast(Voter(10), Ours));
        Assert.False(vote.Cast(Voter(11), Ours.WithPort(5)));
        Assert.Equal(5, vote.Agreed.Port);
    }

    [Fact]
    public void A_subnet_has_one_vote()
    {
        AddressVote vote = new();
        for (uint i = 0; i < 200; i++)
        {
            Assert.False(vote.Cast(Endpoint.V4(0x01020300 + i, 6881), Wrong));
            Assert.False(vote.Cast(Endpoint.V6(0x2001_0db8_0001_0000UL + i, i, 6881), Endpoint.V6(0x2002_0000_0000_0000, 1, 1)));
        }

        Assert.False(vote.Agreed.IsValid);
    }

    [Fact]
    public void A_third_of_liars_is_borne_and_more_block()
    {
        AddressVote vote = new();
        for (uint i = 0; i < 30; i++)
        {
            vote.Cast(Voter(i), i % 3 == 0 ? Wrong : Ours);
        }

        Assert.Equal(Ours, vote.Agreed);
        AddressVote blocked = new();
        for (uint i = 0; i < 30; i++)
        {
            blocked.Cast(Voter(i), i % 2 == 0 ? Wrong : Ours);
        }

        Assert.False(blocked.Agreed.IsValid);
    }

    [Fact]
    public void A_change_of_address_is_followed()
    {
        AddressVote vote = new();
        for (uint i = 0; i < 32; i++)
        {
            vote.Cast(Voter(i), Wrong);
        }

        int changes = 0;
        for (uint i = 100; i < 132; i++)
        {
            changes += vote.Cast(Voter(i), Ours) ? 1 : 0;
        }

        Assert.Equal(1, changes);
        Assert.Equal(Ours, vote.Agreed);
    }

    [Theory]
    [InlineData("10.0.0.1", "8.8.8.8")]
    [InlineData("127.0.0.1", "8.8.8.8")]
    [InlineData("8.8.4.4", "192.168.1.1")]
    [InlineData("8.8.4.4", "127.0.0.1")]
    [InlineData("8.8.4.4", "2001:db8::1")]
    public void Local_voters_and_local_addresses_do_not_count(string voter, string external)
    {
        AddressVote vote = new();
        Assert.True(Endpoint.TryParseAddress(voter, 1, out Endpoint from));
        Assert.True(Endpoint.TryParseAddress(external, 1, out Endpoint seen));
        for (uint i = 0; i < 30; i++)
        {
            Assert.False(vote.Cast(from.IsV4 ? Endpoint.V4(from.AddressV4 + (i << 8), 1) : from, seen));
        }

        Assert.False(vote.Agreed.IsValid);
    }

    private static Endpoint Voter(uint i) => Endpoint.V4(0x20000001 + (i << 8), 6881);
}
