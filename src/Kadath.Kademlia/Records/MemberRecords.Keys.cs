using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kadath.Primitives;

namespace Kadath.Kademlia;

public sealed partial class MemberRecords<TId, TMember>
{
    // The keys in an order without gaps, which sampling shuffles: a key's place in it is kept in its entry.
    private readonly PagedNumbers _dense = new();
    private uint _departures;

    /// <summary>Members of one sample at most: as many as any reply could carry.</summary>
    public const int MaxSample = 1024;

    /// <summary>Members of a key in the classes of a mask.</summary>
    public int CountOf(in TId key, int classes = AllClasses)
    {
        int holder = FindKey(key, out _), count = 0;
        for (int c = 0; holder >= 0 && c < Classes; c++)
        {
            count += (classes >> c & 1) * _keys[holder].Lists[c].Count;
        }

        return count;
    }

    /// <summary>
    /// A number that differs from an earlier one if members have left the key or changed their class since, or it was empty meanwhile; 0 for a
    /// key without members. What is derived from all members of a key (BEP 33 filters) can be kept as long as it stays, newcomers added.
    /// </summary>
    public uint DeparturesOf(in TId key) => FindKey(key, out _) is >= 0 and int holder ? _keys[holder].Departures : 0;

    /// <summary>
    /// Fills the span with a uniform sample without repetition of a key's members in the classes of a mask; returns how many there are in it:
    /// all where they fit, else at most <see cref="MaxSample"/>. The subset is uniform, its order is not.
    /// </summary>
    public int Sample(in TId key, int classes, Span<TMember> destination)
    {
        int holder = FindKey(key, out _);
        if (holder < 0)
        {
            return 0;
        }

        ref KeyEntry entry = ref _keys[holder];
        int total = CountIn(entry, classes), count = Math.Min(total, destination.Length);
        if (count == total)
        {
            return CopyAll(ref entry, classes, destination);
        }

        count = Math.Min(count, MaxSample);
        Distinct drawn = new(stackalloc int[Distinct.PlacesFor(count)]);
        for (int i = 0; i < count; i++)
        {
            // Floyd: a uniform subset of positions by one draw each, without touching the members that are not in it.
            int bound = total - count + i, position = _entropy.NextBelow(bound + 1);
            position = drawn.Add(position) ? position : drawn.Last(bound);
            destination[i] = _members[MemberAt(ref entry, classes, position)].Member;
        }

        return count;
    }

    /// <summary>
    /// Copies a key's members of one class, from <paramref name="skip"/> on, in no particular order; returns how many. For Bloom filters
    /// (BEP 33), which need them all: changing the key in between changes the order.
    /// </summary>
    public int CopyMembers(in TId key, int memberClass, int skip, Span<TMember> destination)
    {
        int holder = FindKey(key, out _);
        if (holder < 0 || (uint)memberClass >= Classes)
        {
            return 0;
        }

        Span<int> list = ListOf(ref _keys[holder].Lists[memberClass]);
        int count = Math.Clamp(list.Length - skip, 0, destination.Length);
        for (int i = 0; i < count; i++)
        {
            destination[i] = _members[list[skip + i]].Member;
        }

        return count;
    }

    /// <summary>Fills the span with a uniform sample of keys without repetition (BEP 51); returns how many.</summary>
    public int SampleKeys(Span<TId> destination)
    {
        int count = Math.Min(_keys.Count, destination.Length);
        for (int i = 0; i < count; i++)
        {
            int chosen = i + _entropy.NextBelow(_keys.Count - i);
            (_dense[i], _dense[chosen]) = (_dense[chosen], _dense[i]);
            _keys[_dense[i]].Dense = i;
            _keys[_dense[chosen]].Dense = chosen;
            destination[i] = _keys[_dense[i]].Key;
        }

        return count;
    }

    /// <summary>Where all fit there is nothing to choose: no randomness is drawn.</summary>
    private int CopyAll(ref KeyEntry entry, int classes, Span<TMember> destination)
    {
        int count = 0;
        for (int c = 0; c < Classes; c++)
        {
            if ((classes >> c & 1) != 0)
            {
                foreach (int at in ListOf(ref entry.Lists[c]))
                {
                    destination[count++] = _members[at].Member;
                }
            }
        }

        return count;
    }

    private static int CountIn(in KeyEntry entry, int classes)
    {
        int count = 0;
        for (int c = 0; c < Classes; c++)
        {
            count += (classes >> c & 1) * entry.Lists[c].Count;
        }

        return count;
    }

    /// <summary>The member at a position of the lists of these classes, one after the other.</summary>
    private int MemberAt(ref KeyEntry entry, int classes, int position)
    {
        int c = 0;
        for (; (classes >> c & 1) == 0 || position >= entry.Lists[c].Count; c++)
        {
            position -= (classes >> c & 1) * entry.Lists[c].Count;
        }

        return ListOf(ref entry.Lists[c])[position];
    }

