using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

public class DefenceTests
{
    [Fact]
    public void An_address_gets_its_burst_and_then_its_rate()
    {
        OutboundPacer pacer = new(10, TimeSpan.FromMilliseconds(500), EntropyTree.FromSeed(1).Stream(0));
        Instant now = Instant.FromSeconds(5);
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => pacer.TrySend(7, now, out Instant _)));
        Assert.False(pacer.TrySend(7, now, out Instant earliest));
        Assert.Equal(now + TimeSpan.FromMilliseconds(500), earliest);
        Assert.False(pacer.TrySend(7, earliest - TimeSpan.FromTicks(1), out _));
        Assert.True(pacer.TrySend(7, earliest, out _));
        Assert.True(pacer.TrySend(8, now, out _));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(pacer.TrySend(0, now, out Instant _)));
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => pacer.TrySend(7, now + TimeSpan.FromMinutes(1), out Instant _)));
    }

    [Fact]
    public void No_address_is_sent_more_than_burst_and_rate_while_thousands_compete()
    {
        OutboundPacer pacer = new(10, TimeSpan.FromMilliseconds(500), EntropyTree.FromSeed(2).Stream(0));
        EntropyStream entropy = EntropyTree.FromSeed(3).Stream(0);
        Dictionary<ulong, int> sent = [];
        Instant now = Instant.Zero;
        for (int i = 0; i < 100_000; i++)
        {
            now += TimeSpan.FromTicks(1000);
            ulong address = 1 + (ulong)(entropy.NextBelow(2) == 0 ? entropy.NextBelow(20) : entropy.NextBelow(2000));
            sent[address] = sent.GetValueOrDefault(address) + (pacer.TrySend(address, now, out _) ? 1 : 0);
        }

        Assert.Equal(0, pacer.Forgotten);
        Assert.InRange(sent.Values.Max(), 28, 30);
    }

    [Fact]
    public void A_node_with_capacity_refuses_nobody()
    {
        InboundBudget budget = new(new(), EntropyTree.FromSeed(1).Stream(0));
        Instant now = Instant.Zero;
        for (int i = 0; i < 200_000; i++)
        {
            now += TimeSpan.FromTicks(10);
            Assert.True(budget.Admit(new(1, 1), 100, now));
            budget.Received(63, 64, now);
        }

        Assert.False(budget.IsSaturated);
        Assert.Equal(0, budget.Refused);
    }

    [Fact]
    public void A_flood_from_one_address_takes_what_others_leave_and_no_more()
    {
        InboundBudget budget = new(new() { MaxUnitsPerSecond = 10_000 }, EntropyTree.FromSeed(2).Stream(0));
        (int flood, int honest, int offered) = Flood(budget, spoofed: false, seconds: 20);
        Assert.True(honest >= 0.99 * offered, $"{honest} of {offered}");
        Assert.InRange((flood + honest) / 20, 6_000, 13_000);
    }

    [Fact]
    public void A_flood_from_one_subnet_is_held_to_its_shares()
    {
        InboundBudget budget = new(new() { MaxUnitsPerSecond = 10_000 }, EntropyTree.FromSeed(3).Stream(0));
        (int flood, int honest, int offered) = Flood(budget, spoofed: true, seconds: 20);
        Assert.True(honest >= 0.95 * offered, $"{honest} of {offered}");
        Assert.InRange((flood + honest) / 20, 5_000, 13_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(300)]
    public void Senders_of_equal_demand_who_keep_the_node_busy_are_not_refused(int senders)
    {
        InboundBudget budget = new(new(), EntropyTree.FromSeed(10).Stream(0));
        for (int i = 0; i < 600_000; i++)
        {
            Instant now = new(i * 100L);
            ulong sender = (ulong)(i % senders) + 1;
            budget.Admit(new(sender, sender), 1, now);
            if (i % 64 == 63)
            {
                budget.Received(64, 64, now);
            }
        }

        Assert.True(budget.Refused < 600, $"{budget.Refused} of 600,000 refused");
    }

    [Fact]
    public void A_flood_that_overflows_the_socket_is_shed_and_the_others_are_served()
    {
        (int with, int without, int offered) = (Overflow(defended: true, out int offers), Overflow(defended: false, out _), offers);
        Assert.True(without < 0.75 * offered, $"{without} of {offered} without defence");
        Assert.True(with > 0.95 * offered, $"{with} of {offered} with it");
    }

    [Fact]
    public void When_the_flood_ends_so_do_the_shares()
    {
        InboundBudget budget = new(new(), EntropyTree.FromSeed(4).Stream(0));
        Instant now = Instant.Zero;
        for (int i = 0; i < 2000; i++)
        {
            now += TimeSpan.FromMilliseconds(1);
            budget.Received(64, 64, now);
            for (int query = 0; query < 64; query++)
            {
                ulong sender = query < 32 ? 1 : (ulong)(query + (i % 10 * 100));
                budget.Admit(new(sender, sender), 1, now);
            }
        }

        Assert.True(budget.IsSaturated);
        Assert.True(budget.Refused > 0);
        now += TimeSpan.FromSeconds(5);
        budget.Received(1, 64, now);
        budget.Received(1, 64, now + TimeSpan.FromSeconds(5));
        Assert.False(budget.IsSaturated);
    }

    [Fact]
    public void Costly_queries_run_out_before_cheap_ones()
    {
        InboundBudget budget = new(new() { MaxUnitsPerSecond = 3_000 }, EntropyTree.FromSeed(5).Stream(0));
        int cheap = 0, costly = 0;
        for (int i = 0; i < 20_000; i++)
        {
            Instant now = new(i * TimeSpan.TicksPerMillisecond);
            ulong node = (ulong)(i % 100) + 1;
            cheap += budget.Admit(new(node, node), 1, now) ? 1 : 0;
            costly += budget.Admit(new(node + 1000, node + 1000), 50, now) ? 1 : 0;
        }

        Assert.True(cheap > 17_000, $"{cheap} cheap");
        Assert.True(costly < 1_800, $"{costly} costly");
    }

    [Fact]
    public void A_budget_allocates_nothing_per_query_even_when_saturated()
    {
        InboundBudget budget = new(new() { MaxUnitsPerSecond = 1_000 }, EntropyTree.FromSeed(6).Stream(0));
        void Work(int from)
        {
            for (int i = from; i < from + 50_000; i++)
            {
                budget.Admit(new((ulong)i * 77, (ulong)i), 1, new(i * 1000L));
            }
        }

        Work(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(50_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(budget.Refused > 0);
    }

    [Fact]
    public void Error_replies_and_verification_pings_have_fixed_rates()
    {
        InboundBudget budget = new(new() { ErrorsPerSecond = 100, VerificationsPerSecond = 20 }, EntropyTree.FromSeed(7).Stream(0));
        int errors = 0, pings = 0;
        for (int i = 0; i < 10_000; i++)
        {
            errors += budget.TryError(new(i * TimeSpan.TicksPerMillisecond)) ? 1 : 0;
            pings += budget.TryVerification(new(i * TimeSpan.TicksPerMillisecond)) ? 1 : 0;
        }

        Assert.InRange(errors, 1090, 1110);
        Assert.InRange(pings, 215, 225);
    }

    [Fact]
    public void Reputation_is_first_hand_fades_and_stays_bounded()
    {
        ReputationTable table = new(EntropyTree.FromSeed(8).Stream(0), capacity: 64);
        table.Record(5, PeerConduct.Lied, Instant.Zero);
        Assert.Equal(-25, table.Score(5, Instant.Zero));
        Assert.Equal(-12.5, table.Score(5, Instant.FromSeconds(600)));
        Assert.Equal(0, table.Score(5, Instant.FromSeconds(40_000)));
        Assert.Equal(0, table.Score(6, Instant.Zero));
        for (ulong key = 100; key < 10_000; key++)
        {
            table.Record(key, PeerConduct.Answered, Instant.Zero);
        }

        Assert.Equal(-25, table.Score(5, Instant.Zero));
        table.Record(0, PeerConduct.Lied, Instant.Zero);
        Assert.Equal(0, table.Score(0, Instant.Zero));
    }

    /// <summary>
    /// A node that judges a packet in 3 µs and serves it in 7 more, behind a socket buffer of 500 packets: one address sends 200 a millisecond, 200
    /// nodes together one. Returns how many of theirs were served after the first two seconds.
    /// </summary>
    private static int Overflow(bool defended, out int offered)
    {
        InboundBudget budget = new(new(), EntropyTree.FromSeed(11).Stream(0));
        EntropyStream entropy = EntropyTree.FromSeed(12).Stream(0);
        Queue<ulong> socket = new();
        int served = 0;
        offered = 0;
        for (int ms = 0; ms < 8000; ms++)
        {
            int honest = entropy.NextBelow(200);
            offered += ms >= 2000 ? 1 : 0;
            for (int i = 0; i < 200; i++)
            {
                ulong sender = i == honest ? 1 + (ulong)(ms % 200) : 999;
                if (socket.Count < 500)
                {
                    socket.Enqueue(sender);
                }
            }

            for (int microseconds = 1000; microseconds > 0 && socket.Count > 0;)
            {
                Instant now = new((ms * TimeSpan.TicksPerMillisecond) + ((1000 - microseconds) * 10));
                int batch = Math.Min(socket.Count, 64);
                budget.Received(batch, 64, now);
                for (int i = 0; i < batch; i++)
                {
                    ulong sender = socket.Dequeue();
                    bool admitted = !defended || budget.Admit(new(sender, sender), 1, now);
                    microseconds -= admitted ? 10 : 3;
                    served += admitted && sender != 999 && ms >= 2000 ? 1 : 0;
                }
            }
        }

        return served;
    }

    /// <summary>40,000 queries a second beside 200 nodes that ask 5 times a second each, in steps of 1 ms.</summary>
    private static (int Flood, int Honest, int Offered) Flood(InboundBudget budget, bool spoofed, int seconds)
    {
        int flood = 0, honest = 0, offered = 0;
        EntropyStream entropy = EntropyTree.FromSeed(9).Stream(0);
        for (int ms = 0; ms < seconds * 1000; ms++)
        {
            Instant now = new(ms * TimeSpan.TicksPerMillisecond);
            for (int i = 0; i < 40; i++)
            {
                ulong address = spoofed ? 1_000_000 + (ulong)entropy.NextBelow(256) : 999;
                flood += budget.Admit(new(address, 999), 1, now) ? 1 : 0;
            }

            ulong node = (ulong)(ms % 200) + 1;
            offered++;
            honest += budget.Admit(new(node, node), 1, now) ? 1 : 0;
        }

        return (flood, honest, offered);
    }
}
