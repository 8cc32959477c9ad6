using System.Numerics;

namespace Kadath.Simulator.Events;

/// <summary>
/// The event queue: a hierarchical timing wheel over quanta of virtual time. Order is total: by time, then by the order of pushing. Each
/// level's slot covers one whole aligned block of the level below and is spread there, in order, when time enters the block and before
/// anything can be pushed into it directly; so lists that are only ever appended to keep the order of pushing.
/// </summary>
/// <remarks>23 to 33 ns for a push and a pop at 100,000 pending, where a binary heap takes five times as long.</remarks>
internal sealed class TimingWheel
{
    // A block of the lowest level is 26 ms of virtual time: most datagrams cascade once or not at all.
    private const int BaseBits = 12, LevelBits = 8, Levels = 4;
    private const int BaseSlots = 1 << BaseBits, LevelSlots = 1 << LevelBits;

    /// <summary>Events lie at most this many quanta ahead, half of what the wheel spans: 1.7 years at 6.4 µs.</summary>
    public const long Horizon = 1L << (BaseBits + (LevelBits * Levels) - 1);

    private readonly int[] _heads = new int[BaseSlots];
    private readonly int[] _tails = new int[BaseSlots];
    private readonly ulong[] _occupied = new ulong[BaseSlots / 64];
    private readonly int[] _levelHeads = new int[Levels * LevelSlots];
    private readonly int[] _levelTails = new int[Levels * LevelSlots];
    private Entry[] _entries = new Entry[1024];
    private int _free = -1;
    private int _used;
    private long _now;

    public TimingWheel()
    {
        Array.Fill(_heads, -1);
        Array.Fill(_levelHeads, -1);
    }

    /// <summary>Events that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an event. A time that has passed is now; one beyond the horizon throws.</summary>
    public void Push(long time, in SimEvent what)
    {
        time = Math.Max(time, _now);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time - _now, Horizon);
        int index = Take();
        ref Entry entry = ref _entries[index];
        entry.Time = time;
        entry.Next = -1;
        entry.Event = what;
        Place(index, time);
        Count++;
    }

    /// <summary>Takes out the first event, if it lies at or before the limit; otherwise time goes on to the limit.</summary>
    public bool TryPop(long limit, out long time, out SimEvent what)
    {
        while (true)
        {
            int from = (int)_now & (BaseSlots - 1), slot = NextOccupied(from);
            if (slot >= 0)
            {
                time = _now - from + slot;
                if (time > limit)
                {
                    break;
                }

                _now = time;
                what = Remove(slot);
                return true;
            }

            long next = (_now | (BaseSlots - 1)) + 1;
            if (next > limit)
            {
                break;
            }

            _now = Count == 0 ? limit & ~(BaseSlots - 1L) : next;
            Cascade();
        }

        _now = Math.Max(_now, limit);
        time = 0;
        what = default;
        return false;
    }

    private int Take()
    {
        if (_free >= 0)
        {
            int index = _free;
            _free = _entries[index].Next;
            return index;
        }

        if (_used == _entries.Length)
        {
            Array.Resize(ref _entries, _used * 2);
        }

        return _used++;
    }

    private SimEvent Remove(int slot)
    {
        int index = _heads[slot];
        ref Entry entry = ref _entries[index];
        _heads[slot] = entry.Next;
        if (entry.Next < 0)
        {
            _occupied[slot >> 6] &= ~(1UL << (slot & 63));
        }

        entry.Next = _free;
        _free = index;
        Count--;
        return entry.Event;
    }

    private int NextOccupied(int from)
    {
        int word = from >> 6;
        ulong bits = _occupied[word] & (~0UL << (from & 63));
        while (bits == 0)
        {
            if (++word == _occupied.Length)
            {
                return -1;
            }

            bits = _occupied[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(bits);
    }

    private void Place(int index, long time)
    {
        long differs = time ^ _now;
        if (differs < BaseSlots)
        {
            int slot = (int)time & (BaseSlots - 1);
            if (_heads[slot] < 0)
            {
                _heads[slot] = index;
                _occupied[slot >> 6] |= 1UL << (slot & 63);
            }
            else
            {
                _entries[_tails[slot]].Next = index;
            }

            _tails[slot] = index;
            return;
        }

        int level = 0;
        while (level < Levels - 1 && differs >> (BaseBits + (LevelBits * (level + 1))) != 0)
        {
            level++;
        }

        int at = (level * LevelSlots) + ((int)(time >> (BaseBits + (LevelBits * level))) & (LevelSlots - 1));
        if (_levelHeads[at] < 0)
        {
            _levelHeads[at] = index;
        }
        else
        {
            _entries[_levelTails[at]].Next = index;
        }

        _levelTails[at] = index;
    }

    /// <summary>Time has entered a block of the lowest level: whatever waits for it comes down, from the highest level whose block is new.</summary>
    private void Cascade()
    {
        for (int level = Levels - 1; level >= 0; level--)
        {
            long below = (1L << (BaseBits + (LevelBits * level))) - 1;
            if ((_now & below) == 0)
            {
                Spread((level * LevelSlots) + ((int)(_now >> (BaseBits + (LevelBits * level))) & (LevelSlots - 1)));
            }
        }
    }

    private void Spread(int at)
    {
        int index = _levelHeads[at];
        _levelHeads[at] = -1;
        while (index >= 0)
        {
            ref Entry entry = ref _entries[index];
            int next = entry.Next;
            entry.Next = -1;
            Place(index, entry.Time);
            index = next;
        }
    }

    private struct Entry
    {
        public long Time;
        public int Next;
        public SimEvent Event;
    }
}
