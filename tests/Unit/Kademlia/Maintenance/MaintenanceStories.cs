using Kadath.Kademlia;
using Kadath.Primitives;
using Kadath.Tests.Unit.Kademlia.Table;
using Xunit;
using static Kadath.Tests.Unit.Kademlia.Table.Tables;

namespace Kadath.Tests.Unit.Kademlia.Maintenance;

public sealed class MaintenanceStories
{
    [Fact]
    public void An_empty_table_asks_the_routers_and_again_with_doubling_pauses_for_ever()
    {
        MaintenanceDriver node = new() { Lookup = static _ => 0 };
        node.RunFor(TimeSpan.FromHours(2));
        double[] pauses = [.. node.Log.Zip(node.Log.Skip(1), static (a, b) => (b.At - a.At).TotalSeconds)];
        Assert.All(node.Log, static entry => Assert.Equal(MaintenanceKind.Bootstrap, entry.Task.Kind));
        Assert.InRange(pauses[0], 3.7, 6.3);
        Assert.InRange(pauses[2], 15, 25);
        Assert.All(pauses[8..], static pause => Assert.InRange(pause, 225, 377));
        Assert.InRange(node.Log.Count, 20, 45);
    }

    [Fact]
    public void Saved_contacts_are_asked_before_the_routers()
    {
        MaintenanceDriver node = new() { Lookup = static _ => 0 };
        node.Table.Restore(At(1, 1), Peer(1), Instant.Zero, Start);
        node.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal([MaintenanceKind.LookupSelf, MaintenanceKind.Bootstrap], node.Log.Select(static e => e.Task.Kind));
        Assert.False(node.Machine.IsConnected);
    }

    [Fact]
    public void Saved_contacts_that_answer_need_no_routers()
    {
        MaintenanceDriver node = new();
        node.Fill(40, live: false);
        node.RunFor(TimeSpan.FromHours(3));
        Assert.DoesNotContain(node.Log, static e => e.Task.Kind == MaintenanceKind.Bootstrap);
        Assert.True(node.Machine.IsConnected);
        Assert.Equal(40, node.Table.LiveCount);
    }

