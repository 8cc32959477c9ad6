using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>
/// The contacts closest to a target. Buckets, and groups within wide buckets, are disjoint ranges of distance: they are visited in the order
/// of distance, and only the few rows within one are sorted, by the upper 64 bits of their distance; the rest of the id decides ties only.
/// </content>
public sealed partial class RoutingTable<TId, THandle>
{
    /// <summary>Contacts that one search returns at most: more than any reply or shortlist takes.</summary>
    public const int MaxClosest = 128;

    // Counting ranks costs the square of the number: from about 48 on, sorting is cheaper.
    private const int MostRanked = 48;

    // Room for what the last bucket visited brings beyond the number that was asked for.
    private const int NearRoom = MaxClosest + 128;

    /// <summary>The contacts closest to a target, closest first, at most <see cref="MaxClosest"/>; returns how many.</summary>
    [SkipLocalsInit]
    public int Closest(in TId target, Span<Contact<TId, THandle>> into, ContactUse use)
    {
        Span<long> keys = stackalloc long[NearRoom];
        Span<int> places = stackalloc int[NearRoom];
        int wanted = Math.Min(into.Length, MaxClosest), found = Gather(target, wanted, keys, places, use == ContactUse.Name);
        Span<int> sorted = stackalloc int[NearRoom];
        Sort(keys, places, sorted, found, target);
        found = Math.Min(found, wanted);
        for (int i = 0; i < found; i++)
        {
            into[i] = ContactOf(MemoryMarshal.CreateReadOnlySpan(ref RowAt(sorted[i]), _rowSize));
        }

        return found;
    }

    /// <summary>
    /// Copies the packed rows (id, then handle) of the live contacts closest to a target, closest first; returns how many rows:
    /// as many as <paramref name="max"/>, the room in <paramref name="rows"/> and <see cref="MaxClosest"/> allow.
    /// </summary>
    [SkipLocalsInit]
    public int CopyClosest(in TId target, int max, Span<byte> rows)
    {
        int size = _rowSize;
        Span<long> keys = stackalloc long[NearRoom];
        Span<int> places = stackalloc int[NearRoom];
        int wanted = Math.Min(Math.Min(max, rows.Length / size), MaxClosest), found = Gather(target, wanted, keys, places, live: true);
        Span<int> sorted = stackalloc int[NearRoom];
        Sort(keys, places, sorted, found, target);
        found = Math.Min(found, wanted);
        ref byte destination = ref MemoryMarshal.GetReference(rows);
        for (int i = 0; i < found; i++)
        {
            CopyRow(ref RowAt(sorted[i]), ref destination, size);
            destination = ref Unsafe.Add(ref destination, size);
        }

        return found;
    }

    /// <summary>The contacts that share exactly <paramref name="depth"/> bits with our id, as networks ask for them that search by distance; returns how many.</summary>
    public int AtDepth(int depth, Span<Contact<TId, THandle>> into, ContactUse use)
    {
        int found = 0;
        for (int b = 0; b < _bucketCount && found < into.Length; b++)
        {
            ref Bucket bucket = ref _buckets[b];
            bool skip = !_splitsAll && b != Math.Min(depth, _bucketCount - 1);
            for (int i = 0; !skip && i < bucket.Count && found < into.Length; i++)
            {
                ReadOnlySpan<byte> row = RowSpan(bucket, i);
                if (NodeIds.CommonPrefix(Self, IdOf(row)) == depth && (use == ContactUse.Ask || Meta(bucket, i).IsLive))
                {
                    into[found++] = ContactOf(row);
                }
            }
        }

        return found;
    }

    /// <summary>Collects, bucket by bucket, until the wanted number is reached; what the last one brings too much is cut off after sorting.</summary>
    private int Gather(in TId target, int wanted, Span<long> keys, Span<int> places, bool live)
    {
        if (wanted <= 0 || (live ? _live : _count) == 0)
        {
            return 0;
        }

        Search search = new(ref MemoryMarshal.GetReference(keys), ref MemoryMarshal.GetReference(places), wanted, target.High ^ (1UL << 63), live);
        if (_splitsAll)
        {
            GatherLeaves(target, ref search);
        }
        else
        {
            GatherByDepth(target, ref search);
        }

        return search.Found;
    }

