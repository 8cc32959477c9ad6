using System.Numerics;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// Keeps our queries to one address within what foreign nodes tolerate: a burst, then a steady rate. State is one instant per address (the generic cell
/// rate algorithm), kept only while the address is not fully rested, in sets of eight under a secret; it grows with use up to its bound.
/// </summary>
public sealed class OutboundPacer
{
    private const int Ways = 8;
    private const int SmallestSets = 2;

    private readonly long _interval;
    private readonly long _tolerance;
    private readonly int _maxSets;
    private ulong _secret;
    private (ulong Address, long Rested)[] _places = [];
    private Instant _rested;

    /// <summary>Creates a pacer that holds nothing yet.</summary>
    /// <param name="burst">Queries that a rested address takes at once; Mainline: 10 (mldht drops beyond).</param>
    /// <param name="interval">Between queries after that; Mainline: 500 ms.</param>
    /// <param name="entropy">The secret of its hash.</param>
    /// <param name="maxAddresses">Addresses that are paced at once, at most; rounded up to a power of two of at least 16. 16 bytes each.</param>
    public OutboundPacer(int burst, TimeSpan interval, EntropyStream entropy, int maxAddresses = 8192)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        RecordBounds.Within(maxAddresses, 1, 1 << 24, nameof(maxAddresses));
        _interval = interval.Ticks;
        _tolerance = _interval * (burst - 1);
        _secret = entropy.NextUInt64();
        _maxSets = Math.Max((int)BitOperations.RoundUpToPowerOf2((uint)maxAddresses) / Ways, SmallestSets);
    }

    /// <summary>Addresses forgotten before they were rested, because the bound was reached.</summary>
    public long Forgotten { get; private set; }

    /// <summary>When every address is rested: from then on nothing is remembered that matters.</summary>
    public Instant Rested => _rested;

    /// <summary>Forgets all addresses and takes another secret, so that another node can use the memory.</summary>
    public void Reset(EntropyStream entropy)
    {
        Array.Clear(_places);
        _secret = entropy.NextUInt64();
        _rested = Instant.Zero;
        Forgotten = 0;
    }

    /// <summary>
    /// Books a query to an address if one is permitted now. If not, <paramref name="earliest"/> says from when on one will be; nothing is booked.
    /// </summary>
    /// <param name="address">The narrow group key of the peer; 0 is exempt.</param>
    /// <param name="now">The time.</param>
    /// <param name="earliest">When a query is permitted: now if it was booked.</param>
    public bool TrySend(ulong address, Instant now, out Instant earliest)
    {
        earliest = now;
        if (address == 0)
        {
            return true;
        }

        ref (ulong Address, long Rested) place = ref Find(address, now);
        long rested = place.Address == address ? Math.Max(place.Rested, now.Ticks) : now.Ticks;
        if (rested > now.Ticks + _tolerance)
        {
            earliest = new(rested - _tolerance);
            return false;
        }

        place = (address, rested + _interval);
        _rested = Instant.Max(_rested, new(place.Rested));
        return true;
    }

    private ref (ulong Address, long Rested) Find(ulong address, Instant now)
    {
        while (true)
        {
            int sets = _places.Length / Ways, best = -1;
            if (sets > 0)
            {
                int first = SetOf(address, sets) * Ways;
                best = first;
                for (int at = first; at < first + Ways; at++)
                {
                    if (_places[at].Address == address)
                    {
                        return ref _places[at];
                    }

                    best = _places[at].Rested < _places[best].Rested ? at : best;
                }

                if (_places[best].Address == 0 || _places[best].Rested <= now.Ticks)
                {
                    return ref _places[best];
                }
            }

            if (sets == _maxSets)
            {
                Forgotten++;
                return ref _places[best];
            }

            Grow(Math.Max(2 * sets, SmallestSets), now);
        }
    }

    private int SetOf(ulong address, int sets)
    {
        ulong high = Math.BigMul(address ^ _secret, 0x9E3779B97F4A7C15UL, out ulong low);
        high = Math.BigMul(high ^ low, _secret | 1, out low);
        return (int)(high ^ low) & (sets - 1);
    }

    private void Grow(int sets, Instant now)
    {
        (ulong Address, long Rested)[] old = _places;
        _places = new (ulong, long)[sets * Ways];
        foreach ((ulong Address, long Rested) place in old)
        {
            if (place.Address != 0 && place.Rested > now.Ticks)
            {
                // Doubling splits each set in two, so that there is always room.
                int at = SetOf(place.Address, sets) * Ways;
                while (_places[at].Address != 0)
                {
                    at++;
                }

                _places[at] = place;
            }
        }
    }
}
