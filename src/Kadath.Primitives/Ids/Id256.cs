using System.Buffers.Binary;
using System.Numerics;

namespace Kadath.Primitives;

/// <summary>A 256-bit id or key (libp2p, discv5, the overlay), held as four words in host order.</summary>
public readonly struct Id256 : INodeId<Id256>
{
    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly ulong _w2;
    private readonly ulong _w3;

    /// <summary>An id from its words, most significant first.</summary>
    public Id256(ulong w0, ulong w1, ulong w2, ulong w3)
    {
        _w0 = w0;
        _w1 = w1;
        _w2 = w2;
        _w3 = w3;
    }

    /// <inheritdoc/>
    public static int Bits => 256;

    /// <inheritdoc/>
    public static int Size => 32;

    /// <inheritdoc/>
    public ulong High => _w0;

    /// <inheritdoc/>
    public static Id256 Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    /// <inheritdoc/>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _w3);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _w2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _w1);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _w0);
    }

    /// <inheritdoc/>
    public static Id256 Xor(in Id256 a, in Id256 b) => new(a._w0 ^ b._w0, a._w1 ^ b._w1, a._w2 ^ b._w2, a._w3 ^ b._w3);

    /// <inheritdoc/>
    public static int Compare(in Id256 a, in Id256 b) =>
        a._w0 != b._w0 ? a._w0.CompareTo(b._w0)
        : a._w1 != b._w1 ? a._w1.CompareTo(b._w1)
        : a._w2 != b._w2 ? a._w2.CompareTo(b._w2)
        : a._w3.CompareTo(b._w3);

    /// <inheritdoc/>
    public static int LeadingZeros(in Id256 a) =>
        a._w0 != 0 ? BitOperations.LeadingZeroCount(a._w0)
        : a._w1 != 0 ? 64 + BitOperations.LeadingZeroCount(a._w1)
        : a._w2 != 0 ? 128 + BitOperations.LeadingZeroCount(a._w2)
        : 192 + BitOperations.LeadingZeroCount(a._w3);

    /// <inheritdoc/>
    public static Id256 Splice(in Id256 prefix, in Id256 rest, int bits)
    {
        ulong m0 = IdWords.PrefixMask(bits), m1 = IdWords.PrefixMask(bits - 64);
        ulong m2 = IdWords.PrefixMask(bits - 128), m3 = IdWords.PrefixMask(bits - 192);
        return new(
            (prefix._w0 & m0) | (rest._w0 & ~m0),
            (prefix._w1 & m1) | (rest._w1 & ~m1),
            (prefix._w2 & m2) | (rest._w2 & ~m2),
            (prefix._w3 & m3) | (rest._w3 & ~m3));
    }

    /// <inheritdoc/>
    public static Id256 Flip(in Id256 id, int index)
    {
        ulong bit = 1UL << (63 - (index & 63));
        return (index >> 6) switch
        {
            0 => new(id._w0 ^ bit, id._w1, id._w2, id._w3),
            1 => new(id._w0, id._w1 ^ bit, id._w2, id._w3),
            2 => new(id._w0, id._w1, id._w2 ^ bit, id._w3),
            _ => new(id._w0, id._w1, id._w2, id._w3 ^ bit),
        };
    }

    /// <inheritdoc/>
    public bool Equals(Id256 other) => _w0 == other._w0 && _w1 == other._w1 && _w2 == other._w2 && _w3 == other._w3;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Id256 other && Equals(other);

    /// <summary>A stable hash: ids are uniform, or chosen by an attacker; tables that face peers key it with a secret first.</summary>
    public override int GetHashCode() => (int)(_w0 >> 32) ^ (int)_w1 ^ (int)_w2 ^ (int)_w3;

    /// <summary>Equal.</summary>
    public static bool operator ==(Id256 a, Id256 b) => a.Equals(b);

    /// <summary>Not equal.</summary>
    public static bool operator !=(Id256 a, Id256 b) => !a.Equals(b);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => NodeIds.ToHex(this);
}