    /// <summary>
    /// Bucket d holds what is nearer to the target than all others if d is the length of its common prefix with us. Next come the deeper
    /// buckets at whose bit the target differs from us, in rising depth, then the last one, then the other deeper ones in falling depth
    /// (each is farther by its own bit), and then the shallower ones.
    /// </summary>
    private void GatherByDepth(in TId target, ref Search search)
    {
        TId difference = TId.Xor(Self, target);
        int last = _bucketCount - 1, home = Math.Min(TId.LeadingZeros(difference), last);
        GatherBucket(_buckets[home], target, ref search);
        if (search.IsDone)
        {
            return;
        }

        for (int depth = home + 1; depth < last && !search.IsDone; depth++)
        {
            if (HasBit(difference, depth))
            {
                GatherBucket(_buckets[depth], target, ref search);
            }
        }

        if (home < last && !search.IsDone)
        {
            GatherBucket(_buckets[last], target, ref search);
        }

        for (int depth = last - 1; depth > home && !search.IsDone; depth--)
        {
            if (!HasBit(difference, depth))
            {
                GatherBucket(_buckets[depth], target, ref search);
            }
        }

        for (int depth = home - 1; depth >= 0 && !search.IsDone; depth--)
        {
            GatherBucket(_buckets[depth], target, ref search);
        }
    }

    private static bool HasBit(in TId id, int bit) =>
        bit < 64 ? (id.High << bit) >> 63 != 0 : TId.LeadingZeros(TId.Splice(default, id, bit)) == bit;

    private void GatherLeaves(in TId target, ref Search search)
    {
        uint home = (uint)(target.High >> (64 - _directoryBits)), end = 1u << _directoryBits;
        for (uint step = 0; step < end && !search.IsDone;)
        {
            // The place of its chunks follows from its number: one wait for memory less than through the bucket.
            int index = _directory[home ^ step];
            ref Bucket bucket = ref _buckets[index];
            Collect(index * _chunksPerLeaf, 0, bucket.Count, ref search);
            step = (step | ((1u << (_directoryBits - bucket.Depth)) - 1)) + 1;
        }
    }

    private void GatherBucket(in Bucket bucket, in TId target, ref Search search)
    {
        if (bucket.Groups == Bucket.NoGroups)
        {
            Collect(bucket.First, 0, bucket.Count, ref search);
            return;
        }

        ref byte starts = ref _groupStarts[bucket.Groups * GroupCount];
        int home = GroupOf(bucket, target);
        for (int step = 0; step < GroupCount && !search.IsDone; step++)
        {
            int group = home ^ step, from = Unsafe.Add(ref starts, group);
            int to = group == GroupCount - 1 ? bucket.Count : Unsafe.Add(ref starts, group + 1);
            Collect(bucket.First, from, to, ref search);
        }
    }

