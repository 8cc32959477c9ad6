using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>A number modulo p = 2^255 - 19 in five limbs of 51 bits (radix 2^51): L0 + 2^51 L1 + 2^102 L2 + 2^153 L3 + 2^204 L4.</summary>
/// <remarks>
/// <para>
/// Limbs may exceed 51 bits. An element is <em>tight</em> if every limb is below 2^51 + 2^15, which holds for the results
/// of <see cref="Multiply"/>, <see cref="Square"/>, <see cref="Carry"/> and decoding, and <em>loose</em> if every limb is
/// below 2^53.7, which holds for a sum of two or three tight elements and a difference of such. Multiplication takes loose
/// operands and needs no more: that is why additions and subtractions carry nothing.
/// </para>
/// <para>
/// A product of limbs is split at bit 51, not at bit 64: operands are shifted left by 13 bits in all, so that the high
/// word of the 128-bit product is its part above bit 51 and the low word, shifted back, the part below. Both kinds of
/// parts are summed in words that cannot overflow, so no carry flag exists that would have to be caught by a comparison.
/// The high word comes from <see cref="Word.MultiplyHigh"/>, the low one from an ordinary multiplication.
/// </para>
/// <para>Everything here runs in constant time.</para>
/// </remarks>
internal partial struct FieldElement
{
    /// <summary>The low 51 bits.</summary>
    private const ulong Mask = (1UL << 51) - 1;

    public ulong L0, L1, L2, L3, L4;

