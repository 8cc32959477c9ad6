using Kadath.Primitives;
using Kadath.Simulator.Events;
using Xunit;

namespace Kadath.Tests.Unit.Simulator.Events;

public sealed class TimingWheelTests
{
    [Theory]
    [InlineData(1, 3_000, 60_000)]
    [InlineData(2, 500_000, 60_000)]
    [InlineData(3, 4_000_000_000, 100)]
    public void Events_leave_in_order_of_time_and_then_of_pushing(ulong seed, long span, int count)
    {
        EntropyStream chance = EntropyTree.FromSeed(seed).Stream(0);
        var wheel = new TimingWheel();
        var reference = new PriorityQueue<int, (long, int)>();
        long now = 0;
        for (int number = 0; number < count; number++)
        {
            // Bursts at one moment, near futures and far ones; now and then time goes on.
            long time = now + (chance.NextBelow(4) == 0 ? 0 : (long)(chance.NextUInt64() % (ulong)span));
            wheel.Push(time, new(EventKind.Wake, number, 0));
            reference.Enqueue(number, (time, number));
            for (int pops = chance.NextBelow(3); pops > 0 && wheel.Count > 0; pops--)
            {
                now = PopBoth(wheel, reference, long.MaxValue);
            }
        }

        while (wheel.Count > 0)
        {
            PopBoth(wheel, reference, long.MaxValue);
        }

        Assert.Equal(0, reference.Count);
    }

    [Fact]
    public void Nothing_leaves_after_the_limit_and_time_goes_on_to_it()
    {
        var wheel = new TimingWheel();
        wheel.Push(1_000_000, new(EventKind.Wake, 1, 0));
        Assert.False(wheel.TryPop(999_999, out _, out _));
        wheel.Push(5, new(EventKind.Wake, 2, 0));
        Assert.True(wheel.TryPop(2_000_000, out long time, out SimEvent what));
        Assert.Equal((999_999, 2), (time, what.Node));
        Assert.True(wheel.TryPop(2_000_000, out time, out what));
        Assert.Equal((1_000_000, 1), (time, what.Node));
        Assert.False(wheel.TryPop(2_000_000, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => wheel.Push(long.MaxValue, default));
    }

    private static long PopBoth(TimingWheel wheel, PriorityQueue<int, (long, int)> reference, long limit)
    {
        Assert.True(wheel.TryPop(limit, out long time, out SimEvent what));
        Assert.True(reference.TryDequeue(out int number, out (long Time, int) order));
        Assert.Equal((order.Time, number), (time, what.Node));
        return time;
    }
}
