using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <content>
/// Rows in their chunks. The rows of a wide bucket are grouped by the next five bits after its depth, so that a search for the closest
/// touches a sixteenth of them; within a group, and in narrow buckets, they have no order.
/// </content>
public sealed partial class RoutingTable<TId, THandle>
{
    // A scan of 24 rows costs no more than finding the right group.
    private const int WidestUngrouped = 24;
    private const int GroupBits = 5;
    private const int GroupCount = 1 << GroupBits;
    private const int RowsPerChunk = ContactSlab<TId, THandle>.RowsPerChunk;
    private const int ChunkShift = ContactSlab<TId, THandle>.ChunkShift;
    private const int RowMask = RowsPerChunk - 1;

    private const int CandidatesPerBucket = ContactSlab<TId, THandle>.CandidatesPerBucket;

    private int[] _chunks = [];
    private int _chunksUsed;
    private byte[] _groupStarts = [];

    // A byte for each row that the chunks have room for: a hash of its groups, or 0 where there is none. A search for a group looks at a
    // few hundred bytes that lie side by side, and then at one row in 255.
    private byte[] _prints = [];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte Row(in Bucket bucket, int index) =>
        ref Unsafe.Add(ref Slab.Contacts.At(_chunks[bucket.First + (index >> ChunkShift)]), (nint)((index & RowMask) * _rowSize));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref RowMeta Meta(in Bucket bucket, int index) =>
        ref Unsafe.As<byte, RowMeta>(ref Unsafe.Add(
            ref Slab.Contacts.At(_chunks[bucket.First + (index >> ChunkShift)]), (nint)((RowsPerChunk * _rowSize) + ((index & RowMask) * RowMeta.Size))));

    private Span<byte> RowSpan(in Bucket bucket, int index) => MemoryMarshal.CreateSpan(ref Row(bucket, index), _rowSize);

