using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

/// <summary>How a lookup ends where fewer than k nodes live: soon, but not before a slow one had its chance.</summary>
public class SmallNetworkTests
{
    [Theory]
    [InlineData(1000, 2.0)]
    [InlineData(300, 1.0)]
    [InlineData(50, 1.0)]
    public void The_dead_keep_a_lookup_no_longer_than_two_soft_timeouts_or_a_second(int softMilliseconds, double seconds)
    {
        (LookupMachine<Id160, int> lookup, List<int> slots) = Start(softMilliseconds, Instant.Zero);
        Instant answered = new(TimeSpan.TicksPerMillisecond);
        Assert.True(lookup.Replied(slots[0], [], null, 1, answered));
        Assert.Equal(Instant.Zero + TimeSpan.FromSeconds(seconds), RunToEnd(lookup, answered));
        Assert.Equal((LookupEnd.Exhausted, 1), (lookup.Report.End, lookup.Report.Answered));
    }

    [Fact]
    public void A_late_answer_still_counts_within_the_second()
    {
        (LookupMachine<Id160, int> lookup, List<int> slots) = Start(50, Instant.Zero);
        Assert.True(lookup.Replied(slots[0], [], null, 1, Instant.Zero));
        Instant late = Instant.Zero + TimeSpan.FromMilliseconds(900);
        Assert.Equal(late, RunUntil(lookup, late));
        Assert.True(lookup.Replied(slots[1], [], null, 1, late));
        RunToEnd(lookup, late);
        Assert.Equal((2, 1), (lookup.Report.Answered, lookup.Report.Late));
    }

    [Fact]
    public void Where_nobody_has_answered_the_wait_is_four_soft_timeouts()
    {
        (LookupMachine<Id160, int> lookup, _) = Start(1000, Instant.Zero);
        Assert.Equal(Instant.FromSeconds(4), RunToEnd(lookup, Instant.Zero));
        Assert.Equal(LookupEnd.Exhausted, lookup.Report.End);
    }

    private static (LookupMachine<Id160, int> Lookup, List<int> Slots) Start(int softMilliseconds, Instant now)
    {
        LookupMachine<Id160, int> lookup = new();
        LookupRequest<Id160, int> request = new()
        {
            Target = default, Self = new(ulong.MaxValue, 1, 1), Options = new(), Rules = new NumberRules(), RoundTrips = new(),
        };
        lookup.Start(request, [new(new(1, 0, 0), 1), new(new(2, 0, 0), 2), new(new(3, 0, 0), 3)], now);
        List<int> slots = [];
        while (lookup.TryNext(now, out LookupQuery<Id160, int> query))
        {
            slots.Add(query.Slot);
            lookup.Sent(query.Slot, now, TimeSpan.FromMilliseconds(softMilliseconds));
        }

        Assert.Equal(3, slots.Count);
        return (lookup, slots);
    }

    private static Instant RunToEnd(LookupMachine<Id160, int> lookup, Instant now)
    {
        Instant end = RunUntil(lookup, Instant.FromSeconds(100));
        Assert.True(lookup.IsDone);
        return Instant.Max(now, end);
    }

    private static Instant RunUntil(LookupMachine<Id160, int> lookup, Instant until)
    {
        Instant now = Instant.Zero;
        for (int wakes = 0; !lookup.IsDone; wakes++)
        {
            Assert.True(wakes < 50, "a deadline that was taken is stated again and again");
            Instant next = lookup.NextDeadline;
            if (next >= until)
            {
                return until;
            }

            now = next;
            lookup.Wake(now);
            Assert.False(lookup.TryNext(now, out _));
        }

        return now;
    }
}
