using System.Runtime.CompilerServices;
using static Kadath.Crypto.Limb;

namespace Kadath.Crypto;

/// <summary>An odd prime of 256 bits.</summary>
internal interface IModulus5
{
    /// <summary>The prime in limbs; constants, so that the compiler sees them.</summary>
    static abstract ulong M0 { get; }

    static abstract ulong M1 { get; }

    static abstract ulong M2 { get; }

    static abstract ulong M3 { get; }

    static abstract ulong M4 { get; }

    /// <summary>R modulo p: one in Montgomery's form.</summary>
    static abstract ReadOnlySpan<ulong> R { get; }

    /// <summary>R² modulo p.</summary>
    static abstract ReadOnlySpan<ulong> RSquared { get; }

    /// <summary>p - 2, big-endian.</summary>
    static abstract ReadOnlySpan<byte> InvertingExponent { get; }

    /// <summary>Adds the multiple of p that makes the column c0 a multiple of 2^54, and carries it into the next.</summary>
    static abstract void Fold(ulong c0, ref ulong c1, ref ulong c2, ref ulong c3, ref ulong c4, ref ulong c5);
}

/// <summary>A number modulo a prime of 256 bits, in five limbs: R = 2^270.</summary>
internal struct Residue5<TModulus> : IResidue<Residue5<TModulus>>
    where TModulus : struct, IModulus5
{
    private ulong _l0, _l1, _l2, _l3, _l4;

    private Residue5(ReadOnlySpan<ulong> limbs) => (_l0, _l1, _l2, _l3, _l4) = (limbs[0], limbs[1], limbs[2], limbs[3], limbs[4]);

    public static int EncodedLength => 32;

    public static ReadOnlySpan<byte> InvertingExponent => TModulus.InvertingExponent;

    public static Residue5<TModulus> One => new(TModulus.R);

    public static void Decode(out Residue5<TModulus> result, ReadOnlySpan<byte> bytes)
    {
        Span<ulong> limbs = stackalloc ulong[5];
        Read(bytes, limbs);
        Multiply(out result, new(limbs), new(TModulus.RSquared));
        limbs.Clear();
    }

    public static void Encode(in Residue5<TModulus> f, Span<byte> bytes)
    {
        // f·1/R, at most p.
        Residue5<TModulus> one = default;
        one._l0 = 1;
        Multiply(out var value, f, one);
        Span<ulong> limbs = [value._l0, value._l1, value._l2, value._l3, value._l4];
        SubtractOnce(limbs, [TModulus.M0, TModulus.M1, TModulus.M2, TModulus.M3, TModulus.M4]);
        Write(limbs, bytes);
        limbs.Clear();
    }

    public static void Multiply(out Residue5<TModulus> result, in Residue5<TModulus> f, in Residue5<TModulus> g)
    {
        ulong f0 = f._l0 << Shift, f1 = f._l1 << Shift, f2 = f._l2 << Shift, f3 = f._l3 << Shift, f4 = f._l4 << Shift;
        ulong g0 = g._l0 << Shift, g1 = g._l1 << Shift, g2 = g._l2 << Shift, g3 = g._l3 << Shift, g4 = g._l4 << Shift;

        ulong c0 = Low(f0, g0);
        ulong c1 = Low(f0, g1) + Low(f1, g0) + High(f0, g0);
        ulong c2 = Low(f0, g2) + Low(f1, g1) + Low(f2, g0) + High(f0, g1) + High(f1, g0);
        ulong c3 = Low(f0, g3) + Low(f1, g2) + Low(f2, g1) + Low(f3, g0) + High(f0, g2) + High(f1, g1) + High(f2, g0);
        ulong c4 = Low(f0, g4) + Low(f1, g3) + Low(f2, g2) + Low(f3, g1) + Low(f4, g0) + High(f0, g3) + High(f1, g2) + High(f2, g1) + High(f3, g0);
        ulong c5 = Low(f1, g4) + Low(f2, g3) + Low(f3, g2) + Low(f4, g1) + High(f0, g4) + High(f1, g3) + High(f2, g2) + High(f3, g1) + High(f4, g0);
        ulong c6 = Low(f2, g4) + Low(f3, g3) + Low(f4, g2) + High(f1, g4) + High(f2, g3) + High(f3, g2) + High(f4, g1);
        ulong c7 = Low(f3, g4) + Low(f4, g3) + High(f2, g4) + High(f3, g3) + High(f4, g2);
        ulong c8 = Low(f4, g4) + High(f3, g4) + High(f4, g3);
        ulong c9 = High(f4, g4);
        Reduce(out result, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9);
    }

    public static void Square(out Residue5<TModulus> result, in Residue5<TModulus> f)
    {
        ulong f0 = f._l0 << Shift, f1 = f._l1 << Shift, f2 = f._l2 << Shift, f3 = f._l3 << Shift, f4 = f._l4 << Shift;
        ulong d0 = f0 << 1, d1 = f1 << 1, d2 = f2 << 1, d3 = f3 << 1;

        ulong c0 = Low(f0, f0);
        ulong c1 = Low(d0, f1) + High(f0, f0);
        ulong c2 = Low(d0, f2) + Low(f1, f1) + High(d0, f1);
        ulong c3 = Low(d0, f3) + Low(d1, f2) + High(d0, f2) + High(f1, f1);
        ulong c4 = Low(d0, f4) + Low(d1, f3) + Low(f2, f2) + High(d0, f3) + High(d1, f2);
        ulong c5 = Low(d1, f4) + Low(d2, f3) + High(d0, f4) + High(d1, f3) + High(f2, f2);
        ulong c6 = Low(d2, f4) + Low(f3, f3) + High(d1, f4) + High(d2, f3);
        ulong c7 = Low(d3, f4) + High(d2, f4) + High(f3, f3);
        ulong c8 = Low(f4, f4) + High(d3, f4);
        ulong c9 = High(f4, f4);
        Reduce(out result, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(out Residue5<TModulus> result, in Residue5<TModulus> f, in Residue5<TModulus> g)
    {
        result._l0 = f._l0 + g._l0;
        result._l1 = f._l1 + g._l1;
        result._l2 = f._l2 + g._l2;
        result._l3 = f._l3 + g._l3;
        result._l4 = f._l4 + g._l4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(out Residue5<TModulus> result, in Residue5<TModulus> f, in Residue5<TModulus> g) => SubtractFrom(out result, f, g, 6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractWide(out Residue5<TModulus> result, in Residue5<TModulus> f, in Residue5<TModulus> g) => SubtractFrom(out result, f, g, 9);

    public static void Select(ref Residue5<TModulus> f, in Residue5<TModulus> g, ulong mask)
    {
        f._l0 ^= mask & (f._l0 ^ g._l0);
        f._l1 ^= mask & (f._l1 ^ g._l1);
        f._l2 ^= mask & (f._l2 ^ g._l2);
        f._l3 ^= mask & (f._l3 ^ g._l3);
        f._l4 ^= mask & (f._l4 ^ g._l4);
    }

    /// <summary>f - g + 2^k p, carried. 2^58 moves up a limb as 16, so that no limb falls below zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SubtractFrom(out Residue5<TModulus> result, in Residue5<TModulus> f, in Residue5<TModulus> g, int k)
    {
        const ulong lent = 1UL << 58, returned = lent >> Bits;
        ulong l0 = f._l0 + ((TModulus.M0 << k) + lent) - g._l0;
        ulong l1 = f._l1 + ((TModulus.M1 << k) + lent - returned) - g._l1;
        ulong l2 = f._l2 + ((TModulus.M2 << k) + lent - returned) - g._l2;
        ulong l3 = f._l3 + ((TModulus.M3 << k) + lent - returned) - g._l3;
        ulong l4 = f._l4 + ((TModulus.M4 << k) - returned) - g._l4;
        Carry(out result, l0, l1, l2, l3, l4);
    }

    /// <summary>Montgomery's reduction: (c0 + 2^54 c1 + …)/R.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(
        out Residue5<TModulus> result, ulong c0, ulong c1, ulong c2, ulong c3, ulong c4, ulong c5, ulong c6, ulong c7, ulong c8, ulong c9)
    {
        TModulus.Fold(c0, ref c1, ref c2, ref c3, ref c4, ref c5);
        TModulus.Fold(c1, ref c2, ref c3, ref c4, ref c5, ref c6);
        TModulus.Fold(c2, ref c3, ref c4, ref c5, ref c6, ref c7);
        TModulus.Fold(c3, ref c4, ref c5, ref c6, ref c7, ref c8);
        TModulus.Fold(c4, ref c5, ref c6, ref c7, ref c8, ref c9);
        Carry(out result, c5, c6, c7, c8, c9);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(out Residue5<TModulus> result, ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        result._l0 = l0 & Mask;
        result._l1 = (l1 & Mask) + (l0 >> Bits);
        result._l2 = (l2 & Mask) + (l1 >> Bits);
        result._l3 = (l3 & Mask) + (l2 >> Bits);
        result._l4 = l4 + (l3 >> Bits);
    }
}
