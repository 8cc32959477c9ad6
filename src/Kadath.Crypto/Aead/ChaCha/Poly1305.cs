using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>A number modulo 2^130 - 5 in five limbs of 26 bits, each with room for carries.</summary>
internal struct PolyLimbs
{
    public const ulong Mask = (1 << 26) - 1;

    public ulong L0, L1, L2, L3, L4;

    /// <summary>Two little-endian words and a bit above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PolyLimbs Create(ulong low, ulong high, ulong top) => new()
    {
        L0 = low & Mask,
        L1 = (low >> 26) & Mask,
        L2 = ((low >> 52) | (high << 12)) & Mask,
        L3 = (high >> 14) & Mask,
        L4 = (high >> 40) | (top << 24),
    };

    /// <summary>The product, with limbs of 26 bits but for the second, which may have one bit more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PolyLimbs Multiply(in PolyLimbs a, in PolyLimbs b)
    {
        ulong a0 = a.L0, a1 = a.L1, a2 = a.L2, a3 = a.L3, a4 = a.L4, b0 = b.L0, b1 = b.L1, b2 = b.L2, b3 = b.L3, b4 = b.L4;
        ulong s1 = 5 * b1, s2 = 5 * b2, s3 = 5 * b3, s4 = 5 * b4;
        PolyLimbs product;
        product.L0 = (a0 * b0) + (a1 * s4) + (a2 * s3) + (a3 * s2) + (a4 * s1);
        product.L1 = (a0 * b1) + (a1 * b0) + (a2 * s4) + (a3 * s3) + (a4 * s2);
        product.L2 = (a0 * b2) + (a1 * b1) + (a2 * b0) + (a3 * s4) + (a4 * s3);
        product.L3 = (a0 * b3) + (a1 * b2) + (a2 * b1) + (a3 * b0) + (a4 * s4);
        product.L4 = (a0 * b4) + (a1 * b3) + (a2 * b2) + (a3 * b1) + (a4 * b0);
        product.Carry();
        return product;
    }

    /// <summary>Brings the limbs back to 26 bits, the second to 27.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Carry()
    {
        L1 += L0 >> 26;
        L0 &= Mask;
        L2 += L1 >> 26;
        L1 &= Mask;
        L3 += L2 >> 26;
        L2 &= Mask;
        L4 += L3 >> 26;
        L3 &= Mask;
        L0 += 5 * (L4 >> 26);
        L4 &= Mask;
        L1 += L0 >> 26;
        L0 &= Mask;
    }

    /// <summary>The two low words of the number's least residue.</summary>
    public void ToWords(out ulong low, out ulong high)
    {
        Carry();
        Carry();

        // The residue is below 2^130: adding 5 reaches that bit exactly where the modulus has to be taken off, and has then done so.
        var excess = this;
        excess.L0 += 5;
        excess.L1 += excess.L0 >> 26;
        excess.L2 += excess.L1 >> 26;
        excess.L3 += excess.L2 >> 26;
        excess.L4 += excess.L3 >> 26;
        var replace = 0 - (excess.L4 >> 26);
        var l0 = Select(replace, excess.L0 & Mask, L0);
        var l1 = Select(replace, excess.L1 & Mask, L1);
        var l2 = Select(replace, excess.L2 & Mask, L2);
        var l3 = Select(replace, excess.L3 & Mask, L3);
        var l4 = Select(replace, excess.L4 & Mask, L4);
        low = l0 | (l1 << 26) | (l2 << 52);
        high = (l2 >> 12) | (l3 << 14) | (l4 << 40);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Select(ulong mask, ulong whenSet, ulong whenClear) => whenClear ^ (mask & (whenSet ^ whenClear));
}

/// <summary>Poly1305 (RFC 8439 section 2.5) over whole blocks, as the AEAD uses it: what is shorter is filled up with zeros.</summary>
internal unsafe struct Poly1305
{
    /// <summary>Length of a one-time key, in bytes.</summary>
    public const int KeyBytes = 32;

    private PolyLimbs _hash, _multiplier;
    private ulong _endLow, _endHigh;

    public Poly1305(byte* key)
    {
        // Section 2.5.1: 22 bits of the multiplier are cleared.
        _multiplier = PolyLimbs.Create(*(ulong*)key & 0x0ffffffc0fffffff, *(ulong*)(key + 8) & 0x0ffffffc0ffffffc, 0);
        _endLow = *(ulong*)(key + 16);
        _endHigh = *(ulong*)(key + 24);
    }

    /// <summary>Takes in whole blocks and a last one filled up with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(byte* data, int length)
    {
        if (length >= Poly1305Lanes.MinBytes)
        {
            var taken = Poly1305Lanes.Append(ref _hash, _multiplier, data, length);
            data += taken;
            length -= taken;
        }

        for (; length >= 16; length -= 16, data += 16)
        {
            Append(*(ulong*)data, *(ulong*)(data + 8));
        }

        if (length > 0)
        {
            var block = PartialBlock.Load(data, length).AsUInt64();
            Append(block.GetElement(0), block.GetElement(1));
        }
    }

    /// <summary>Takes in what the AEAD authenticates (RFC 8439 section 2.8): both parts filled up to blocks, then their lengths.</summary>
    public void AppendAead(byte* associatedData, int associatedLength, byte* ciphertext, int length)
    {
        Append(associatedData, associatedLength);
        Append(ciphertext, length);
        Append((ulong)associatedLength, (ulong)length);
    }

    /// <summary>Takes in one block of two little-endian words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ulong low, ulong high)
    {
        var block = PolyLimbs.Create(low, high, 1);
        block.L0 += _hash.L0;
        block.L1 += _hash.L1;
        block.L2 += _hash.L2;
        block.L3 += _hash.L3;
        block.L4 += _hash.L4;
        _hash = PolyLimbs.Multiply(block, _multiplier);
    }

    /// <summary>Writes the tag and erases the state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Finish(Span<byte> tag)
    {
        _hash.ToWords(out var low, out var high);
        var sum = low + _endLow;

        // The carry by logic: a comparison may become a jump.
        var carry = ((low & _endLow) | ((low | _endLow) & ~sum)) >> 63;
        BinaryPrimitives.WriteUInt64LittleEndian(tag, sum);
        BinaryPrimitives.WriteUInt64LittleEndian(tag[8..], high + _endHigh + carry);
        Erase.Value(ref this);
    }
}
