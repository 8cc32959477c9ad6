using Kadath.Node;
using Xunit;

namespace Kadath.Tests.Node.Bootstrap;

/// <summary>When a changed network is told: once for what belongs together, and not never.</summary>
public sealed class NetworkWatchTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Changes_in_a_moment_are_told_once_when_they_have_settled()
    {
        int told = 0;
        using NetworkWatch watch = new(() => told++, _time);
        watch.Notice();
        _time.Advance(NetworkWatch.Settle / 2);
        watch.Notice();
        _time.Advance(NetworkWatch.Settle / 2);
        Assert.Equal(0, told);
        _time.Advance(NetworkWatch.Settle / 2);
        Assert.Equal(1, told);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, told);
    }

    [Fact]
    public void A_later_change_is_told_again()
    {
        int told = 0;
        using NetworkWatch watch = new(() => told++, _time);
        for (int i = 1; i <= 3; i++)
        {
            watch.Notice();
            _time.Advance(NetworkWatch.Settle);
            Assert.Equal(i, told);
        }
    }

    [Fact]
    public void Changes_that_never_settle_are_told_every_ten_seconds()
    {
        int told = 0;
        using NetworkWatch watch = new(() => told++, _time);
        for (int i = 0; i < 350; i++)
        {
            watch.Notice();
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(3, told);
    }

    [Fact]
    public void After_the_end_nothing_is_told()
    {
        int told = 0;
        NetworkWatch watch = new(() => told++, _time);
        watch.Notice();
        watch.Dispose();
        watch.Notice();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, told);
    }

    /// <summary>A clock that the test moves, with the one timer that the watch makes.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private readonly List<ManualTimer> _timers = [];
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ManualTimer timer = new(this, () => callback(state));
            _timers.Add(timer);
            return timer;
        }

        public void Advance(TimeSpan time)
        {
            _now += time;
            foreach (ManualTimer timer in _timers.Where(timer => timer.Due <= _now))
            {
                timer.Fire();
            }
        }

        private sealed class ManualTimer(ManualTime owner, Action callback) : ITimer
        {
            public TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : owner._now + dueTime;
                return true;
            }

            public void Fire()
            {
                Due = TimeSpan.MaxValue;
                callback();
            }

            public void Dispose() => Due = TimeSpan.MaxValue;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
