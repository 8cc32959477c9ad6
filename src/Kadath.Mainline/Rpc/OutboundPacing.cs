using Kadath.Primitives;

namespace Kadath.Mainline.Rpc;

/// <summary>
/// Paces queries to one address: a burst of 10, then 2 a second (mldht drops what exceeds it, libtorrent bans at 50 in 10 seconds). A query
/// beyond the burst gets a departure time and waits for it. An address is remembered only while it matters, five seconds after its last query.
/// </summary>
internal sealed class OutboundPacing
{
    /// <summary>Queries that may leave at once.</summary>
    public const int Burst = 10;

    /// <summary>Time between two queries beyond the burst.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>No query waits longer: a lookup would long have gone elsewhere.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    // 4,096 addresses in the five seconds that an entry lives are 800 a second: more than all lookups of a node together ask.
    private const int MinSlots = 16, MaxSlots = 8192;

    private static readonly TimeSpan Tolerance = Interval * (Burst - 1);

    private Entry[] _entries = [];
    private int _used;

    /// <summary>When a query to the address may leave: <paramref name="now"/>, or later; false if it would have to wait too long.</summary>
    public bool TryReserve(ulong address, Instant now, out Instant departure)
    {
        departure = now;
        if (_used >= _entries.Length / 2)
        {
            Rebuild(now);
            if (_used >= _entries.Length / 2)
            {
                return false;
            }
        }

        ref Entry entry = ref Find(address);
        Instant theoretical = entry.Address == 0 ? now : Instant.Max(entry.Theoretical, now);
        departure = Instant.Max(now, theoretical - Tolerance);
        if (departure - now > MaxWait)
        {
            return false;
        }

        _used += entry.Address == 0 ? 1 : 0;
        entry = new(address, theoretical + Interval);
        return true;
    }

    private ref Entry Find(ulong address)
    {
        int mask = _entries.Length - 1;
        int at = (int)((address * 0x9E3779B97F4A7C15UL) >> 40) & mask;
        while (_entries[at].Address != 0 && _entries[at].Address != address)
        {
            at = (at + 1) & mask;
        }

        return ref _entries[at];
    }

    private void Rebuild(Instant now)
    {
        Entry[] old = _entries;
        int live = 0;
        foreach (ref readonly Entry entry in old.AsSpan())
        {
            live += entry.Address != 0 && entry.Theoretical > now ? 1 : 0;
        }

        int size = MinSlots;
        while (size < MaxSlots && size < 4 * (live + 1))
        {
            size *= 2;
        }

        _entries = new Entry[size];
        _used = 0;
        foreach (ref readonly Entry entry in old.AsSpan())
        {
            if (entry.Address != 0 && entry.Theoretical > now)
            {
                Find(entry.Address) = entry;
                _used++;
            }
        }
    }

    private readonly record struct Entry(ulong Address, Instant Theoretical);
}