    private int FindKey(in TId key, out uint hash)
    {
        Span<byte> bytes = stackalloc byte[TId.Size];
        key.Write(bytes);
        hash = (uint)_hash.Hash(_hashKey, bytes);
        for (int at = _keyIndex.First(hash, out int place); at >= 0; at = _keyIndex.Next(hash, ref place))
        {
            if (_keys[at].Key.Equals(key))
            {
                return at;
            }
        }

        return -1;
    }

    private int AddKey(in TId key, uint hash)
    {
        int holder = _keys.Allocate();
        ref KeyEntry entry = ref _keys[holder];
        entry.Key = key;
        entry.Hash = hash;
        entry.Expires = 1;
        entry.Departures = NextDeparture();
        entry.Dense = _keys.Count - 1;
        _dense.Reserve(entry.Dense);
        _dense[entry.Dense] = holder;
        _keyIndex.Add(hash, holder);
        return holder;
    }

    private void RemoveKey(int holder)
    {
        ref KeyEntry entry = ref _keys[holder];
        int last = _dense[_keys.Count - 1];
        _dense[entry.Dense] = last;
        _keys[last].Dense = entry.Dense;
        _keyIndex.Remove(entry.Hash, holder);
        _keys.Free(holder);
    }

    private void Attach(int at)
    {
        ref MemberEntry member = ref _members[at];
        ref KeyEntry key = ref _keys[member.Key];
        ref ClassList list = ref key.Lists[member.Member.Class];
        member.Position = list.Count;
        if (list.Count == 0)
        {
            list.Block = at;
        }
        else
        {
            Grow(ref list);
            Block(list)[list.Count] = at;
        }

        list.Count++;
        key.Total++;
    }

    private void Detach(int at)
    {
        ref MemberEntry member = ref _members[at];
        ref KeyEntry key = ref _keys[member.Key];
        ref ClassList list = ref key.Lists[member.Member.Class];
        Span<int> items = ListOf(ref list);
        int last = items[^1];
        items[member.Position] = last;
        _members[last].Position = member.Position;
        list.Count--;
        key.Total--;
        key.Departures = NextDeparture();
        if (list.Count <= 1 && list.Capacity > 0)
        {
            int only = items[0];
            _blocks.Free(list.Block, list.Capacity * sizeof(int));
            list.Capacity = 0;
            list.Block = only;
        }
    }

    private uint NextDeparture() => _departures = Math.Max(1, _departures + 1);

    /// <summary>A list of one holds its member in place of a block: most keys have one member.</summary>
    private void Grow(ref ClassList list)
    {
        if (list.Count < list.Capacity)
        {
            return;
        }

        int capacity = Math.Max(4, 2 * list.Capacity), block = _blocks.Allocate(capacity * sizeof(int));
        Span<int> items = MemoryMarshal.Cast<byte, int>(_blocks.Get(block, capacity * sizeof(int)));
        ListOf(ref list).CopyTo(items);
        if (list.Capacity > 0)
        {
            _blocks.Free(list.Block, list.Capacity * sizeof(int));
        }

        list.Block = block;
        list.Capacity = capacity;
    }

    private Span<int> Block(in ClassList list) => MemoryMarshal.Cast<byte, int>(_blocks.Get(list.Block, list.Capacity * sizeof(int)));

    private Span<int> ListOf(ref ClassList list) =>
        list.Capacity > 0 ? Block(list)[..list.Count] : MemoryMarshal.CreateSpan(ref list.Block, list.Count);

    private struct ClassList
    {
        // The block's number, or the only member where there is no block.
        public int Block;
        public int Count;
        public int Capacity;
    }

    /// <summary>A set of positions on the stack, at most half full.</summary>
    private readonly ref struct Distinct(Span<int> places)
    {
        private readonly Span<int> _places = places;

        public static int PlacesFor(int count) => 2 * (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 1));

        /// <summary>False if it was there. Places hold the position + 1.</summary>
        public bool Add(int position)
        {
            int mask = _places.Length - 1, at = (position * 40503) & mask;
            for (; _places[at] != 0; at = (at + 1) & mask)
            {
                if (_places[at] == position + 1)
                {
                    return false;
                }
            }

            _places[at] = position + 1;
            return true;
        }

        /// <summary>Adds a position that is higher than all before it.</summary>
        public int Last(int position)
        {
            Add(position);
            return position;
        }
    }

    [InlineArray(Classes)]
    private struct ClassLists
    {
        private ClassList _first;
    }

    private struct KeyEntry : ISlabEntry
    {
        public TId Key;
        public ClassLists Lists;
        public uint Hash;
        public int Total;
        public int Dense;
        public uint Departures;

        public int Next { get; set; }

        public int Previous { get; set; }

        public uint Expires { get; set; }
    }
}
