using System.Numerics;

namespace Kadath.Kademlia;

/// <summary>
/// An index from 32 bits of a secretly keyed hash to slab entries: extendible hashing over small tables of open addressing. It stores the hash
/// bits, so that growing and removing need no keys; the caller compares keys. 8 bytes a place, at most 3/4 full.
/// </summary>
/// <remarks>
/// A table that is full doubles up to 1,024 places and then splits in two by the next bit of the hash, so that no single insert moves more than
/// 768 entries and a directory of a few bytes per thousand, however many millions there are: a store that grows never stalls its loop.
/// </remarks>
internal sealed class SlotIndex
{
    private const int Smallest = 16;
    private const int Largest = 1024;

    // Beyond it, which two billion entries or a broken hash would reach, tables double again.
    private const int MaxDepth = 22;

    private Shard[] _directory = [new()];
    private int _depth;

    /// <summary>The most entries that one insert has moved so far.</summary>
    public int MostMoved { get; private set; }

    /// <summary>The most directory entries that one insert has written so far.</summary>
    public int MostRedirected { get; private set; }

    /// <summary>The first entry with these hash bits, or -1; go on with <see cref="Next"/> until the keys are equal.</summary>
    public int First(uint hash, out int place)
    {
        Shard shard = ShardOf(hash);
        place = (int)(hash & (uint)(shard.Places.Length - 1)) - 1;
        return shard.Count == 0 ? -1 : Next(hash, ref place);
    }

    /// <summary>The next entry with these hash bits, or -1.</summary>
    public int Next(uint hash, ref int place)
    {
        ulong[] places = ShardOf(hash).Places;
        int mask = places.Length - 1;
        while (true)
        {
            place = (place + 1) & mask;
            ulong found = places[place];
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
        int moved = 0, redirected = 0;
        Shard shard = ShardOf(hash);
        while (4 * (shard.Count + 1) > 3 * shard.Places.Length)
        {
            if (shard.Places.Length < Largest || shard.Depth == MaxDepth)
            {
                moved += shard.Count;
                shard.Double();
            }
            else
            {
                moved += shard.Count;
                redirected += Split(shard, hash);
                shard = ShardOf(hash);
            }
        }

        shard.Add(((ulong)hash << 32) | (uint)(entry + 1));
        MostMoved = Math.Max(MostMoved, moved);
        MostRedirected = Math.Max(MostRedirected, redirected);
    }

    /// <summary>Removes an entry that is in the index, closing the gap behind it so that no mark is left.</summary>
    public void Remove(uint hash, int entry) => ShardOf(hash).Remove(hash, ((ulong)hash << 32) | (uint)(entry + 1));

    private Shard ShardOf(uint hash) => _directory[_depth == 0 ? 0 : hash >> (32 - _depth)];

    /// <summary>Splits a full table by the next bit of the hash; returns how many directory entries were written.</summary>
    private int Split(Shard shard, uint hash)
    {
        int written = 0;
        if (shard.Depth == _depth)
        {
            Shard[] wider = new Shard[2 * _directory.Length];
            for (int i = 0; i < wider.Length; i++)
            {
                wider[i] = _directory[i >> 1];
            }

            _directory = wider;
            _depth++;
            written += wider.Length;
        }

        Shard upper = shard.Split();
        // The entries of a table lie side by side; the upper half goes to the sibling.
        int span = 1 << (_depth - shard.Depth + 1), first = (int)(hash >> (32 - _depth)) & -span;
        _directory.AsSpan(first + (span / 2), span / 2).Fill(upper);
        return written + (span / 2);
    }

    private sealed class Shard
    {
        public ulong[] Places { get; private set; } = [];

        public int Count { get; private set; }

        /// <summary>Leading bits that the hashes of all its entries share.</summary>
        public int Depth { get; private set; }

        public void Add(ulong value)
        {
            Place(value);
            Count++;
        }

        public void Double()
        {
            ulong[] old = Places;
            Places = new ulong[Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)old.Length * 2))];
            foreach (ulong place in old)
            {
                if (place != 0)
                {
                    Place(place);
                }
            }
        }

        /// <summary>Gives the entries whose next bit is set to a new table.</summary>
        public Shard Split()
        {
            ulong[] old = Places;
            Depth++;
            Shard upper = new() { Places = new ulong[old.Length], Depth = Depth };
            Places = new ulong[old.Length];
            Count = 0;
            foreach (ulong place in old)
            {
                if (place != 0)
                {
                    ((place >> (64 - Depth) & 1) == 0 ? this : upper).Add(place);
                }
            }

            return upper;
        }

        public void Remove(uint hash, ulong wanted)
        {
            int mask = Places.Length - 1, hole = (int)hash & mask;
            while (Places[hole] != wanted)
            {
                hole = (hole + 1) & mask;
            }

            for (int at = (hole + 1) & mask; Places[at] != 0; at = (at + 1) & mask)
            {
                int home = (int)(Places[at] >> 32) & mask;
                if (((at - home) & mask) >= ((at - hole) & mask))
                {
                    Places[hole] = Places[at];
                    hole = at;
                }
            }

            Places[hole] = 0;
            Count--;
        }

        private void Place(ulong value)
        {
            int mask = Places.Length - 1, at = (int)(value >> 32) & mask;
            while (Places[at] != 0)
            {
                at = (at + 1) & mask;
            }

            Places[at] = value;
        }
    }
}
