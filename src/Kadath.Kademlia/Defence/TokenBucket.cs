using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>A fixed rate with a burst, as the one instant of the generic cell rate algorithm: for what is never worth more, however idle the node.</summary>
public struct TokenBucket
{
    private readonly long _interval;
    private readonly long _tolerance;
    private long _arrival;

    /// <summary>A full bucket.</summary>
    /// <param name="perSecond">Tokens a second; 1 to 1,000,000.</param>
    /// <param name="burst">Tokens that a rested bucket holds; 1 or more.</param>
    public TokenBucket(int perSecond, int burst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _interval = TimeSpan.TicksPerSecond / perSecond;
        _tolerance = _interval * (burst - 1);
        _arrival = long.MinValue / 2;
    }

    /// <summary>Takes a token if there is one.</summary>
    public bool TryTake(Instant now)
    {
        if (_arrival > now.Ticks + _tolerance)
        {
            return false;
        }

        _arrival = Math.Max(_arrival, now.Ticks) + _interval;
        return true;
    }
}