    [Fact]
    public void After_joining_every_bucket_is_refreshed_within_two_minutes()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(2));
        int own = node.Table.BucketCount - 1;
        Assert.Equal(Enumerable.Range(0, own), node.Refreshes.Select(static e => e.Task.Depth).Distinct().Order());
        Assert.All(node.Refreshes, e => Assert.Equal(e.Task.Depth, NodeIds.CommonPrefix(node.Table.Self, e.Task.Target)));
        Assert.Contains(node.Log, e => e.Task.Kind == MaintenanceKind.LookupSelf && e.Task.Depth == own);
    }

    [Fact]
    public void Where_nothing_changes_a_bucket_is_refreshed_once_an_hour()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromHours(6));
        node.Log.Clear();
        node.RunFor(TimeSpan.FromHours(10));
        Assert.InRange(node.Refreshes.Count(static e => e.Task.Depth == 0), 8, 14);
    }

    [Fact]
    public void Where_contacts_come_and_go_a_bucket_is_refreshed_every_five_minutes()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        int newcomer = 1000;
        node.Lookup = task =>
        {
            for (int i = 0; i < 40; i++, newcomer++)
            {
                node.Table.Answered(At(0, newcomer), Peer(newcomer), null, node.Now);
            }

            foreach (ContactView<Id160, Endpoint> view in All(node.Table).Where(static c => c.Contact.Id.High >> 63 == 1).Take(10))
            {
                node.Table.Failed(view.Contact.Id, view.Contact.Handle, RpcFailure.TimedOut, node.Now);
            }

            return 8;
        };
        node.RunFor(TimeSpan.FromHours(1));
        node.Log.Clear();
        node.RunFor(TimeSpan.FromHours(5));
        Assert.InRange(node.Refreshes.Count(static e => e.Task.Depth == 0), 45, 75);
    }

    [Fact]
    public void Silent_contacts_are_pinged_at_a_fixed_rate_and_the_fresh_are_left_alone()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(10));
        Assert.DoesNotContain(node.Log, static e => e.Task.Kind == MaintenanceKind.Ping);
        node.RunFor(TimeSpan.FromMinutes(35));
        (Instant At, MaintenanceTask<Id160, Endpoint> Task)[] pings = [.. node.Log.Where(static e => e.Task.Kind == MaintenanceKind.Ping)];
        Assert.InRange(pings.Select(static e => e.Task.Contact.Id).Distinct().Count(), 35, 60);
        Assert.All(pings.Zip(pings.Skip(1)), static pair => Assert.True(pair.Second.At - pair.First.At >= TimeSpan.FromSeconds(2)));
        Assert.All(All(node.Table), view => Assert.True(node.Now - view.LastSeen < TimeSpan.FromMinutes(45)));
    }

    [Fact]
    public void A_waiting_candidate_is_pinged_and_admitted()
    {
        MaintenanceDriver node = new();
        node.Fill(10, live: true);
        node.RunFor(TimeSpan.FromMinutes(1));
        node.Table.Heard(At(0, 500), Peer(500), node.Now);
        node.RunFor(TimeSpan.FromSeconds(5));
        Assert.True(node.Table.Contains(At(0, 500)));
    }

    [Fact]
    public void When_nobody_answers_any_more_it_joins_again_and_recovers()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(5));
        node.Log.Clear();
        node.Online = false;
        node.RunFor(TimeSpan.FromHours(3));
        Assert.False(node.Machine.IsConnected);
        Assert.InRange(node.Log.Count(static e => e.Task.Kind == MaintenanceKind.Bootstrap), 20, 80);
        Assert.InRange(node.Log.Count(static e => e.Task.Kind == MaintenanceKind.Ping), 0, 200);
        node.Online = true;
        node.RunFor(TimeSpan.FromMinutes(30));
        Assert.True(node.Machine.IsConnected);
        Assert.Equal(60, node.Table.LiveCount);
    }

    [Fact]
    public void A_clock_gap_means_sleep_and_the_table_is_verified()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(5));
        node.Log.Clear();
        node.Now += TimeSpan.FromHours(8);
        node.RunFor(TimeSpan.FromMinutes(4));
        Assert.Equal(MaintenanceKind.LookupSelf, node.Log[0].Task.Kind);
        Assert.InRange(node.Log.Count(static e => e.Task.Kind == MaintenanceKind.Ping), 30, 60);
        Assert.All(All(node.Table), view => Assert.True(node.Now - view.LastSeen < TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void A_wake_up_a_little_late_is_no_gap()
    {
        MaintenanceDriver node = new() { Lateness = TimeSpan.FromSeconds(10) };
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromHours(2));
        Assert.Single(node.Log, static e => e.Task.Kind == MaintenanceKind.LookupSelf && e.Task.Depth < 0);
    }

    [Fact]
    public void A_changed_network_is_joined_again_at_once()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(5));
        node.Log.Clear();
        node.Machine.NetworkChanged(node.Now);
        Assert.False(node.Machine.IsConnected);
        node.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(MaintenanceKind.LookupSelf, node.Log[0].Task.Kind);
        Assert.True(node.Machine.IsConnected);
    }

    [Fact]
    public void A_thin_table_asks_the_routers_now_and_then()
    {
        MaintenanceDriver node = new();
        node.Fill(2, live: true);
        node.RunFor(TimeSpan.FromHours(1));
        Assert.InRange(node.Log.Count(static e => e.Task.Kind == MaintenanceKind.Bootstrap), 10, 25);
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(10));
        node.Log.Clear();
        node.RunFor(TimeSpan.FromHours(1));
        Assert.DoesNotContain(node.Log, static e => e.Task.Kind == MaintenanceKind.Bootstrap);
    }

    [Fact]
    public void What_the_network_declines_comes_again_later_and_is_no_silence()
    {
        MaintenanceDriver node = new();
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(5));
        node.Log.Clear();
        node.Declines = true;
        node.RunFor(TimeSpan.FromHours(1));
        Assert.True(node.Machine.IsConnected);
        Assert.InRange(node.Log.Count, 10, 3000);
    }

    [Fact]
    public void A_map_of_the_network_is_refreshed_at_random_places()
    {
        MaintenanceDriver node = new(RoutingTableOptions.Bootstrap);
        node.Fill(60, live: true);
        node.RunFor(TimeSpan.FromMinutes(10));
        Assert.InRange(node.Refreshes.Count(), 40, 80);
        Assert.InRange(node.Refreshes.Select(static e => e.Task.Target).Distinct().Count(), 40, 80);
    }

    [Fact]
    public void A_map_of_many_contacts_is_verified_within_the_hour_at_a_bounded_rate()
    {
        const int Contacts = 30_000;
        MaintenanceDriver node = new(RoutingTableOptions.Bootstrap);
        int restored = FillMap(node, Contacts);
        Assert.InRange(restored, Contacts * 9 / 10, Contacts);
        node.RunFor(TimeSpan.FromMinutes(70));
        Assert.Equal(restored, node.Table.LiveCount);
        // Some were met by the lookups of refreshes before their turn came.
        int asked = node.Log.Where(static e => e.Task.Kind == MaintenanceKind.Ping).Select(static e => e.Task.Contact.Handle).Distinct().Count();
        Assert.InRange(asked, restored * 98 / 100, restored);
        AssertRate(node, mostInASecond: 10);
    }

    [Fact]
    public void Where_half_of_a_map_is_dead_the_dead_neither_slow_the_round_down_nor_pass_for_an_outage()
    {
        const int Contacts = 100_000;
        MaintenanceDriver node = new(RoutingTableOptions.Bootstrap) { Dead = static handle => (handle.AddressV4 * 2654435761u >> 16) % 2 == 0 };
        // A real lookup goes on until somebody answers.
        node.Lookup = task => Math.Max(1, node.AskClosest(task));
        int restored = FillMap(node, Contacts);
        node.RunFor(TimeSpan.FromMinutes(70));
        Assert.InRange(node.Table.LiveCount, restored * 45 / 100, restored * 55 / 100);
        int asked = node.Log.Where(static e => e.Task.Kind == MaintenanceKind.Ping).Select(static e => e.Task.Contact.Handle).Distinct().Count();
        Assert.InRange(asked, restored * 98 / 100, restored);
        AssertRate(node, mostInASecond: 41);
        Assert.DoesNotContain(node.Log.Skip(3), static e => e.Task.Kind is MaintenanceKind.Bootstrap or MaintenanceKind.LookupSelf);
    }

    private static int FillMap(MaintenanceDriver node, int contacts)
    {
        EntropyStream entropy = EntropyTree.FromSeed(5).Stream(0);
        int restored = 0;
        for (int i = 0; i < contacts; i++)
        {
            // A /24 for each, since few of one enter.
            restored += node.Table.Restore(NodeIds.Random<Id160>(entropy), Endpoint.V4(0x14000000 + ((uint)i << 8), 6881), Instant.Zero, node.Now) ? 1 : 0;
        }

        return restored;
    }

    private static void AssertRate(MaintenanceDriver node, int mostInASecond) =>
        Assert.InRange(node.Log.Where(static e => e.Task.Kind == MaintenanceKind.Ping).CountBy(static e => e.At.Seconds).Max(static s => s.Value), 1, mostInASecond);
}
