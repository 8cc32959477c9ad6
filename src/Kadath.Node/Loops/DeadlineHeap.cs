namespace Kadath.Node;

/// <summary>A binary heap of members by deadline; each member knows its position, so that a changed deadline costs O(log n).</summary>
internal sealed class DeadlineHeap
{
    private LoopSlot[] _slots = new LoopSlot[8];
    private int _count;

    /// <summary>The earliest deadline, in ticks; <see cref="long.MaxValue"/> for none.</summary>
    public long Earliest => _count == 0 ? long.MaxValue : _slots[0].Deadline;

    /// <summary>The member with the earliest deadline; null if there is none.</summary>
    public LoopSlot? First => _count == 0 ? null : _slots[0];

    public void Add(LoopSlot slot)
    {
        if (_count == _slots.Length)
        {
            Array.Resize(ref _slots, _count * 2);
        }

        slot.HeapIndex = _count;
        _slots[_count++] = slot;
        Up(slot.HeapIndex);
    }

    public void Update(LoopSlot slot, long deadline)
    {
        long before = slot.Deadline;
        if (before == deadline || slot.HeapIndex < 0)
        {
            return;
        }

        slot.Deadline = deadline;
        if (deadline < before)
        {
            Up(slot.HeapIndex);
        }
        else
        {
            Down(slot.HeapIndex);
        }
    }

    public void Remove(LoopSlot slot)
    {
        int index = slot.HeapIndex;
        if (index < 0)
        {
            return;
        }

        slot.HeapIndex = -1;
        LoopSlot last = _slots[--_count];
        _slots[_count] = null!;
        if (!ReferenceEquals(last, slot))
        {
            _slots[index] = last;
            last.HeapIndex = index;
            Up(index);
            Down(last.HeapIndex);
        }
    }

    private void Up(int index)
    {
        LoopSlot moving = _slots[index];
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (_slots[parent].Deadline <= moving.Deadline)
            {
                break;
            }

            Place(_slots[parent], index);
            index = parent;
        }

        Place(moving, index);
    }

    private void Down(int index)
    {
        LoopSlot moving = _slots[index];
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _slots[child + 1].Deadline < _slots[child].Deadline)
            {
                child++;
            }

            if (_slots[child].Deadline >= moving.Deadline)
            {
                break;
            }

            Place(_slots[child], index);
            index = child;
        }

        Place(moving, index);
    }

    private void Place(LoopSlot slot, int index)
    {
        _slots[index] = slot;
        slot.HeapIndex = index;
    }
}
