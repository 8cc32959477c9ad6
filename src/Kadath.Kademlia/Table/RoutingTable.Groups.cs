using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>
/// Limits per group of addresses, and handles that must not occur twice. A table of a few hundred contacts is scanned, with three bits per
/// row that spare seven of eight looks; a map of a whole network keeps an index.
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
        int print = RowMeta.PrintOf(_rules.GroupsOf(handle));
        for (bucketIndex = 0; bucketIndex < _bucketCount; bucketIndex++)
        {
            ref Bucket bucket = ref _buckets[bucketIndex];
            for (rowIndex = 0; rowIndex < bucket.Count; rowIndex++)
            {
                if (Meta(bucket, rowIndex).Print == print && RowSpan(bucket, rowIndex)[TId.Size..].SequenceEqual(packed))
                {
                    return true;
                }
            }
        }

        rowIndex = -1;
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
        int print = RowMeta.PrintOf(groups);
        for (int b = 0; b < _bucketCount && _index is null; b++)
        {
            ref Bucket other = ref _buckets[b];
            int before = wide;
            CountGroups(other, groups, print, ref narrow, ref wide);
            wideHere = other.First == bucket.First ? wide - before : wideHere;
        }

        if (_index is not null)
        {
            int ignored = 0;
            CountGroups(bucket, groups, print, ref ignored, ref wideHere);
            (narrow, wide) = _index.Count(groups);
        }

        int sameWide = groups.Wide != 0 && leaving.Wide == groups.Wide ? 1 : 0;
        bool narrowFits = groups.Narrow == 0 || narrow - (leaving.Narrow == groups.Narrow ? 1 : 0) < Options.NarrowPerTable;
        bool wideFits = groups.Wide == 0 || (wide - sameWide < Options.WidePerTable && wideHere - (leavesHere ? sameWide : 0) < Options.WidePerBucket);
        return narrowFits && wideFits;
    }

    private void CountGroups(in Bucket bucket, GroupKeys groups, int print, ref int narrow, ref int wide)
    {
        for (int i = 0; i < bucket.Count; i++)
        {
            if (Meta(bucket, i).Print == print)
            {
                GroupKeys other = _rules.GroupsOf(HandleOf(RowSpan(bucket, i)));
                narrow += other.Narrow == groups.Narrow ? 1 : 0;
                wide += other.Wide == groups.Wide ? 1 : 0;
            }
        }
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