    private void Collect(int first, int from, int to, ref Search search)
    {
        int size = _rowSize, found = search.Found;
        byte mask = search.LiveMask, wanted = search.LiveValue;
        while (from < to)
        {
            int chunk = _chunks[first + (from >> ChunkShift)];
            ref byte rows = ref Slab.Contacts.At(chunk);
            for (int end = Math.Min(to, (from | RowMask) + 1); from < end; from++)
            {
                int row = from & RowMask;
                ulong head = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref rows, (nint)(row * size)));
                ulong high = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(head) : head;
                Unsafe.Add(ref search.Keys, found) = (long)(high ^ search.Flip);
                Unsafe.Add(ref search.Places, found) = (chunk << ChunkShift) | row;
                int flags = Unsafe.As<byte, RowMeta>(ref Unsafe.Add(ref rows, (nint)((RowsPerChunk * size) + (row * RowMeta.Size)))).Flags;
                found += (flags & mask) == wanted ? 1 : 0;
            }
        }

        search.Found = found;
    }

    /// <summary>
    /// Sorts places by their keys: each goes where as many keys are smaller, which eight lanes count at a time and no branch has to guess.
    /// </summary>
    [SkipLocalsInit]
    private void Sort(Span<long> keys, Span<int> places, Span<int> sorted, int count, in TId target)
    {
        if (count > MostRanked)
        {
            keys[..count].Sort(places[..count]);
            places[..count].CopyTo(sorted);
            SettleTies(keys, sorted, count, target);
            return;
        }

        ref long first = ref MemoryMarshal.GetReference(keys);
        Span<long> ranks = stackalloc long[MostRanked + Vector512<long>.Count];
        long sum = 0;
        for (int i = 0; i < count; i += Vector512<long>.Count)
        {
            Vector512<long> own = Vector512.LoadUnsafe(ref first, (nuint)i), rank = Vector512<long>.Zero;
            for (int j = 0; j < count; j++)
            {
                rank -= Vector512.GreaterThan(own, Vector512.Create(Unsafe.Add(ref first, j)));
            }

            rank.StoreUnsafe(ref MemoryMarshal.GetReference(ranks), (nuint)i);
        }

        for (int i = 0; i < count; i++)
        {
            int rank = (int)ranks[i];
            sorted[rank] = places[i];
            sum += rank;
        }

        if (sum != (long)count * (count - 1) / 2)
        {
            // Two ids with the same upper 64 bits, which takes malice: sort by keys, then all that is equal by the rest of the id.
            keys[..count].Sort(places[..count]);
            places[..count].CopyTo(sorted);
            SettleTies(keys, sorted, count, target);
        }
    }

    private void SettleTies(ReadOnlySpan<long> keys, Span<int> sorted, int count, in TId target)
    {
        for (int i = 1; i < count; i++)
        {
            for (int j = i; j > 0 && keys[j - 1] == keys[i] && IsNearer(sorted[j], sorted[j - 1], target); j--)
            {
                (sorted[j], sorted[j - 1]) = (sorted[j - 1], sorted[j]);
            }
        }
    }

    private bool IsNearer(int a, int b, in TId target) => NodeIds.CompareDistance(
        target,
        TId.Read(MemoryMarshal.CreateReadOnlySpan(ref RowAt(a), _rowSize)),
        TId.Read(MemoryMarshal.CreateReadOnlySpan(ref RowAt(b), _rowSize))) < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte RowAt(int place) => ref Unsafe.Add(ref Slab.Contacts.At(place >> ChunkShift), (nint)((place & RowMask) * _rowSize));

    /// <summary>Copies a row of 21 bytes or more as overlapping vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(ref byte source, ref byte destination, int size)
    {
        for (int offset = 0; offset < size - Vector128<byte>.Count; offset += Vector128<byte>.Count)
        {
            Vector128.LoadUnsafe(ref source, (nuint)offset).StoreUnsafe(ref destination, (nuint)offset);
        }

        nuint tail = (nuint)(size - Vector128<byte>.Count);
        Vector128.LoadUnsafe(ref source, tail).StoreUnsafe(ref destination, tail);
    }

    /// <summary>A search under way: upper 64 bits of the distances (their sign flipped, to be compared as signed), and where the rows lie.</summary>
    private ref struct Search
    {
        public readonly ref long Keys;
        public readonly ref int Places;
        public readonly ulong Flip;
        public readonly byte LiveMask;
        public readonly byte LiveValue;
        public int Found;
        private readonly int _wanted;

        public Search(ref long keys, ref int places, int wanted, ulong flip, bool live)
        {
            Keys = ref keys;
            Places = ref places;
            Flip = flip;
            LiveMask = live ? RowMeta.LiveMask : (byte)0;
            LiveValue = live ? RowMeta.LiveValue : (byte)0;
            _wanted = wanted;
        }

        public readonly bool IsDone => Found >= _wanted;
    }
}
