using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;
using static Kadath.Tests.Unit.Kademlia.Table.Tables;

namespace Kadath.Tests.Unit.Kademlia.Table;

public sealed class LostContacts
{
    [Fact]
    public void Who_was_given_up_is_remembered_until_it_answers_again()
    {
        TestRules rules = new();
        RoutingTable<Id160, Endpoint> table = New(rules);
        table.Answered(At(0, 1), Peer(1), null, Start);
        GiveUp(table, 1);
        Assert.False(table.Contains(At(0, 1)));
        Assert.Equal((1, 1), (table.LostCount, rules.Held[Peer(1)]));
        Assert.True(table.TryGetLost(out Contact<Id160, Endpoint> lost));
        Assert.Equal(new(At(0, 1), Peer(1)), lost);
        table.Answered(At(0, 1), Peer(1), null, Start + TimeSpan.FromHours(1));
        Assert.Equal((0, 1), (table.LostCount, rules.Held[Peer(1)]));
    }

    [Fact]
    public void The_newest_eight_are_kept_and_asked_in_turn()
    {
        TestRules rules = new();
        RoutingTable<Id160, Endpoint> table = New(rules);
        for (int i = 1; i <= 12; i++)
        {
            table.Answered(At(0, i), Peer(i), null, Start);
            GiveUp(table, i);
        }

        HashSet<Endpoint> asked = [];
        for (int i = 0; i < 8; i++)
        {
            Assert.True(table.TryGetLost(out Contact<Id160, Endpoint> lost));
            asked.Add(lost.Handle);
        }

        Assert.Equal(Enumerable.Range(5, 8).Select(static i => Peer(i)).ToHashSet(), asked);
        table.Clear();
        Assert.Equal(0, table.LostCount);
        Assert.DoesNotContain(rules.Held, static held => held.Value != 0);
    }

    [Fact]
    public void Who_never_answered_is_not_worth_remembering()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        table.Answered(At(0, 9), Peer(9), null, Start);
        table.Restore(At(0, 1), Peer(1), Instant.Zero, Start);
        GiveUp(table, 1);
        Assert.False(table.Contains(At(0, 1)));
        Assert.Equal(0, table.LostCount);
    }

    private static void GiveUp(RoutingTable<Id160, Endpoint> table, int number)
    {
        for (int fails = 0; fails < 10; fails++)
        {
            table.Failed(At(0, number), Peer(number), RpcFailure.TimedOut, Start);
        }
    }
}
