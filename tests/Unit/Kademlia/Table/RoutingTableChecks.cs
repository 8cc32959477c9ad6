using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;
using static Kadath.Tests.Unit.Kademlia.Table.Tables;

namespace Kadath.Tests.Unit.Kademlia.Table;

public sealed class RoutingTableChecks
{
    private static readonly RoutingTableOptions s_eights = new() { Widths = [8] };

    private static RoutingTable<Id160, Endpoint> FullBucket()
    {
        RoutingTable<Id160, Endpoint> table = New(new(), s_eights);
        table.Answered(At(5, 99), Peer(99), null, Start);
        for (int i = 1; i <= 8; i++)
        {
            table.Answered(At(0, i), Peer(i), null, Start + TimeSpan.FromSeconds(i));
        }

        return table;
    }

    private static Instant After(double minutes) => Start + TimeSpan.FromMinutes(minutes);

    [Fact]
    public void Nothing_is_checked_while_nobody_waits()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket();
        Assert.False(table.TryGetCheck(After(600), out _));
        Assert.True(table.NextCheck.IsNever);
    }

    [Fact]
    public void While_the_contacts_are_fresh_a_newcomer_waits_in_vain()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket();
        Assert.Equal(Admission.Cached, table.Heard(At(0, 9), Peer(9), After(1)));
        Assert.False(table.TryGetCheck(After(1), out _));
        Assert.Equal(Start + TimeSpan.FromSeconds(1) + s_eights.StaleAfter, table.NextCheck);
    }

    [Fact]
    public void The_least_recently_seen_is_pinged_and_stays_if_it_answers()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket();
        table.Heard(At(0, 9), Peer(9), After(1));
        Assert.True(table.TryGetCheck(After(20), out Contact<Id160, Endpoint> contact));
        Assert.Equal(At(0, 1), contact.Id);
        Assert.False(table.TryGetCheck(After(20), out _));
        table.Answered(contact.Id, contact.Handle, null, After(20));
        Assert.True(table.TryGetCheck(After(21), out contact));
        Assert.Equal(At(0, 2), contact.Id);
        Assert.True(Enumerable.Range(1, 8).All(i => table.Contains(At(0, i))));
    }

    [Fact]
    public void A_silent_contact_is_replaced_once_the_candidate_has_answered()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket();
        table.Heard(At(0, 9), Peer(9), After(1));
        for (int attempt = 0; attempt < 2; attempt++)
        {
            Assert.True(table.TryGetCheck(After(20 + attempt), out Contact<Id160, Endpoint> silent));
            Assert.Equal(At(0, 1), silent.Id);
            table.Failed(silent.Id, silent.Handle, RpcFailure.TimedOut, After(20 + attempt));
        }

        Assert.True(table.TryGetCheck(After(22), out Contact<Id160, Endpoint> candidate));
        Assert.Equal(At(0, 9), candidate.Id);
        Assert.True(table.Contains(At(0, 1)));
        Assert.Equal(Admission.Added, table.Answered(candidate.Id, candidate.Handle, null, After(22)));
        Assert.False(table.Contains(At(0, 1)));
        Assert.Equal(0, table.CandidateCount);
    }

    [Fact]
    public void A_candidate_with_a_free_place_is_pinged_and_leaves_if_it_is_silent()
    {
        RoutingTable<Id160, Endpoint> table = New(new(), s_eights);
        Assert.Equal(Admission.Check, table.Heard(At(0, 1), Peer(1), Start));
        Assert.True(table.TryGetCheck(After(1), out Contact<Id160, Endpoint> contact));
        Assert.Equal(At(0, 1), contact.Id);
        table.Failed(contact.Id, contact.Handle, RpcFailure.TimedOut, After(1));
        Assert.Equal(0, table.CandidateCount);
        Assert.False(table.TryGetCheck(After(2), out _));
    }

    [Fact]
    public void A_check_that_we_had_no_capacity_for_comes_again_later_not_at_once()
    {
        RoutingTable<Id160, Endpoint> table = New(new(), s_eights);
        table.Heard(At(0, 1), Peer(1), Start);
        Assert.True(table.TryGetCheck(After(1), out Contact<Id160, Endpoint> contact));
        table.Failed(contact.Id, contact.Handle, RpcFailure.BusyHere, After(1));
        Assert.False(table.TryGetCheck(After(1), out _));
        Assert.True(table.TryGetCheck(After(2), out _));
    }

    [Fact]
    public void A_flood_of_newcomers_turns_a_full_cache_over_only_once_a_minute()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket();
        for (int i = 10; i < 200; i++)
        {
            table.Heard(At(0, i), Peer(i), After(1));
        }

        var candidates = new Contact<Id160, Endpoint>[8];
        Assert.Equal(5, table.CopyCandidates(0, candidates));
        Assert.Equal(At(0, 10), candidates[0].Id);
        Assert.Equal(Admission.Cached, table.Heard(At(0, 500), Peer(500), After(3)));
        table.CopyCandidates(0, candidates);
        Assert.Equal(At(0, 11), candidates[0].Id);
    }

    [Fact]
    public void A_cache_takes_one_candidate_of_a_subnet()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket();
        for (int i = 10; i < 20; i++)
        {
            table.Heard(At(0, i), Endpoint.V4((uint)(0x0B800000 + i), 1), After(1));
        }

        Assert.Equal(1, table.CandidateCount);
    }
}
