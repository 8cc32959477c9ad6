using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>
/// Limits per group of addresses, and handles that must not occur twice. A table of a few hundred contacts is searched by the prints
/// of its rows; a map of a whole network keeps an index.
/// </content>
public sealed partial class RoutingTable<TId, THandle>
{
    private readonly GroupIndex<TId, THandle>? _index;

    /// <summary>True if the handle is new to the table and its groups have room.</summary>
    private bool IsAdmissible(in Bucket bucket, in THandle handle) => !TryFindHandle(handle, out _, out _) && FitsLimits(bucket, handle, without: null, leavesHere: false);

    private bool TryFindHandle(in THandle handle, out int bucketIndex, out int rowIndex)
    {
        if (_index is { } index)
        {
            bucketIndex = rowIndex = -1;
            if (index.TryFind(handle, out TId id))
            {
                bucketIndex = LocateIndex(id);
                rowIndex = FindRow(_buckets[bucketIndex], id);
            }

            return rowIndex >= 0;
        }

        Span<byte> packed = stackalloc byte[64];
        packed = packed[..(_rowSize - TId.Size)];
        _rules.Pack(handle, packed);
        byte print = PrintOf(_rules.GroupsOf(handle));
        int end = _chunksUsed << ChunkShift;
        for (int place = NextWith(print, 0, end); place >= 0; place = NextWith(print, place + 1, end))
        {
            bucketIndex = BucketAtPlace(place);
            rowIndex = place - PlaceOf(_buckets[bucketIndex], 0);
            if (RowSpan(_buckets[bucketIndex], rowIndex)[TId.Size..].SequenceEqual(packed))
            {
                return true;
            }
        }

        bucketIndex = rowIndex = -1;
        return false;
    }

    /// <summary>True if one more contact with this handle keeps to the limits; <paramref name="without"/> is a handle that leaves for it, from this bucket or another.</summary>
    private bool FitsLimits(in Bucket bucket, in THandle handle, THandle? without, bool leavesHere)
    {
        GroupKeys groups = _rules.GroupsOf(handle);
        if (groups.Narrow == 0 && groups.Wide == 0)
        {
            return true;
        }

        GroupKeys leaving = without is { } old ? _rules.GroupsOf(old) : default;
        int narrow = 0, wide = 0, wideHere = 0;
        byte print = PrintOf(groups);
        int from = PlaceOf(bucket, 0), to = from + bucket.Count;
        (int first, int end) = _index is null ? (0, _chunksUsed << ChunkShift) : (from, to);
        for (int place = NextWith(print, first, end); place >= 0; place = NextWith(print, place + 1, end))
        {
            GroupKeys other = _rules.GroupsOf(HandleOf(MemoryMarshal.CreateReadOnlySpan(ref RowAtPlace(place), _rowSize)));
            narrow += other.Narrow == groups.Narrow ? 1 : 0;
            wide += other.Wide == groups.Wide ? 1 : 0;
            wideHere += other.Wide == groups.Wide && place >= from && place < to ? 1 : 0;
        }

        if (_index is not null)
        {
            (narrow, wide) = _index.Count(groups);
        }

        int sameWide = groups.Wide != 0 && leaving.Wide == groups.Wide ? 1 : 0;
        bool narrowFits = groups.Narrow == 0 || narrow - (leaving.Narrow == groups.Narrow ? 1 : 0) < Options.NarrowPerTable;
        bool wideFits = groups.Wide == 0 || (wide - sameWide < Options.WidePerTable && wideHere - (leavesHere ? sameWide : 0) < Options.WidePerBucket);
        return narrowFits && wideFits;
    }

    /// <summary>The first place from one on, before another, whose row has this print; or -1.</summary>
    private int NextWith(byte print, int from, int end)
    {
        int step = _prints.AsSpan(from, end - from).IndexOf(print);
        return step < 0 ? -1 : from + step;
    }

    /// <summary>Buckets have their places in the order in which they came about.</summary>
    private int BucketAtPlace(int place)
    {
        int bucket = _bucketCount - 1;
        while (_buckets[bucket].First > place >> ChunkShift)
        {
            bucket--;
        }

        return bucket;
    }

    private ref byte RowAtPlace(int place) => ref Unsafe.Add(ref Slab.Contacts.At(_chunks[place >> ChunkShift]), (nint)((place & RowMask) * _rowSize));

    private static int PlaceOf(in Bucket bucket, int index) => (bucket.First << ChunkShift) + index;

    /// <summary>A byte for a pair of group keys, never 0. Groups nest: equal narrow keys have equal wide ones.</summary>
    private static byte PrintOf(GroupKeys groups)
    {
        ulong key = groups.Wide != 0 ? groups.Wide : groups.Narrow;
        return (byte)Math.Max(1, (key * 0x9E3779B97F4A7C15UL) >> 56);
    }

    /// <summary>
    /// A contact that answers finds its group full. One of the group that does not live gives way: of the same bucket, and in a small table
    /// of any.
    /// </summary>
    private bool TryMakeRoomInGroup(int home, in THandle handle, Instant now)
    {
        for (int b = 0; b < _bucketCount; b++)
        {
            if (_index is not null && b != home)
            {
                continue;
            }

            ref Bucket bucket = ref _buckets[b];
            for (int i = bucket.Count - 1; i >= 0; i--)
            {
                THandle other = HandleOf(RowSpan(bucket, i));
                if (!Meta(bucket, i).IsLive && SharesGroup(other, handle) && FitsLimits(_buckets[home], handle, without: other, leavesHere: b == home))
                {
                    Evict(ref bucket, i, now);
                    return IsAdmissible(_buckets[home], handle);
                }
            }
        }

        return false;
    }

    private bool SharesGroup(in THandle a, in THandle b)
    {
        GroupKeys left = _rules.GroupsOf(a), right = _rules.GroupsOf(b);
        return (left.Narrow != 0 && left.Narrow == right.Narrow) || (left.Wide != 0 && left.Wide == right.Wide) || a.Equals(b);
    }
}
