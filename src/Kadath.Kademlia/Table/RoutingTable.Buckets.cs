using System.Runtime.CompilerServices;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>
/// Which bucket an id belongs to, and how buckets split. A table that splits only its own bucket numbers them by depth: bucket i holds what
/// shares exactly i bits with our id, the last one everything nearer. A table that splits every bucket finds them through a directory of
/// the first bits of an id (extendible hashing), in which a shallow bucket has several entries.
/// </content>
public sealed partial class RoutingTable<TId, THandle>
{
    // 2^18 entries of 4 bytes: enough for a million evenly spread contacts; who crowds one corner fills its buckets, not our memory.
    private const int MaxDirectoryBits = 18;

    private Bucket[] _buckets = [];
    private int _bucketCount;
    private int[] _directory = [];
    private int _directoryBits;
    private readonly int _chunksPerLeaf;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Bucket Locate(in TId id) => ref _buckets[LocateIndex(id)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int LocateIndex(in TId id) => _splitsAll
        ? _directory[(int)(id.High >> (64 - _directoryBits))]
        : Math.Min(NodeIds.CommonPrefix(Self, id), _bucketCount - 1);

    /// <summary>A bucket as maintenance sees it; valid until the table changes.</summary>
    internal ref Bucket BucketRef(int index) => ref _buckets[index];

    private void Reset()
    {
        _bucketCount = _chunksUsed = 0;
        _groupStarts = [];
        Array.Clear(_prints);
        _nextCheck = uint.MaxValue;
        AddBucket(0, 0);
        if (_splitsAll)
        {
            _directoryBits = 1;
            _directory = [0, 0];
        }
    }

    private int AddBucket(int depth, uint changed)
    {
        int width = Options.WidthAt(depth), chunks = (width + RowsPerChunk - 1) / RowsPerChunk, index = _bucketCount++;
        if (_bucketCount > _buckets.Length)
        {
            Array.Resize(ref _buckets, Grown(_bucketCount, 2));
        }

        if (_chunksUsed + chunks > _chunks.Length)
        {
            Array.Resize(ref _chunks, Grown(_chunksUsed + chunks, 2));
            Array.Resize(ref _prints, _chunks.Length << ChunkShift);
        }

        byte groups = Bucket.NoGroups;
        if (width > WidestUngrouped && !_splitsAll && depth <= 64 - GroupBits)
        {
            groups = (byte)(_groupStarts.Length / GroupCount);
            Array.Resize(ref _groupStarts, _groupStarts.Length + GroupCount);
        }

        _buckets[index] = new() { First = _chunksUsed, CandidateChunk = Bucket.None, Depth = (byte)depth, LastChanged = changed, NextCheck = uint.MaxValue, Groups = groups };
        _chunksUsed += chunks;
        return index;
    }

    // Small tables grow by a few entries, since a hundred thousand of them live in one process; maps of a network by half.
    private static int Grown(int needed, int step) => needed + (needed < 64 ? step : needed / 2);

    private bool IsFull(in Bucket bucket) => bucket.Count >= Options.WidthAt(bucket.Depth);

    /// <summary>Splits the bucket of an id, if that can bring room for it without losing a contact.</summary>
    private bool TrySplit(int index, in TId id) => _splitsAll ? TrySplitLeaf(index) : index == _bucketCount - 1 && TrySplitOwn(index, id);

    private bool CanSplit(int index, in TId id) => _splitsAll
        ? _buckets[index].Depth < MaxDirectoryBits && _count < Options.MaxContacts
        : index == _bucketCount - 1 && PlanSplit(index, id) > index;

    /// <summary>
    /// The depth down to which the own bucket has to split so that no new bucket overflows; <paramref name="index"/> itself if it must not.
    /// A deeper bucket is narrower: a crowd at one depth, which only an attacker makes, leaves the bucket as it is.
    /// </summary>
    private int PlanSplit(int index, in TId id)
    {
        ref Bucket bucket = ref _buckets[index];
        Span<int> exact = stackalloc int[257];
        exact = exact[..(TId.Bits + 1)];
        exact.Clear();
        for (int i = 0; i < bucket.Count; i++)
        {
            exact[NodeIds.CommonPrefix(Self, IdOf(RowSpan(bucket, i)))]++;
        }

        int rest = bucket.Count - exact[index], depth = index + 1;
        bool helps = NodeIds.CommonPrefix(Self, id) == index ? rest > 0 : index < TId.Bits - 1;
        while (helps && rest > Options.WidthAt(depth))
        {
            rest -= exact[depth];
            helps = exact[depth] <= Options.WidthAt(depth) && depth < TId.Bits - 1;
            depth++;
        }

        return helps && depth < TId.Bits ? depth : index;
    }

    private bool TrySplitOwn(int index, in TId id)
    {
        int depth = PlanSplit(index, id);
        for (int from = index; from < depth; from++)
        {
            int added = AddBucket(from + 1, _buckets[from].LastChanged);
            _buckets[added].NextRefresh = _buckets[from].NextRefresh;
            _buckets[added].RefreshMinutes = _buckets[from].RefreshMinutes;
        }

        if (depth > index)
        {
            Distribute(index);
        }

        return depth > index;
    }

    private bool TrySplitLeaf(int index)
    {
        int depth = _buckets[index].Depth;
        if (depth >= MaxDirectoryBits || _count >= Options.MaxContacts)
        {
            return false;
        }

        if (depth == _directoryBits)
        {
            int[] wider = new int[_directory.Length * 2];
            for (int i = 0; i < wider.Length; i++)
            {
                wider[i] = _directory[i >> 1];
            }

            _directory = wider;
            _directoryBits++;
        }

        int sibling = AddBucket(depth + 1, _buckets[index].LastChanged);
        _buckets[index].Depth = (byte)(depth + 1);
        int first = Array.IndexOf(_directory, index), half = 1 << (_directoryBits - depth - 1);
        _directory.AsSpan(first + half, half).Fill(sibling);
        Distribute(index);
        return true;
    }

    /// <summary>After new buckets were added: moves what no longer belongs into bucket <paramref name="index"/>, in the order of age.</summary>
    private void Distribute(int index)
    {
        Span<byte> copy = stackalloc byte[128];
        copy = copy[.._rowSize];
        for (int rank = 0; rank < _buckets[index].Count;)
        {
            ref Bucket bucket = ref _buckets[index];
            int i = IndexOfRank(bucket, rank);
            RowSpan(bucket, i).CopyTo(copy);
            ref Bucket target = ref Locate(IdOf(copy));
            if (Unsafe.AreSame(ref target, ref bucket))
            {
                rank++;
                continue;
            }

            RowMeta meta = Meta(bucket, i);
            CloseRow(ref bucket, i);
            AppendRow(ref target, copy, meta);
        }

        for (int i = _buckets[index].Candidates - 1; i >= 0; i--)
        {
            ref Bucket bucket = ref _buckets[index];
            Contact<TId, THandle> candidate = ContactOf(CandidateSpan(bucket, i));
            ref Bucket target = ref Locate(candidate.Id);
            if (!Unsafe.AreSame(ref target, ref bucket))
            {
                AppendCandidate(ref target, candidate.Id, candidate.Handle);
                RemoveCandidate(ref bucket, i);
                ScheduleCheck(ref target, bucket.NextCheck);
            }
        }
    }

    private int IndexOfRank(in Bucket bucket, int rank)
    {
        int i = 0;
        while (Meta(bucket, i).Rank != rank)
        {
            i++;
        }

        return i;
    }
}