    public FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        L0 = l0;
        L1 = l1;
        L2 = l2;
        L3 = l3;
        L4 = l4;
    }

    public static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>f + g, without carrying.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(out FieldElement result, in FieldElement f, in FieldElement g)
    {
        result.L0 = f.L0 + g.L0;
        result.L1 = f.L1 + g.L1;
        result.L2 = f.L2 + g.L2;
        result.L3 = f.L3 + g.L3;
        result.L4 = f.L4 + g.L4;
    }

    /// <summary>f - g for a tight g, without carrying: 2p is added so that no limb falls below zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(out FieldElement result, in FieldElement f, in FieldElement g)
    {
        result.L0 = f.L0 + (2 * (Mask - 18)) - g.L0;
        result.L1 = f.L1 + (2 * Mask) - g.L1;
        result.L2 = f.L2 + (2 * Mask) - g.L2;
        result.L3 = f.L3 + (2 * Mask) - g.L3;
        result.L4 = f.L4 + (2 * Mask) - g.L4;
    }

    /// <summary>-f for a tight f; tight.</summary>
    public static void Negate(out FieldElement result, in FieldElement f)
    {
        Subtract(out result, default, f);
        Carry(ref result);
    }

    /// <summary>Makes a loose element tight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Carry(ref FieldElement f) => Reduce(out f, f.L0, f.L1, f.L2, f.L3, f.L4);

    /// <summary>f · g for loose operands; tight.</summary>
    public static void Multiply(out FieldElement result, in FieldElement f, in FieldElement g)
    {
        ulong f0 = f.L0 << 7, f1 = f.L1 << 7, f2 = f.L2 << 7, f3 = f.L3 << 7, f4 = f.L4 << 7;
        ulong g0 = g.L0 << 6, g1 = g.L1 << 6, g2 = g.L2 << 6, g3 = g.L3 << 6, g4 = g.L4 << 6;

        // 2^255 = 19 modulo p: what passes the top comes back nineteen-fold. 19 · 2^6 · 2^53.7 stays below 2^64.
        ulong h1 = 19 * g1, h2 = 19 * g2, h3 = 19 * g3, h4 = 19 * g4;

        ulong low0 = Low(f0, g0) + Low(f1, h4) + Low(f2, h3) + Low(f3, h2) + Low(f4, h1);
        ulong high0 = High(f0, g0) + High(f1, h4) + High(f2, h3) + High(f3, h2) + High(f4, h1);
        ulong low1 = Low(f0, g1) + Low(f1, g0) + Low(f2, h4) + Low(f3, h3) + Low(f4, h2);
        ulong high1 = High(f0, g1) + High(f1, g0) + High(f2, h4) + High(f3, h3) + High(f4, h2);
        ulong low2 = Low(f0, g2) + Low(f1, g1) + Low(f2, g0) + Low(f3, h4) + Low(f4, h3);
        ulong high2 = High(f0, g2) + High(f1, g1) + High(f2, g0) + High(f3, h4) + High(f4, h3);
        ulong low3 = Low(f0, g3) + Low(f1, g2) + Low(f2, g1) + Low(f3, g0) + Low(f4, h4);
        ulong high3 = High(f0, g3) + High(f1, g2) + High(f2, g1) + High(f3, g0) + High(f4, h4);
        ulong low4 = Low(f0, g4) + Low(f1, g3) + Low(f2, g2) + Low(f3, g1) + Low(f4, g0);
        ulong high4 = High(f0, g4) + High(f1, g3) + High(f2, g2) + High(f3, g1) + High(f4, g0);

        Reduce(out result, low0 + (19 * high4), low1 + high0, low2 + high1, low3 + high2, low4 + high3);
    }

    /// <summary>f² for a loose f; tight.</summary>
    public static void Square(out FieldElement result, in FieldElement f)
    {
        ulong f0 = f.L0 << 7, f1 = f.L1 << 7, f2 = f.L2 << 7, f3 = f.L3 << 7, f4 = f.L4 << 7;
        ulong d0 = f0 << 1, d1 = f1 << 1, d2 = f2 << 1, d3 = f3 << 1;
        ulong g0 = f.L0 << 6, g1 = f.L1 << 6, g2 = f.L2 << 6, g3 = f.L3 << 6, g4 = f.L4 << 6;
        ulong h3 = 19 * g3, h4 = 19 * g4;

        ulong low0 = Low(f0, g0) + Low(d1, h4) + Low(d2, h3);
        ulong high0 = High(f0, g0) + High(d1, h4) + High(d2, h3);
        ulong low1 = Low(d0, g1) + Low(d2, h4) + Low(f3, h3);
        ulong high1 = High(d0, g1) + High(d2, h4) + High(f3, h3);
        ulong low2 = Low(d0, g2) + Low(f1, g1) + Low(d3, h4);
        ulong high2 = High(d0, g2) + High(f1, g1) + High(d3, h4);
        ulong low3 = Low(d0, g3) + Low(d1, g2) + Low(f4, h4);
        ulong high3 = High(d0, g3) + High(d1, g2) + High(f4, h4);
        ulong low4 = Low(d0, g4) + Low(d1, g3) + Low(f2, g2);
        ulong high4 = High(d0, g4) + High(d1, g3) + High(f2, g2);

        Reduce(out result, low0 + (19 * high4), low1 + high0, low2 + high1, low3 + high2, low4 + high3);
    }

    /// <summary>f · factor + g for a loose f, a factor below 2^17 and a tight g; tight.</summary>
    public static void MultiplyAdd(out FieldElement result, in FieldElement f, ulong factor, in FieldElement g)
    {
        // As in a product: 7 bits on the limb and 6 on the factor move the split to bit 51.
        factor <<= 6;
        ulong f0 = f.L0 << 7, f1 = f.L1 << 7, f2 = f.L2 << 7, f3 = f.L3 << 7, f4 = f.L4 << 7;
        Reduce(
            out result,
            g.L0 + Low(f0, factor) + (19 * High(f4, factor)),
            g.L1 + Low(f1, factor) + High(f0, factor),
            g.L2 + Low(f2, factor) + High(f1, factor),
            g.L3 + Low(f3, factor) + High(f2, factor),
            g.L4 + Low(f4, factor) + High(f3, factor));
    }

    /// <summary>Replaces <paramref name="f"/> by <paramref name="g"/> where <paramref name="mask"/> is all ones, keeps it where it is zero.</summary>
    public static void Select(ref FieldElement f, in FieldElement g, ulong mask)
    {
        f.L0 ^= mask & (f.L0 ^ g.L0);
        f.L1 ^= mask & (f.L1 ^ g.L1);
        f.L2 ^= mask & (f.L2 ^ g.L2);
        f.L3 ^= mask & (f.L3 ^ g.L3);
        f.L4 ^= mask & (f.L4 ^ g.L4);
    }

    /// <summary>Exchanges <paramref name="f"/> and <paramref name="g"/> where <paramref name="mask"/> is all ones, keeps them where it is zero.</summary>
    public static void Swap(ref FieldElement f, ref FieldElement g, ulong mask)
    {
        ulong t0 = mask & (f.L0 ^ g.L0), t1 = mask & (f.L1 ^ g.L1), t2 = mask & (f.L2 ^ g.L2), t3 = mask & (f.L3 ^ g.L3), t4 = mask & (f.L4 ^ g.L4);
        f = new(f.L0 ^ t0, f.L1 ^ t1, f.L2 ^ t2, f.L3 ^ t3, f.L4 ^ t4);
        g = new(g.L0 ^ t0, g.L1 ^ t1, g.L2 ^ t2, g.L3 ^ t3, g.L4 ^ t4);
    }

    /// <summary>Moves what a limb has above bit 51 to the next; one pass, because the words are below 2^63 and a carry hence below 2^12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(out FieldElement result, ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        result.L0 = (l0 & Mask) + (19 * (l4 >> 51));
        result.L1 = (l1 & Mask) + (l0 >> 51);
        result.L2 = (l2 & Mask) + (l1 >> 51);
        result.L3 = (l3 & Mask) + (l2 >> 51);
        result.L4 = (l4 & Mask) + (l3 >> 51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Low(ulong x, ulong y) => (x * y) >> 13;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong High(ulong x, ulong y) => Word.MultiplyHigh(x, y);
}
