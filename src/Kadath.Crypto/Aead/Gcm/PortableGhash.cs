using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>
/// GHASH by integer multiplications whose carries fall into holes: each operand is split in four so that every fourth bit is used
/// (BearSSL's ghash_ctmul64). Constant in time where 64-bit multiplication is, as on every 64-bit processor .NET runs on.
/// </summary>
internal struct PortableGhash
{
    private const ulong Holes = 0x1111111111111111;

    private readonly ulong _h0, _h1;
    private ulong _y0, _y1;

    public PortableGhash(ReadOnlySpan<byte> hashKey)
    {
        _h1 = BinaryPrimitives.ReadUInt64BigEndian(hashKey);
        _h0 = BinaryPrimitives.ReadUInt64BigEndian(hashKey[8..]);
    }

    /// <summary>Takes in whole blocks and a last one filled up with zeros.</summary>
    [SkipLocalsInit]
    public void Append(ReadOnlySpan<byte> data)
    {
        for (; data.Length >= 16; data = data[16..])
        {
            Append(BinaryPrimitives.ReadUInt64BigEndian(data), BinaryPrimitives.ReadUInt64BigEndian(data[8..]));
        }

        if (!data.IsEmpty)
        {
            Span<byte> block = stackalloc byte[16];
            block.Clear();
            data.CopyTo(block);
            Append(BinaryPrimitives.ReadUInt64BigEndian(block), BinaryPrimitives.ReadUInt64BigEndian(block[8..]));
            Erase.Span(block);
        }
    }

    /// <summary>Takes in one block of two big-endian words.</summary>
    public void Append(ulong high, ulong low)
    {
        ulong y1 = _y1 ^ high, y0 = _y0 ^ low;
        ulong y0Reversed = Reverse(y0), y1Reversed = Reverse(y1), h0Reversed = Reverse(_h0), h1Reversed = Reverse(_h1);
        ulong low0 = Multiply(y0, _h0), low1 = Multiply(y1, _h1), low2 = Multiply(y0 ^ y1, _h0 ^ _h1) ^ low0 ^ low1;
        ulong high0 = Multiply(y0Reversed, h0Reversed), high1 = Multiply(y1Reversed, h1Reversed);
        var high2 = Multiply(y0Reversed ^ y1Reversed, h0Reversed ^ h1Reversed) ^ high0 ^ high1;

        // 255 bits in four words; one shift makes up for the reflection.
        ulong v0 = low0, v1 = (Reverse(high0) >> 1) ^ low2, v2 = low1 ^ (Reverse(high2) >> 1), v3 = Reverse(high1) >> 1;
        v3 = (v3 << 1) | (v2 >> 63);
        v2 = (v2 << 1) | (v1 >> 63);
        v1 = (v1 << 1) | (v0 >> 63);
        v0 <<= 1;
        v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
        v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
        v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
        v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
        (_y0, _y1) = (v2, v3);
    }

    public readonly void Write(Span<byte> hash)
    {
        BinaryPrimitives.WriteUInt64BigEndian(hash, _y1);
        BinaryPrimitives.WriteUInt64BigEndian(hash[8..], _y0);
    }

    /// <summary>The low word of the product of two polynomials over GF(2).</summary>
    private static ulong Multiply(ulong x, ulong y)
    {
        ulong x0 = x & Holes, x1 = x & (Holes << 1), x2 = x & (Holes << 2), x3 = x & (Holes << 3);
        ulong y0 = y & Holes, y1 = y & (Holes << 1), y2 = y & (Holes << 2), y3 = y & (Holes << 3);
        var z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
        var z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
        var z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
        var z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
        return (z0 & Holes) | (z1 & (Holes << 1)) | (z2 & (Holes << 2)) | (z3 & (Holes << 3));
    }

    /// <summary>The bits in the opposite order.</summary>
    private static ulong Reverse(ulong x)
    {
        x = ((x & 0x5555555555555555) << 1) | ((x >> 1) & 0x5555555555555555);
        x = ((x & 0x3333333333333333) << 2) | ((x >> 2) & 0x3333333333333333);
        x = ((x & 0x0F0F0F0F0F0F0F0F) << 4) | ((x >> 4) & 0x0F0F0F0F0F0F0F0F);
        return BinaryPrimitives.ReverseEndianness(x);
    }
}
