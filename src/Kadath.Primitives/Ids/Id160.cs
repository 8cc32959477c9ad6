using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Kadath.Primitives;

/// <summary>A 160-bit id or key (Mainline), held as words in host order: 20 bytes, byte-swapped once when read.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct Id160 : INodeId<Id160>
{
    private readonly ulong _high;
    private readonly ulong _middle;
    private readonly uint _low;

    /// <summary>An id from its words, most significant first.</summary>
    public Id160(ulong high, ulong middle, uint low)
    {
        _high = high;
        _middle = middle;
        _low = low;
    }

    /// <inheritdoc/>
    public static int Bits => 160;

    /// <inheritdoc/>
    public static int Size => 20;

    /// <inheritdoc/>
    public ulong High => _high;

    /// <inheritdoc/>
    public static Id160 Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));

    /// <inheritdoc/>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _low);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
    }

    /// <inheritdoc/>
    public static Id160 Xor(in Id160 a, in Id160 b) => new(a._high ^ b._high, a._middle ^ b._middle, a._low ^ b._low);

    /// <inheritdoc/>
    public static int Compare(in Id160 a, in Id160 b) =>
        a._high != b._high ? a._high.CompareTo(b._high) : a._middle != b._middle ? a._middle.CompareTo(b._middle) : a._low.CompareTo(b._low);

    /// <inheritdoc/>
    public static int LeadingZeros(in Id160 a) =>
        a._high != 0 ? BitOperations.LeadingZeroCount(a._high)
        : a._middle != 0 ? 64 + BitOperations.LeadingZeroCount(a._middle)
        : 128 + BitOperations.LeadingZeroCount(a._low);

    /// <inheritdoc/>
    public static Id160 Splice(in Id160 prefix, in Id160 rest, int bits)
    {
        ulong high = IdWords.PrefixMask(bits), middle = IdWords.PrefixMask(bits - 64);
        uint low = (uint)(IdWords.PrefixMask(bits - 128) >> 32);
        return new(
            (prefix._high & high) | (rest._high & ~high),
            (prefix._middle & middle) | (rest._middle & ~middle),
            (prefix._low & low) | (rest._low & ~low));
    }

    /// <inheritdoc/>
    public static Id160 Flip(in Id160 id, int index) => index switch
    {
        < 64 => new(id._high ^ (1UL << (63 - index)), id._middle, id._low),
        < 128 => new(id._high, id._middle ^ (1UL << (127 - index)), id._low),
        _ => new(id._high, id._middle, id._low ^ (1U << (159 - index))),
    };

    /// <inheritdoc/>
    public bool Equals(Id160 other) => _high == other._high && _middle == other._middle && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Id160 other && Equals(other);

    /// <summary>A stable hash: ids are uniform, or chosen by an attacker; tables that face peers key it with a secret first.</summary>
    public override int GetHashCode() => (int)(_high >> 32) ^ (int)_middle ^ (int)_low;

    /// <summary>Equal.</summary>
    public static bool operator ==(Id160 a, Id160 b) => a.Equals(b);

    /// <summary>Not equal.</summary>
    public static bool operator !=(Id160 a, Id160 b) => !a.Equals(b);

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString() => NodeIds.ToHex(this);
}
