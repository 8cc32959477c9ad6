using Kadath.Mainline.Addresses;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Mainline.Addresses;

public sealed class AddressVoteTests
{
    private static readonly Endpoint Home = Endpoint.V4(0x2C374201, 6881);
    private static readonly Endpoint Other = Endpoint.V4(0x2C374202, 6881);
    private static readonly Instant Start = Instant.FromSeconds(10_000);

    [Fact]
    public void Nine_votes_agree_on_nothing_and_the_tenth_does()
    {
        var vote = new AddressVote(v6: false);
        for (uint i = 0; i < 9; i++)
        {
            Assert.False(vote.Vote(Voter(i), Home, Start));
        }

        Assert.False(vote.Agreed.IsValid);
        Assert.True(vote.Vote(Voter(9), Home, Start));
        Assert.Equal(Home, vote.Agreed);
    }

    [Fact]
    public void A_whole_subnet_has_one_vote()
    {
        var vote = new AddressVote(v6: false);
        for (uint i = 1; i < 200; i++)
        {
            Assert.False(vote.Vote(Endpoint.V4(0x08080800 + i, 6881), Home, Start));
        }

        Assert.False(vote.Agreed.IsValid);
    }

    [Fact]
    public void Ten_of_sixteen_votes_are_no_majority_of_two_thirds()
    {
        var vote = new AddressVote(v6: false);
        for (uint i = 0; i < 6; i++)
        {
            vote.Vote(Voter(i), Other.WithPort((ushort)(i + 1)), Start);
        }

        for (uint i = 6; i < 16; i++)
        {
            Assert.False(vote.Vote(Voter(i), Home, Start));
        }

        vote.Vote(Voter(16), Home, Start);
        Assert.True(vote.Vote(Voter(17), Home, Start));
    }

    [Fact]
    public void The_address_changes_at_most_once_an_hour()
    {
        var vote = new AddressVote(v6: false);
        Agree(vote, Home, Start);
        for (uint i = 0; i < 30; i++)
        {
            Assert.False(vote.Vote(Voter(i), Other, Start + TimeSpan.FromMinutes(59)));
        }

        Assert.Equal(Home, vote.Agreed);
        Assert.True(vote.Vote(Voter(40), Other, Start + TimeSpan.FromMinutes(61)));
        Assert.Equal(Other, vote.Agreed);
    }

    [Fact]
    public void Private_loopback_and_foreign_family_addresses_are_no_votes()
    {
        var vote = new AddressVote(v6: false);
        Endpoint[] seen = [Endpoint.V4(0x7F000001, 1), Endpoint.V4(0x0A000001, 1), Endpoint.V4(0xC0A80001, 1), Endpoint.V6(0x2001_0db8_0000_0000, 1, 1), default];
        foreach (Endpoint endpoint in seen)
        {
            for (uint i = 0; i < 30; i++)
            {
                Assert.False(vote.Vote(Voter(i), endpoint, Start));
            }
        }
    }

    [Fact]
    public void After_the_network_changed_the_next_majority_counts_at_once()
    {
        var vote = new AddressVote(v6: false);
        Agree(vote, Home, Start);
        vote.Doubt();
        Agree(vote, Other, Start + TimeSpan.FromSeconds(5));
        Assert.Equal(Other, vote.Agreed);
    }

    private static void Agree(AddressVote vote, in Endpoint seen, Instant now)
    {
        for (uint i = 0; i < 10; i++)
        {
            vote.Vote(Voter(i), seen, now);
        }
    }

    private static Endpoint Voter(uint number) => Endpoint.V4(0x08080000 + (number << 8) + 7, 6881);
}
