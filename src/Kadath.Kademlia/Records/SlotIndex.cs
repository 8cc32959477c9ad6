using System.Numerics;

namespace Kadath.Kademlia;

/// <summary>
/// An open-addressing index from 32 bits of a secretly keyed hash to slab entries. It stores the hash bits, so that growing and removing need no
/// keys; the caller compares keys. 8 bytes a place, at most 3/4 full, doubled when it would be fuller.
/// </summary>
internal sealed class SlotIndex
{
    private const int Smallest = 16;

    private ulong[] _places = [];
    private int _count;

    /// <summary>The first entry with these hash bits, or -1; go on with <see cref="Next"/> until the keys are equal.</summary>
    public int First(uint hash, out int place)
    {
        place = (int)(hash & (uint)(_places.Length - 1)) - 1;
        return _count == 0 ? -1 : Next(hash, ref place);
    }

    /// <summary>The next entry with these hash bits, or -1.</summary>
    public int Next(uint hash, ref int place)
    {
        int mask = _places.Length - 1;
        while (true)
        {
            place = (place + 1) & mask;
            ulong found = _places[place];
            if (found == 0)
            {
                return -1;
            }

            if ((uint)(found >> 32) == hash)
            {
                return (int)(uint)found - 1;
            }
        }
    }

    /// <summary>Adds an entry that is not in the index.</summary>
    public void Add(uint hash, int entry)
    {
        if (4 * (_count + 1) > 3 * _places.Length)
        {
            Grow();
        }

        Place(((ulong)hash << 32) | (uint)(entry + 1));
        _count++;
    }

    /// <summary>Removes an entry that is in the index, closing the gap behind it so that no mark is left.</summary>
    public void Remove(uint hash, int entry)
    {
        int mask = _places.Length - 1, hole = (int)hash & mask;
        ulong wanted = ((ulong)hash << 32) | (uint)(entry + 1);
        while (_places[hole] != wanted)
        {
            hole = (hole + 1) & mask;
        }

        for (int at = (hole + 1) & mask; _places[at] != 0; at = (at + 1) & mask)
        {
            int home = (int)(_places[at] >> 32) & mask;
            if (((at - home) & mask) >= ((at - hole) & mask))
            {
                _places[hole] = _places[at];
                hole = at;
            }
        }

        _places[hole] = 0;
        _count--;
    }

    private void Grow()
    {
        ulong[] old = _places;
        _places = new ulong[Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)old.Length * 2))];
        foreach (ulong place in old)
        {
            if (place != 0)
            {
                Place(place);
            }
        }
    }

    private void Place(ulong value)
    {
        int mask = _places.Length - 1, at = (int)(value >> 32) & mask;
        while (_places[at] != 0)
        {
            at = (at + 1) & mask;
        }

        _places[at] = value;
    }
}
