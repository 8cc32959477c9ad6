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

    /// <summary>The contacts closest to a target, closest first, at most <see cref="MaxClosest"/>; returns how many.</summary>
    [SkipLocalsInit]
    public int Closest(in TId target, Span<Contact<TId, THandle>> into, ContactUse use)
    {
        Span<Near> near = stackalloc Near[MaxClosest];
        near = near[..Math.Min(into.Length, MaxClosest)];
        int found = Gather(target, near, use == ContactUse.Name);
        for (int i = 0; i < found; i++)
        {
            into[i] = ContactOf(MemoryMarshal.CreateReadOnlySpan(ref RowAt(near[i].Place), _rowSize));
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
        Span<Near> near = stackalloc Near[MaxClosest];
        near = near[..Math.Min(Math.Min(max, rows.Length / size), MaxClosest)];
        int found = Gather(target, near, live: true);
        ref byte destination = ref MemoryMarshal.GetReference(rows);
        for (int i = 0; i < found; i++)
        {
            CopyRow(ref RowAt(near[i].Place), ref destination, size);
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

    private int Gather(in TId target, Span<Near> near, bool live)
    {
        if (near.IsEmpty || (live ? _live : _count) == 0)
        {
            return 0;
        }

        return _splitsAll ? GatherLeaves(target, near, live) : GatherByDepth(target, near, live);
    }

    /// <summary>
    /// Bucket d holds what is nearer to the target than all others if d is the length of its common prefix with us. Next come the deeper
    /// buckets at whose bit the target differs from us, in rising depth, then the last one, then the other deeper ones in falling depth
    /// (each is farther by its own bit), and then the shallower ones.
    /// </summary>
    private int GatherByDepth(in TId target, Span<Near> near, bool live)
    {
        TId difference = TId.Xor(Self, target);
        int last = _bucketCount - 1, home = Math.Min(TId.LeadingZeros(difference), last);
        int found = GatherBucket(_buckets[home], target, near, 0, live);
        for (int depth = home + 1; depth < last && found < near.Length; depth++)
        {
            found = HasBit(difference, depth) ? GatherBucket(_buckets[depth], target, near, found, live) : found;
        }

        found = home < last && found < near.Length ? GatherBucket(_buckets[last], target, near, found, live) : found;
        for (int depth = last - 1; depth > home && found < near.Length; depth--)
        {
            found = HasBit(difference, depth) ? found : GatherBucket(_buckets[depth], target, near, found, live);
        }

        for (int depth = home - 1; depth >= 0 && found < near.Length; depth--)
        {
            found = GatherBucket(_buckets[depth], target, near, found, live);
        }

        return found;
    }

    private static bool HasBit(in TId id, int bit) =>
        bit < 64 ? (id.High << bit) >> 63 != 0 : TId.LeadingZeros(TId.Splice(default, id, bit)) == bit;

    private int GatherLeaves(in TId target, Span<Near> near, bool live)
    {
        int found = 0;
        uint home = (uint)(target.High >> (64 - _directoryBits)), end = 1u << _directoryBits;
        for (uint step = 0; step < end && found < near.Length;)
        {
            ref Bucket bucket = ref _buckets[_directory[home ^ step]];
            found = GatherBucket(bucket, target, near, found, live);
            step = (step | ((1u << (_directoryBits - bucket.Depth)) - 1)) + 1;
        }

        return found;
    }

    private int GatherBucket(in Bucket bucket, in TId target, Span<Near> near, int found, bool live)
    {
        if ((live ? bucket.Live : bucket.Count) == 0)
        {
            return found;
        }

        if (bucket.Groups == Bucket.NoGroups)
        {
            return GatherRows(bucket, 0, bucket.Count, target, near, found, live);
        }

        ref byte starts = ref _groupStarts[bucket.Groups * GroupCount];
        int home = GroupOf(bucket, target);
        for (int step = 0; step < GroupCount && found < near.Length; step++)
        {
            int group = home ^ step, from = Unsafe.Add(ref starts, group);
            int to = group == GroupCount - 1 ? bucket.Count : Unsafe.Add(ref starts, group + 1);
            found = from == to ? found : GatherRows(bucket, from, to, target, near, found, live);
        }

        return found;
    }

    /// <summary>Sorts rows into <paramref name="near"/>, from <paramref name="start"/> on; what lies before is nearer already.</summary>
    private int GatherRows(in Bucket bucket, int from, int to, in TId target, Span<Near> near, int start, bool live)
    {
        ulong high = target.High;
        int found = start, size = _rowSize;
        ref Near first = ref MemoryMarshal.GetReference(near);
        for (int i = from; i < to; i++)
        {
            int chunk = _chunks[bucket.First + (i >> 3)];
            ref byte rows = ref Slab.Contacts.At(chunk);
            if (live && !Unsafe.As<byte, RowMeta>(ref Unsafe.Add(ref rows, (nint)((RowsPerChunk * size) + ((i & 7) * RowMeta.Size)))).IsLive)
            {
                continue;
            }

            ulong head = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref rows, (nint)((i & 7) * size)));
            Near entry = new((BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(head) : head) ^ high, (chunk << 3) | (i & 7));
            int place = found;
            if (found == near.Length)
            {
                if (!IsNearer(entry, Unsafe.Add(ref first, found - 1), target))
                {
                    continue;
                }

                place--;
            }
            else
            {
                found++;
            }

            while (place > start && IsNearer(entry, Unsafe.Add(ref first, place - 1), target))
            {
                Unsafe.Add(ref first, place) = Unsafe.Add(ref first, place - 1);
                place--;
            }

            Unsafe.Add(ref first, place) = entry;
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsNearer(Near a, Near b, in TId target) => a.Distance < b.Distance || (a.Distance == b.Distance && IsNearerByAll(a, b, target));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsNearerByAll(Near a, Near b, in TId target) => NodeIds.CompareDistance(
        target,
        TId.Read(MemoryMarshal.CreateReadOnlySpan(ref RowAt(a.Place), _rowSize)),
        TId.Read(MemoryMarshal.CreateReadOnlySpan(ref RowAt(b.Place), _rowSize))) < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte RowAt(int place) => ref Unsafe.Add(ref Slab.Contacts.At(place >> 3), (nint)((place & 7) * _rowSize));

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

    /// <summary>A row and how far it lies: the upper 64 bits of its distance, and chunk and index within it.</summary>
    private readonly record struct Near(ulong Distance, int Place);
}
