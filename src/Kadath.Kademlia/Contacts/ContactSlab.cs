using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// The memory in which routing tables keep their contacts: chunks of packed rows that many tables of one network share, so that a process
/// can hold a hundred thousand nodes. Belongs to one loop, like the machines that use it.
/// </summary>
public sealed class ContactSlab<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    /// <summary>An empty slab for rows of this size.</summary>
    /// <param name="packedSize">Bytes of a packed handle: <see cref="IContactRules{TId,THandle}.PackedSize"/>.</param>
    public ContactSlab(int packedSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packedSize, 1);
        RowSize = TId.Size + packedSize;
    }

    /// <summary>Bytes of a row: id and packed handle, as Mainline sends them.</summary>
    public int RowSize { get; }
}
