using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// The memory in which routing tables keep their contacts: chunks of packed rows that many tables of one network share, so that a process
/// can hold a hundred thousand nodes. Grows with what its tables hold, and keeps what they return for the next. Belongs to one loop, like
/// the machines that use it.
/// </summary>
public sealed class ContactSlab<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>Rows of a chunk as a power of two: four divide the usual widths of buckets, 8 and 20, so that a full bucket wastes nothing.</summary>
    internal const int ChunkShift = 2;

    /// <summary>Rows of a chunk.</summary>
    internal const int RowsPerChunk = 1 << ChunkShift;

    /// <summary>
    /// Entries of a replacement cache: as many as the bound of 16 KB per idle node leaves room for. A candidate is pinged before it is
    /// promoted, and newer ones keep coming: more than a few never get their turn.
    /// </summary>
    internal const int CandidatesPerBucket = 5;

    /// <summary>An empty slab for rows of this size.</summary>
    /// <param name="packedSize">Bytes of a packed handle, 1 to 64: <see cref="IContactRules{TId,THandle}.PackedSize"/>.</param>
    public ContactSlab(int packedSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packedSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packedSize, 64);
        RowSize = TId.Size + packedSize;
        Contacts = new(RowsPerChunk * (RowSize + RowMeta.Size));
        Candidates = new(CandidatesPerBucket * RowSize);
    }

    /// <summary>Bytes of a row: id and packed handle, as Mainline sends them.</summary>
    public int RowSize { get; }

    /// <summary>Bytes that the slab has taken from the runtime.</summary>
    public long Bytes => Contacts.Bytes + Candidates.Bytes;

    /// <summary>Chunks that tables hold at present; 0 once all are cleared.</summary>
    public int ChunksInUse => Contacts.Used + Candidates.Used;

    /// <summary>Chunks of four rows, followed by what is remembered of each.</summary>
    internal ChunkPool Contacts { get; }

    /// <summary>Chunks of a replacement cache: rows alone.</summary>
    internal ChunkPool Candidates { get; }
}
