using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// Slab entries by the time at which they expire: 256 buckets over the longest TTL, each a linked list through the entries. Adding, removing and
/// expiring take constant time. An entry leaves at most one bucket's span late (28 s at 2 hours); readers check the exact time themselves.
/// </summary>
internal sealed class ExpiryWheel<T>(Slab<T> slab, TimeSpan longest)
    where T : struct, ISlabEntry
{
    private const int Buckets = 256;

    // One bucket more than the TTL needs, so that the newest entries never share one with the oldest.
    private readonly uint _span = (uint)Math.Max(1, (longest.Ticks / TimeSpan.TicksPerSecond / (Buckets - 2)) + 1);
    private int[] _heads = [];
    private int _count;
    private long _turn;
    private int _walk = -1;

    /// <summary>When <see cref="TryTakeDue"/> is worth calling again.</summary>
    public Instant NextDeadline { get; private set; } = Instant.Never;

    public void Add(int index)
    {
        if (_heads.Length == 0)
        {
            _heads = new int[Buckets];
            Array.Fill(_heads, -1);
        }

        ref T entry = ref slab[index];
        long turn = entry.Expires / _span;
        if (_count == 0)
        {
            _turn = turn;
            _walk = -1;
        }

        if (turn < _turn)
        {
            _turn = turn;
            _walk = -1;
        }

        ref int head = ref _heads[turn % Buckets];
        entry.Previous = -1;
        entry.Next = head;
        if (head >= 0)
        {
            slab[head].Previous = index;
        }

        head = index;
        _count++;
        NextDeadline = Instant.Min(NextDeadline, EndOf(turn));
    }

    public void Remove(int index)
    {
        ref T entry = ref slab[index];
        _walk = _walk == index ? entry.Next : _walk;
        if (entry.Next >= 0)
        {
            slab[entry.Next].Previous = entry.Previous;
        }

        if (entry.Previous >= 0)
        {
            slab[entry.Previous].Next = entry.Next;
        }
        else
        {
            _heads[entry.Expires / _span % Buckets] = entry.Next;
        }

        _count--;
        NextDeadline = _count == 0 ? Instant.Never : NextDeadline;
    }

    /// <summary>Takes out one entry whose bucket has passed.</summary>
    public bool TryTakeDue(Instant now, out int index)
    {
        index = -1;
        if (now < NextDeadline || _count == 0)
        {
            return false;
        }

        long current = now.Seconds / _span;
        _turn = Math.Max(_turn, current - Buckets);
        for (; _turn < current; _turn++, _walk = -1)
        {
            int at = _walk >= 0 ? _walk : _heads[_turn % Buckets];
            for (; at >= 0; at = slab[at].Next)
            {
                if (slab[at].Expires / _span < current)
                {
                    index = at;
                    _walk = slab[at].Next;
                    Remove(at);
                    return true;
                }
            }
        }

        NextDeadline = FirstDeadline();
        return false;
    }

    private Instant FirstDeadline()
    {
        for (long turn = _turn; turn < _turn + Buckets; turn++)
        {
            if (_heads[turn % Buckets] >= 0)
            {
                return EndOf(turn);
            }
        }

        return Instant.Never;
    }

    private Instant EndOf(long turn) => Instant.FromSeconds((uint)Math.Min((turn + 1) * _span, uint.MaxValue));
}
