using System.Buffers.Binary;

namespace Kadath.Crypto;

/// <content>The 32-byte little-endian encoding of RFC 8032 section 5.1.2, and what is decided on it.</content>
internal partial struct FieldElement
{
    public const int EncodedLength = 32;

    /// <summary>Reads 255 bits and ignores the top one; values from p to 2^255 - 1 are taken modulo p.</summary>
    public static FieldElement Decode(ReadOnlySpan<byte> bytes)
    {
        ulong w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        ulong w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        ulong w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new(
            w0 & Mask,
            ((w0 >> 51) | (w1 << 13)) & Mask,
            ((w1 >> 38) | (w2 << 26)) & Mask,
            ((w2 >> 25) | (w3 << 39)) & Mask,
            (w3 >> 12) & Mask);
    }

    /// <summary>Writes the one encoding below p; the top bit is zero.</summary>
    public readonly void Encode(Span<byte> bytes)
    {
        var (l0, l1, l2, l3, l4) = Canonical();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, l0 | (l1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (l1 >> 13) | (l2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (l2 >> 26) | (l3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (l3 >> 39) | (l4 << 12));
    }

    /// <summary>The lowest bit of the canonical value: RFC 8032's sign of a coordinate. Zero or one.</summary>
    public readonly ulong Parity() => Canonical().L0 & 1;

    /// <summary>Whether the value is zero modulo p. For public values: the answer is meant to be branched on.</summary>
    public readonly bool IsZero()
    {
        var (l0, l1, l2, l3, l4) = Canonical();
        return (l0 | l1 | l2 | l3 | l4) == 0;
    }

    /// <summary>Whether two loose elements are equal modulo p. For public values.</summary>
    public static bool AreEqual(in FieldElement f, FieldElement g)
    {
        Carry(ref g);
        Subtract(out var difference, f, g);
        return difference.IsZero();
    }

    /// <summary>The limbs of the representative below p.</summary>
    private readonly (ulong L0, ulong L1, ulong L2, ulong L3, ulong L4) Canonical()
    {
        var f = this;
        Carry(ref f);
        Carry(ref f);

        // f is below 2p now; q is one exactly when f is p or more, found by carrying f + 19 through.
        var q = (f.L0 + 19) >> 51;
        q = (f.L1 + q) >> 51;
        q = (f.L2 + q) >> 51;
        q = (f.L3 + q) >> 51;
        q = (f.L4 + q) >> 51;

        // f - qp = f + 19q - q 2^255; the last is the bit that the final mask drops.
        ulong l0 = f.L0 + (19 * q);
        ulong l1 = f.L1 + (l0 >> 51);
        ulong l2 = f.L2 + (l1 >> 51);
        ulong l3 = f.L3 + (l2 >> 51);
        ulong l4 = f.L4 + (l3 >> 51);
        return (l0 & Mask, l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
    }
}