    private Span<byte> CandidateSpan(in Bucket bucket, int index) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref Slab.Candidates.At(bucket.CandidateChunk), (nint)(index * _rowSize)), _rowSize);

    private TId IdOf(ReadOnlySpan<byte> row) => TId.Read(row);

    private THandle HandleOf(ReadOnlySpan<byte> row) => _rules.Unpack(row[TId.Size..]);

    private Contact<TId, THandle> ContactOf(ReadOnlySpan<byte> row) => new(IdOf(row), HandleOf(row));

    private void WriteRow(in TId id, in THandle handle, Span<byte> row)
    {
        id.Write(row);
        _rules.Pack(handle, row[TId.Size..]);
    }

    private bool HasHandle(ReadOnlySpan<byte> row, in THandle handle)
    {
        Span<byte> packed = stackalloc byte[64];
        packed = packed[..(_rowSize - TId.Size)];
        _rules.Pack(handle, packed);
        return row[TId.Size..].SequenceEqual(packed);
    }

    private static int GroupOf(in Bucket bucket, in TId id) => (int)((id.High << bucket.Depth) >> (64 - GroupBits));

    /// <summary>The rows among which an id must be: its group, or the whole bucket.</summary>
    private (int From, int To) RangeOf(in Bucket bucket, in TId id)
    {
        if (bucket.Groups == Bucket.NoGroups)
        {
            return (0, bucket.Count);
        }

        int group = GroupOf(bucket, id), at = (bucket.Groups * GroupCount) + group;
        return (_groupStarts[at], group == GroupCount - 1 ? bucket.Count : _groupStarts[at + 1]);
    }

    /// <summary>The row of an id in its bucket, or -1.</summary>
    private int FindRow(in Bucket bucket, in TId id)
    {
        Span<byte> key = stackalloc byte[32];
        id.Write(key);
        key = key[..TId.Size];
        ulong head = Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(key));
        (int from, int to) = RangeOf(bucket, id);
        for (int i = from; i < to; i++)
        {
            ref byte row = ref Row(bucket, i);
            if (Unsafe.ReadUnaligned<ulong>(ref row) == head && MemoryMarshal.CreateReadOnlySpan(ref row, key.Length).SequenceEqual(key))
            {
                return i;
            }
        }

        return -1;
    }

    private int FindCandidate(in Bucket bucket, in TId id)
    {
        if (bucket.Candidates == 0)
        {
            return -1;
        }

        ref byte rows = ref Slab.Candidates.At(bucket.CandidateChunk);
        ulong head = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(id.High) : id.High;
        for (int i = 0; i < bucket.Candidates; i++)
        {
            if (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref rows, (nint)(i * _rowSize))) == head && IdOf(CandidateSpan(bucket, i)).Equals(id))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Makes room for one row and returns its index; the caller has checked that the bucket is not full.</summary>
    private int OpenRow(ref Bucket bucket, in TId id)
    {
        int hole = bucket.Count;
        if ((hole & (RowsPerChunk - 1)) == 0)
        {
            _chunks[bucket.First + (hole / RowsPerChunk)] = Slab.Contacts.Take();
        }

        if (bucket.Groups != Bucket.NoGroups)
        {
            // Each later group gives its first row to the end, and so moves up by one.
            int group = GroupOf(bucket, id);
            Span<byte> starts = _groupStarts.AsSpan(bucket.Groups * GroupCount, GroupCount);
            for (int later = GroupCount - 1; later > group; later--)
            {
                int start = starts[later];
                if (start != hole)
                {
                    MoveRow(bucket, start, hole);
                }

                hole = start;
                starts[later]++;
            }
        }

        bucket.Count++;
        _count++;
        return hole;
    }

    /// <summary>Adds a row as the youngest of its bucket. Retaining the handle is the caller's part.</summary>
    private void AppendRow(ref Bucket bucket, ReadOnlySpan<byte> row, RowMeta meta)
    {
        meta.Rank = bucket.Count;
        int index = OpenRow(ref bucket, IdOf(row));
        row.CopyTo(RowSpan(bucket, index));
        Meta(bucket, index) = meta;
        _prints[PlaceOf(bucket, index)] = PrintOf(_rules.GroupsOf(HandleOf(row)));
        CountLive(ref bucket, meta.IsLive ? 1 : 0);
    }

    /// <summary>Takes a row out. Releasing the handle is the caller's part.</summary>
    private void CloseRow(ref Bucket bucket, int index)
    {
        RowMeta meta = Meta(bucket, index);
        for (int i = 0; i < bucket.Count; i++)
        {
            ref RowMeta other = ref Meta(bucket, i);
            other.Rank -= other.Rank > meta.Rank ? (byte)1 : (byte)0;
        }

        int hole = index;
        if (bucket.Groups != Bucket.NoGroups)
        {
            int group = GroupOf(bucket, IdOf(RowSpan(bucket, index)));
            Span<byte> starts = _groupStarts.AsSpan(bucket.Groups * GroupCount, GroupCount);
            for (int later = group + 1; later < GroupCount; later++)
            {
                int last = --starts[later];
                if (last != hole)
                {
                    MoveRow(bucket, last, hole);
                }

                hole = last;
            }
        }

        bucket.Count--;
        _count--;
        if (hole != bucket.Count)
        {
            MoveRow(bucket, bucket.Count, hole);
        }

        _prints[PlaceOf(bucket, bucket.Count)] = 0;

        if ((bucket.Count & (RowsPerChunk - 1)) == 0)
        {
            Slab.Contacts.Return(_chunks[bucket.First + (bucket.Count / RowsPerChunk)]);
        }

        CountLive(ref bucket, meta.IsLive ? -1 : 0);
    }

    private void MoveRow(in Bucket bucket, int from, int to)
    {
        RowSpan(bucket, from).CopyTo(RowSpan(bucket, to));
        Meta(bucket, to) = Meta(bucket, from);
        _prints[PlaceOf(bucket, to)] = _prints[PlaceOf(bucket, from)];
    }

    private void CountLive(ref Bucket bucket, int change)
    {
        bucket.Live = (byte)(bucket.Live + change);
        _live += change;
    }

    /// <summary>Adds a candidate as the newest; the oldest leaves if the cache is full. Retains and releases.</summary>
    private void AppendCandidate(ref Bucket bucket, in TId id, in THandle handle)
    {
        if (bucket.Candidates == CandidatesPerBucket)
        {
            RemoveCandidate(ref bucket, 0);
        }

        if (bucket.Candidates == 0)
        {
            bucket.CandidateChunk = Slab.Candidates.Take();
        }

        bucket.Candidates++;
        WriteRow(id, handle, CandidateSpan(bucket, bucket.Candidates - 1));
        _rules.Retain(handle);
    }

    private void RemoveCandidate(ref Bucket bucket, int index)
    {
        _rules.Release(HandleOf(CandidateSpan(bucket, index)));
        for (int i = index + 1; i < bucket.Candidates; i++)
        {
            CandidateSpan(bucket, i).CopyTo(CandidateSpan(bucket, i - 1));
        }

        bucket.Candidates--;
        if (bucket.Candidates == 0)
        {
            Slab.Candidates.Return(bucket.CandidateChunk);
            bucket.CandidateChunk = Bucket.None;
        }
    }
}
