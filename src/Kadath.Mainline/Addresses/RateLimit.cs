using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>A token bucket in 16 bytes.</summary>
internal struct RateLimit(int perSecond, int burst)
{
    private readonly long _interval = TimeSpan.TicksPerSecond / perSecond;
    private readonly int _burst = burst;
    private long _theoretical;

    /// <summary>Takes one token; false if none is left.</summary>
    public bool TryTake(Instant now)
    {
        long theoretical = Math.Max(_theoretical, now.Ticks);
        if (theoretical - now.Ticks > _interval * (_burst - 1))
        {
            return false;
        }

        _theoretical = theoretical + _interval;
        return true;
    }
}
