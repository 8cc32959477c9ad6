namespace Kadath.Primitives;

/// <summary>
/// A point of a Kademlia id space: what the engine needs to know of an id, so that one engine serves 160-bit and 256-bit networks.
/// Implemented by <see cref="Id160"/> and <see cref="Id256"/>; distance is XOR, read as an unsigned big-endian number.
/// </summary>
/// <typeparam name="TSelf">The id type itself.</typeparam>
public interface INodeId<TSelf> : IEquatable<TSelf>
    where TSelf : unmanaged, INodeId<TSelf>
{
    /// <summary>Bits of the id space: 160 or 256.</summary>
    static abstract int Bits { get; }

    /// <summary>Bytes of an id on the wire: <see cref="Bits"/> / 8.</summary>
    static abstract int Size { get; }

    /// <summary>Reads an id from the first <see cref="Size"/> bytes, in network order. Throws if there are fewer: check first.</summary>
    static abstract TSelf Read(ReadOnlySpan<byte> bytes);

    /// <summary>Writes <see cref="Size"/> bytes in network order.</summary>
    void Write(Span<byte> destination);

    /// <summary>The upper 64 bits: a sort key that tells nearly all ids apart.</summary>
    ulong High { get; }

    /// <summary>The XOR of both.</summary>
    static abstract TSelf Xor(in TSelf a, in TSelf b);

    /// <summary>Unsigned big-endian order of two ids (or of two distances).</summary>
    static abstract int Compare(in TSelf a, in TSelf b);

    /// <summary>Leading zero bits, from 0 to <see cref="Bits"/> (for zero): of a XOR, the length of the common prefix.</summary>
    static abstract int LeadingZeros(in TSelf a);

    /// <summary>The id whose first <paramref name="bits"/> bits are those of <paramref name="prefix"/> and whose others are those of <paramref name="rest"/>.</summary>
    static abstract TSelf Splice(in TSelf prefix, in TSelf rest, int bits);

    /// <summary>The id with bit <paramref name="index"/> (0 is the most significant) inverted.</summary>
    static abstract TSelf Flip(in TSelf id, int index);
}
