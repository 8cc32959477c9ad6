namespace Kadath.Primitives;

/// <summary>
/// Deadlines of numbered slots: a binary heap that knows where each slot stands, so that one can be moved or taken out in O(log n). Equal
/// deadlines leave in the order of their slots. Nothing is allocated once it has grown, and nothing before the first deadline.
/// </summary>
public sealed class DeadlineHeap
{
    private Entry[] _heap = [];

    // Position + 1, so that what was never used is 0.
    private int[] _positions = [];
    private int _count;

    /// <summary>Slots that have a deadline.</summary>
    public int Count => _count;

    /// <summary>The earliest deadline, or never.</summary>
    public Instant Earliest => _count == 0 ? Instant.Never : _heap[0].At;

    /// <summary>Gives a slot a deadline, in place of the one it has; <see cref="Instant.Never"/> takes it out.</summary>
    /// <param name="slot">Its number, 0 or more; memory grows with the largest.</param>
    /// <param name="at">When it is due.</param>
    public void Set(int slot, Instant at)
    {
        if (at == Instant.Never)
        {
            Remove(slot);
            return;
        }

        if (slot >= _positions.Length)
        {
            Array.Resize(ref _positions, Math.Max(8, Math.Max(2 * _positions.Length, slot + 1)));
        }

        int position = _positions[slot] - 1;
        if (position >= 0)
        {
            Instant before = _heap[position].At;
            if (at < before)
            {
                Rise(position, new(at, slot));
            }
            else if (at > before)
            {
                Sink(position, new(at, slot));
            }

            return;
        }

        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, Math.Max(8, 2 * _count));
        }

        Rise(_count++, new(at, slot));
    }

    /// <summary>The earliest slot, which stays; false if none has a deadline.</summary>
    public bool TryPeek(out int slot)
    {
        slot = _count > 0 ? _heap[0].Slot : -1;
        return slot >= 0;
    }

    /// <summary>Takes out the earliest slot if it is due.</summary>
    public bool TryTake(Instant now, out int slot)
    {
        slot = _count > 0 && _heap[0].At <= now ? _heap[0].Slot : -1;
        return slot >= 0 && Remove(slot);
    }

    /// <summary>Takes out a slot; false if it has no deadline.</summary>
    public bool Remove(int slot)
    {
        if (slot >= _positions.Length || _positions[slot] == 0)
        {
            return false;
        }

        int hole = _positions[slot] - 1;
        _positions[slot] = 0;
        Entry last = _heap[--_count];
        if (hole < _count)
        {
            Sink(hole, last);
            if (_heap[hole].Slot == last.Slot)
            {
                Rise(hole, last);
            }
        }

        return true;
    }

    private void Rise(int at, Entry entry)
    {
        while (at > 0 && entry.IsBefore(_heap[(at - 1) / 2]))
        {
            Put(at, _heap[(at - 1) / 2]);
            at = (at - 1) / 2;
        }

        Put(at, entry);
    }

    private void Sink(int at, Entry entry)
    {
        for (int child = (2 * at) + 1; child < _count; child = (2 * at) + 1)
        {
            child += child + 1 < _count && _heap[child + 1].IsBefore(_heap[child]) ? 1 : 0;
            if (!_heap[child].IsBefore(entry))
            {
                break;
            }

            Put(at, _heap[child]);
            at = child;
        }

        Put(at, entry);
    }

    private void Put(int at, Entry entry)
    {
        _heap[at] = entry;
        _positions[entry.Slot] = at + 1;
    }

    private readonly record struct Entry(Instant At, int Slot)
    {
        public bool IsBefore(in Entry other) => At != other.At ? At < other.At : Slot < other.Slot;
    }
}
