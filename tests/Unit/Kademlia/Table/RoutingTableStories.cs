using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;
using static Kadath.Tests.Unit.Kademlia.Table.Tables;

namespace Kadath.Tests.Unit.Kademlia.Table;

public sealed class RoutingTableStories
{
    private static readonly RoutingTableOptions s_eights = new() { Widths = [8] };

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    /// <summary>Bucket 0 full of eight live contacts, 1 to 8 in the order of age, and one nearer contact so that bucket 0 is no longer our own.</summary>
    private static RoutingTable<Id160, Endpoint> FullBucket(TestRules rules, RoutingTableOptions? options = null)
    {
        RoutingTable<Id160, Endpoint> table = New(rules, options ?? s_eights);
        table.Answered(At(5, 99), Peer(99), null, Start);
        for (int i = 1; i <= 8; i++)
        {
            Assert.Equal(Admission.Added, table.Answered(At(0, i), Peer(i), TimeSpan.FromMilliseconds(100), Start));
        }

        Assert.Equal(2, table.BucketCount);
        return table;
    }

    [Fact]
    public void Who_was_only_heard_of_is_not_in_the_table_and_not_named()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        Assert.Equal(Admission.Check, table.Heard(At(0, 1), Peer(1), Start));
        Assert.False(table.Contains(At(0, 1)));
        Assert.Equal(0, table.Closest(At(0, 1), new Contact<Id160, Endpoint>[8], ContactUse.Name));
        Assert.Equal(1, table.CandidateCount);
    }

    [Fact]
    public void Who_answers_is_added_once_and_then_known()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        Assert.Equal(Admission.Added, table.Answered(At(0, 1), Peer(1), TimeSpan.FromMilliseconds(80), Start));
        Assert.Equal(Admission.Known, table.Answered(At(0, 1), Peer(1), TimeSpan.FromMilliseconds(40), Start + Minutes(1)));
        Assert.True(table.TryFind(At(0, 1), out ContactView<Id160, Endpoint> view));
        Assert.Equal(TimeSpan.FromMilliseconds(70), view.RoundTrip);
        Assert.Equal(Start + Minutes(1), view.LastSeen);
        Assert.True(view.IsLive);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Our_own_id_never_enters()
    {
        RoutingTable<Id160, Endpoint> table = New(new(), self: At(3, 3));
        Assert.Equal(Admission.Rejected, table.Heard(At(3, 3), Peer(1), Start));
        Assert.Equal(Admission.Rejected, table.Answered(At(3, 3), Peer(1), null, Start));
        Assert.False(table.Restore(At(3, 3), Peer(1), Start, Start));
        Assert.Equal(0, table.Count + table.CandidateCount);
    }

    [Fact]
    public void A_full_bucket_keeps_its_live_contacts_and_caches_a_newcomer_that_answers()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket(new());
        Assert.Equal(Admission.Cached, table.Answered(At(0, 9), Peer(9), null, Start + Minutes(5)));
        Assert.False(table.Contains(At(0, 9)));
        Assert.True(Enumerable.Range(1, 8).All(i => table.Contains(At(0, i))));
    }

    [Fact]
    public void Who_lied_is_named_no_more_and_yields_to_the_next_who_answers_but_to_nobody_else()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket(new());
        table.Distrust(At(0, 1), Peer(2), Start);
        Assert.Equal(9, table.LiveCount);
        table.Heard(At(0, 20), Peer(20), Start);
        table.Distrust(At(0, 1), Peer(1), Start);
        Assert.Equal((9, 8), (table.Count, table.LiveCount));
        Assert.True(table.TryGetCheck(Start, out Contact<Id160, Endpoint> next));
        Assert.Equal(At(0, 20), next.Id);
        Assert.Equal(Admission.Added, table.Answered(At(0, 20), Peer(20), null, Start));
        Assert.False(table.Contains(At(0, 1)));
        Assert.Equal(9, table.LiveCount);
    }

    [Fact]
    public void A_preferred_newcomer_displaces_only_the_younger_half_and_once_a_minute()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket(new() { Prefers = static (id, _) => id == At(0, 9) || id == At(0, 10) ? 1 : 0 });
        Assert.Equal(Admission.Added, table.Answered(At(0, 9), Peer(9), null, Start + Minutes(1)));
        Assert.False(table.Contains(At(0, 8)));
        Assert.Equal(Admission.Cached, table.Answered(At(0, 10), Peer(10), null, Start + Minutes(1.5)));
        Assert.Equal(Admission.Added, table.Answered(At(0, 10), Peer(10), null, Start + Minutes(2.1)));
        Assert.True(Enumerable.Range(1, 6).All(i => table.Contains(At(0, i))));
        Assert.True(table.Contains(At(0, 9)));
    }

    [Fact]
    public void Preference_never_touches_the_older_half()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket(new() { Prefers = static (id, _) => id.High >> 40 >= 0x800005 ? 1 : 0 });
        Assert.Equal(Admission.Cached, table.Answered(At(0, 20), Peer(20), null, Start + Minutes(5)));
        Assert.True(Enumerable.Range(1, 8).All(i => table.Contains(At(0, i))));
    }

    [Fact]
    public void A_clearly_faster_newcomer_displaces_the_slowest_of_the_younger_half_where_that_is_switched_on()
    {
        Assert.Equal(Admission.Cached, FullBucket(new()).Answered(At(0, 9), Peer(9), TimeSpan.FromMilliseconds(20), Start));
        RoutingTable<Id160, Endpoint> table = FullBucket(new(), s_eights with { PrefersLowRoundTrip = true });
        table.Answered(At(0, 6), Peer(6), TimeSpan.FromMilliseconds(900), Start);
        table.Answered(At(0, 2), Peer(2), TimeSpan.FromMilliseconds(9000), Start);
        Assert.Equal(Admission.Cached, table.Answered(At(0, 9), Peer(9), TimeSpan.FromMilliseconds(290), Start));
        Assert.Equal(Admission.Added, table.Answered(At(0, 9), Peer(9), TimeSpan.FromMilliseconds(50), Start));
        Assert.False(table.Contains(At(0, 6)));
        Assert.True(table.Contains(At(0, 2)));
    }

    [Fact]
    public void One_failure_takes_a_contact_out_of_replies_and_an_answer_brings_it_back()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        var into = new Contact<Id160, Endpoint>[8];
        table.Answered(At(0, 1), Peer(1), null, Start);
        table.Failed(At(0, 1), Peer(1), RpcFailure.TimedOut, Start);
        Assert.Equal(0, table.Closest(default, into, ContactUse.Name));
        Assert.Equal(1, table.Closest(default, into, ContactUse.Ask));
        table.Answered(At(0, 1), Peer(1), null, Start);
        Assert.Equal(1, table.Closest(default, into, ContactUse.Name));
    }

    [Theory]
    [InlineData(RpcFailure.Refused)]
    [InlineData(RpcFailure.BusyHere)]
    [InlineData(RpcFailure.Lied)]
    public void Only_silence_counts_against_liveness(RpcFailure failure)
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        table.Answered(At(0, 1), Peer(1), null, Start);
        for (int i = 0; i < 20; i++)
        {
            table.Failed(At(0, 1), Peer(1), failure, Start);
        }

        Assert.Equal(1, table.LiveCount);
    }

    [Fact]
    public void A_failure_elsewhere_says_nothing_of_the_contact()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        table.Answered(At(0, 1), Peer(1), null, Start);
        table.Failed(At(0, 1), Peer(2), RpcFailure.TimedOut, Start);
        Assert.Equal(1, table.LiveCount);
    }

    [Fact]
    public void A_contact_that_failed_twice_gives_way_to_one_that_answers()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket(new());
        table.Failed(At(0, 1), Peer(1), RpcFailure.TimedOut, Start);
        Assert.Equal(Admission.Cached, table.Answered(At(0, 9), Peer(9), null, Start));
        table.Failed(At(0, 1), Peer(1), RpcFailure.Unreachable, Start);
        Assert.Equal(Admission.Added, table.Answered(At(0, 9), Peer(9), null, Start));
        Assert.False(table.Contains(At(0, 1)));
        Assert.Equal(0, table.CandidateCount);
    }

    [Fact]
    public void A_contact_that_never_answers_again_leaves_in_the_end()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        table.Answered(At(0, 1), Peer(1), null, Start);
        table.Answered(At(0, 2), Peer(2), null, Start);
        for (int i = 0; i < table.Options.MaxFails; i++)
        {
            Assert.True(table.Contains(At(0, 1)));
            table.Failed(At(0, 1), Peer(1), RpcFailure.TimedOut, Start);
        }

        Assert.False(table.Contains(At(0, 1)));
    }

    [Fact]
    public void While_nobody_answers_nobody_is_given_up()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        table.Answered(At(0, 1), Peer(1), null, Start);
        for (int i = 0; i < 100; i++)
        {
            table.Failed(At(0, 1), Peer(1), RpcFailure.TimedOut, Start + Minutes(1.1));
        }

        Assert.True(table.Contains(At(0, 1)));
    }

    [Fact]
    public void An_endpoint_that_answers_under_a_new_id_loses_the_old_one()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        table.Answered(At(0, 1), Peer(1), null, Start);
        Assert.Equal(Admission.Rejected, table.Heard(At(0, 2), Peer(1), Start));
        Assert.True(table.Contains(At(0, 1)));
        Assert.Equal(Admission.Added, table.Answered(At(0, 2), Peer(1), null, Start));
        Assert.False(table.Contains(At(0, 1)));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void An_id_moves_to_another_endpoint_only_after_the_old_one_has_failed()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        table.Answered(At(0, 1), Peer(1), null, Start);
        Assert.Equal(Admission.Rejected, table.Answered(At(0, 1), Peer(2), null, Start));
        Assert.Equal(Admission.Rejected, table.Heard(At(0, 1), Peer(2), Start));
        table.Failed(At(0, 1), Peer(1), RpcFailure.TimedOut, Start);
        Assert.Equal(Admission.Check, table.Heard(At(0, 1), Peer(2), Start));
        Assert.Equal(Admission.Known, table.Answered(At(0, 1), Peer(2), null, Start));
        Assert.True(table.TryFind(At(0, 1), out ContactView<Id160, Endpoint> view));
        Assert.Equal(Peer(2), view.Contact.Handle);
        Assert.True(view.IsLive);
    }

    [Fact]
    public void An_authenticated_id_moves_at_once()
    {
        RoutingTable<Id160, Endpoint> table = New(new() { IdMayMove = true });
        table.Answered(At(0, 1), Peer(1), null, Start);
        Assert.Equal(Admission.Known, table.Answered(At(0, 1), Peer(2), null, Start));
        Assert.True(table.TryFind(At(0, 1), out ContactView<Id160, Endpoint> view));
        Assert.Equal(Peer(2), view.Contact.Handle);
    }

    [Fact]
    public void One_address_has_one_contact_and_one_subnet_two_in_a_bucket()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        Endpoint first = Endpoint.V4(0x0B010101, 1), samePort = Endpoint.V4(0x0B010101, 2);
        table.Answered(At(0, 1), first, null, Start);
        Assert.Equal(Admission.Rejected, table.Answered(At(1, 2), samePort, null, Start));
        Assert.Equal(Admission.Added, table.Answered(At(0, 3), Endpoint.V4(0x0B010102, 1), null, Start));
        Assert.Equal(Admission.Rejected, table.Answered(At(0, 4), Endpoint.V4(0x0B010103, 1), null, Start));
        table.Failed(At(0, 1), first, RpcFailure.TimedOut, Start);
        Assert.Equal(Admission.Added, table.Answered(At(1, 2), samePort, null, Start));
        Assert.False(table.Contains(At(0, 1)));
    }

    [Fact]
    public void Groups_of_zero_have_no_limit()
    {
        RoutingTable<Id160, Endpoint> table = New(new() { Groups = static _ => default });
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Admission.Added, table.Answered(At(0, i), Endpoint.V4(0x7F000001, (ushort)(1000 + i)), null, Start));
        }

        Assert.Equal(Admission.Added, table.Answered(At(0, 200), Endpoint.V4(0x7F000001, 1000), null, Start));
        Assert.False(table.Contains(At(0, 0)));
    }

    [Fact]
    public void A_table_of_Mainline_holds_128_64_32_16_and_then_8()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        int peer = 0;
        for (int depth = 0; depth < 8; depth++)
        {
            for (int i = 0; i < 200; i++)
            {
                table.Answered(At(depth, i), Peer(++peer), null, Start);
            }
        }

        Assert.Equal([128, 64, 32, 16, 8, 8, 8, 8], Enumerable.Range(0, 8).Select(i => table.BucketAt(i).Contacts));
    }

    [Fact]
    public void A_restored_contact_is_asked_but_not_named_until_it_answers()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        var into = new Contact<Id160, Endpoint>[8];
        Assert.True(table.Restore(At(0, 1), Peer(1), Instant.Zero, Start));
        Assert.False(table.Restore(At(0, 1), Peer(1), Instant.Zero, Start));
        Assert.Equal(1, table.Closest(default, into, ContactUse.Ask));
        Assert.Equal(0, table.Closest(default, into, ContactUse.Name));
        table.Answered(At(0, 1), Peer(1), null, Start);
        Assert.Equal(1, table.Closest(default, into, ContactUse.Name));
    }

    [Fact]
    public void Another_id_of_our_own_keeps_the_contacts()
    {
        TestRules rules = new();
        RoutingTable<Id160, Endpoint> table = New(rules);
        for (int i = 0; i < 100; i++)
        {
            table.Answered(At(i % 4, i), Peer(i), null, Start);
        }

        table.Rebase(At(2, 77), Start + Minutes(1));
        Assert.Equal(At(2, 77), table.Self);
        Assert.Equal(100, table.Count);
        Assert.Equal(100, table.LiveCount);
        table.Clear();
        Assert.Empty(rules.Held);
        Assert.Equal(0, table.Slab.ChunksInUse);
    }

    [Fact]
    public void Ids_that_differ_only_after_their_first_64_bits_are_still_sorted()
    {
        RoutingTable<Id160, Endpoint> table = New(new(), new() { Widths = [20] });
        for (int i = 0; i < 60; i++)
        {
            table.Answered(At(96 + (i % 20), i), Peer(i), null, Start);
        }

        Assert.Equal(60, table.Count);
        AssertClosest(table, At(96, 0x5A5A), 10);
        AssertClosest(table, At(110, 0x5A5A), 55);
        AssertClosest(table, NodeIds.Random<Id160>(EntropyTree.FromSeed(6).Stream(0)), 60);
    }

    [Fact]
    public void As_many_as_128_are_found_in_order()
    {
        RoutingTable<Id160, Endpoint> table = New(new());
        EntropyStream entropy = EntropyTree.FromSeed(5).Stream(0);
        for (int i = 0; i < 400; i++)
        {
            table.Answered(NodeIds.RandomAtDepth(table.Self, entropy.NextBelow(9), entropy), Peer(i), null, Start);
        }

        for (int round = 0; round < 50; round++)
        {
            AssertClosest(table, NodeIds.RandomAtDepth(table.Self, entropy.NextBelow(9), entropy), 1 + entropy.NextBelow(RoutingTable<Id160, Endpoint>.MaxClosest));
        }
    }

    private static void AssertClosest(RoutingTable<Id160, Endpoint> table, Id160 target, int k)
    {
        List<ContactView<Id160, Endpoint>> all = All(table);
        all.Sort((a, b) => NodeIds.CompareDistance(target, a.Contact.Id, b.Contact.Id));
        var found = new Contact<Id160, Endpoint>[k];
        Assert.Equal(k, table.Closest(target, found, ContactUse.Name));
        Assert.Equal(all.Take(k).Select(static c => c.Contact), found);
    }

    [Fact]
    public void Contacts_are_found_by_their_distance()
    {
        RoutingTable<Id160, Endpoint> table = FullBucket(new());
        var into = new Contact<Id160, Endpoint>[20];
        Assert.Equal(8, table.AtDepth(0, into, ContactUse.Name));
        Assert.Equal(1, table.AtDepth(5, into, ContactUse.Name));
        Assert.Equal(At(5, 99), into[0].Id);
        Assert.Equal(0, table.AtDepth(4, into, ContactUse.Name));
    }
}
