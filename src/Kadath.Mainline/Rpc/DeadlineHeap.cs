using Kadath.Primitives;

namespace Kadath.Mainline.Rpc;

/// <summary>Deadlines of numbered slots: a binary heap that knows where each slot stands, so that one can be taken out early. Equal deadlines leave in the order of their slots.</summary>
internal sealed class DeadlineHeap
{
    private Entry[] _heap = [];
    private short[] _positions = [];
    private int _count;

    public int Count => _count;

    /// <summary>The earliest deadline, or never.</summary>
    public Instant Earliest => _count == 0 ? Instant.Never : _heap[0].At;

    /// <summary>Sets the deadline of a slot that has none.</summary>
    public void Add(int slot, Instant at)
    {
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, Math.Max(8, 2 * _count));
        }

        if (slot >= _positions.Length)
        {
            int old = _positions.Length;
            Array.Resize(ref _positions, Math.Max(8, Math.Max(2 * old, slot + 1)));
            Array.Fill(_positions, (short)-1, old, _positions.Length - old);
        }

        Rise(_count++, new(at, (short)slot));
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
        if (slot >= _positions.Length || _positions[slot] < 0)
        {
            return false;
        }

        int hole = _positions[slot];
        _positions[slot] = -1;
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
        _positions[entry.Slot] = (short)at;
    }

    private readonly record struct Entry(Instant At, short Slot)
    {
        public bool IsBefore(in Entry other) => At != other.At ? At < other.At : Slot < other.Slot;
    }
}
