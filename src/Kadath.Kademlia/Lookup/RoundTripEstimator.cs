namespace Kadath.Kademlia;

/// <summary>
/// The round trips that a node has seen, over all peers: what to expect of a peer of whom nothing is known. It tracks the 95th percentile of
/// answers, so that about one live peer in twenty is hedged, and follows the node's link as it changes. 24 bytes; no arithmetic but
/// multiplication and addition, so that a run repeats bit for bit on every machine.
/// </summary>
public sealed class RoundTripEstimator
{
    /// <summary>No soft timeout is shorter: below it, scheduling on either side, not the network, is measured (loopback answers in 0.1 ms).</summary>
    public static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(50);

    /// <summary>The soft timeout before the first sample: RFC 6298 §2.1.</summary>
    public static readonly TimeSpan Initial = TimeSpan.FromSeconds(1);

    private const double Quantile = 0.95;
    private const int EnoughSamples = 8;
    private const double SlowestGain = 0.08;

    private double _ticks;
    private int _samples;

    /// <summary>Samples taken, up to a million.</summary>
    public int Samples => _samples;

    /// <summary>The soft timeout for a peer of whom nothing is known; never below <see cref="Floor"/>. Bound it by the hard timeout.</summary>
    public TimeSpan SoftTimeout
    {
        get
        {
            // The first few answers come from the quickest peers: until there are enough, the initial value keeps a share.
            double prior = (double)Math.Max(EnoughSamples - _samples, 0) / EnoughSamples;
            return TimeSpan.FromTicks(Math.Max((long)(_ticks + (prior * (Initial.Ticks - _ticks))), Floor.Ticks));
        }
    }

    /// <summary>Takes the round trip of an answer; one that is negative or above a minute is ignored.</summary>
    public void Observe(TimeSpan roundTrip)
    {
        long ticks = Math.Max(roundTrip.Ticks, 1);
        if (roundTrip < TimeSpan.Zero || ticks > TimeSpan.TicksPerMinute)
        {
            return;
        }

        if (_samples == 0)
        {
            // RFC 6298 §2.2: one sample R gives a timeout of R + 4·R/2.
            _ticks = 3.0 * ticks;
        }
        else
        {
            // Multiplicative quantile tracking: up by q, down by 1 − q, in steps that shrink while the first samples come in.
            double gain = Math.Max(SlowestGain, 1.0 / (_samples + 1));
            _ticks *= ticks > _ticks ? 1 + (gain * Quantile) : 1 - (gain * (1 - Quantile));
        }

        _samples = Math.Min(_samples + 1, 1_000_000);
    }
}

/// <summary>
/// The round trips of one peer after RFC 6298: smoothed mean and deviation in milliseconds, 4 bytes, for tables and peer books to keep.
/// The default value knows nothing.
/// </summary>
public readonly struct PeerRoundTrip
{
    private readonly ushort _mean;
    private readonly ushort _deviation;

    private PeerRoundTrip(int mean, int deviation)
    {
        _mean = (ushort)Math.Clamp(mean, 1, ushort.MaxValue);
        _deviation = (ushort)Math.Clamp(deviation, 0, ushort.MaxValue);
    }

    /// <summary>True once a sample was taken.</summary>
    public bool IsKnown => _mean != 0;

    /// <summary>The smoothed round trip; zero if none is known.</summary>
    public TimeSpan Mean => TimeSpan.FromMilliseconds(_mean);

    /// <summary>
    /// The soft timeout of a peer of whom only the mean round trip is kept: three times it, as RFC 6298 §2.2 has it for one sample, since
    /// the deviation is not known; never below <see cref="RoundTripEstimator.Floor"/>. Null for zero, which is unknown.
    /// </summary>
    public static TimeSpan? SoftTimeoutOf(TimeSpan mean) =>
        mean <= TimeSpan.Zero ? null : 3 * mean < RoundTripEstimator.Floor ? RoundTripEstimator.Floor : 3 * mean;

    /// <summary>With one more sample (RFC 6298 §2.2 and §2.3).</summary>
    public PeerRoundTrip With(TimeSpan sample)
    {
        int milliseconds = (int)Math.Clamp(sample.Ticks / TimeSpan.TicksPerMillisecond, 1, ushort.MaxValue);
        return !IsKnown
            ? new(milliseconds, (milliseconds + 1) / 2)
            : new(((7 * _mean) + milliseconds + 4) / 8, ((3 * _deviation) + Math.Abs(_mean - milliseconds) + 2) / 4);
    }

    /// <summary>The soft timeout of this peer, never below <see cref="RoundTripEstimator.Floor"/>; null if nothing is known.</summary>
    public TimeSpan? SoftTimeout => IsKnown
        ? TimeSpan.FromMilliseconds(Math.Max(_mean + (4 * _deviation), (int)RoundTripEstimator.Floor.TotalMilliseconds))
        : null;
}
