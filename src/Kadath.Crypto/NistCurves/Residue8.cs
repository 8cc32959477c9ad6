using System.Runtime.CompilerServices;
using static Kadath.Crypto.Limb;

namespace Kadath.Crypto;

/// <summary>An odd prime of 384 bits.</summary>
internal interface IModulus8
{
    /// <summary>The prime in limbs.</summary>
    static abstract ReadOnlySpan<ulong> Modulus { get; }

    /// <summary>R modulo p: one in Montgomery's form.</summary>
    static abstract ReadOnlySpan<ulong> R { get; }

    /// <summary>R² modulo p.</summary>
    static abstract ReadOnlySpan<ulong> RSquared { get; }

    /// <summary>p - 2, big-endian.</summary>
    static abstract ReadOnlySpan<byte> InvertingExponent { get; }

    /// <summary>Adds the multiple of p that makes the first of nine columns a multiple of 2^54, and carries it into the next.</summary>
    static abstract void Fold(ref ulong columns);
}

/// <summary>A number modulo a prime of 384 bits, in eight limbs: R = 2^432.</summary>
internal struct Residue8<TModulus> : IResidue<Residue8<TModulus>>
    where TModulus : struct, IModulus8
{
    private const int Count = 8;

    private Limbs _l;

    public static int EncodedLength => 48;

    public static ReadOnlySpan<byte> InvertingExponent => TModulus.InvertingExponent;

    public static Residue8<TModulus> One => From(TModulus.R);

    public static void Decode(out Residue8<TModulus> result, ReadOnlySpan<byte> bytes)
    {
        Residue8<TModulus> value = default;
        Read(bytes, value._l);
        Multiply(out result, value, From(TModulus.RSquared));
        Erase.Value(ref value);
    }

    public static void Encode(in Residue8<TModulus> f, Span<byte> bytes)
    {
        // f·1/R, at most p.
        Residue8<TModulus> one = default;
        one._l[0] = 1;
        Multiply(out var value, f, one);
        SubtractOnce(value._l, TModulus.Modulus);
        Write(value._l, bytes);
        Erase.Value(ref value);
    }

    [SkipLocalsInit]
    public static void Multiply(out Residue8<TModulus> result, in Residue8<TModulus> f, in Residue8<TModulus> g)
    {
        Unsafe.SkipInit(out Columns columns);
        ref var c = ref Unsafe.As<Columns, ulong>(ref columns);
        ulong g0 = g._l[0] << Shift, g1 = g._l[1] << Shift, g2 = g._l[2] << Shift, g3 = g._l[3] << Shift;
        ulong g4 = g._l[4] << Shift, g5 = g._l[5] << Shift, g6 = g._l[6] << Shift, g7 = g._l[7] << Shift;

        // Column by column from the factor's limbs: eight columns are open at a time, and stay in registers.
        ulong c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0;
        for (var i = 0; i < Count; i++)
        {
            var x = f._l[i] << Shift;
            Unsafe.Add(ref c, i) = c0 + Low(x, g0);
            c0 = c1 + High(x, g0) + Low(x, g1);
            c1 = c2 + High(x, g1) + Low(x, g2);
            c2 = c3 + High(x, g2) + Low(x, g3);
            c3 = c4 + High(x, g3) + Low(x, g4);
            c4 = c5 + High(x, g4) + Low(x, g5);
            c5 = c6 + High(x, g5) + Low(x, g6);
            c6 = c7 + High(x, g6) + Low(x, g7);
            c7 = High(x, g7);
        }

        columns[8] = c0;
        columns[9] = c1;
        columns[10] = c2;
        columns[11] = c3;
        columns[12] = c4;
        columns[13] = c5;
        columns[14] = c6;
        columns[15] = c7;
        Reduce(out result, ref c);
    }

    public static void Square(out Residue8<TModulus> result, in Residue8<TModulus> f) => Multiply(out result, f, f);

    public static void Add(out Residue8<TModulus> result, in Residue8<TModulus> f, in Residue8<TModulus> g)
    {
        Unsafe.SkipInit(out result);
        result._l[0] = f._l[0] + g._l[0];
        result._l[1] = f._l[1] + g._l[1];
        result._l[2] = f._l[2] + g._l[2];
        result._l[3] = f._l[3] + g._l[3];
        result._l[4] = f._l[4] + g._l[4];
        result._l[5] = f._l[5] + g._l[5];
        result._l[6] = f._l[6] + g._l[6];
        result._l[7] = f._l[7] + g._l[7];
    }

    public static void Subtract(out Residue8<TModulus> result, in Residue8<TModulus> f, in Residue8<TModulus> g) => SubtractFrom(out result, f, g, 6);

    public static void SubtractWide(out Residue8<TModulus> result, in Residue8<TModulus> f, in Residue8<TModulus> g) => SubtractFrom(out result, f, g, 9);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Select(ref Residue8<TModulus> f, in Residue8<TModulus> g, ulong mask)
    {
        for (var i = 0; i < Count; i++)
        {
            f._l[i] ^= mask & (f._l[i] ^ g._l[i]);
        }
    }

    /// <summary>f - g + 2^k p, carried.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SubtractFrom(out Residue8<TModulus> result, in Residue8<TModulus> f, in Residue8<TModulus> g, int k)
    {
        Unsafe.SkipInit(out result);
        var modulus = TModulus.Modulus;
        var carry = 0UL;
        for (var i = 0; i < Count - 1; i++)
        {
            carry += f._l[i] + ((modulus[i] << k) & Mask) - g._l[i];
            result._l[i] = carry & Mask;
            carry = Excess(carry) + (modulus[i] >> (Bits - k));
        }

        result._l[7] = carry + f._l[7] + (modulus[7] << k) - g._l[7];
    }

    /// <summary>Montgomery's reduction of sixteen columns.</summary>
    private static void Reduce(out Residue8<TModulus> result, ref ulong columns)
    {
        Unsafe.SkipInit(out result);
        for (var i = 0; i < Count; i++)
        {
            TModulus.Fold(ref Unsafe.Add(ref columns, i));
        }

        var carry = 0UL;
        for (var i = 0; i < Count - 1; i++)
        {
            carry += Unsafe.Add(ref columns, Count + i);
            result._l[i] = carry & Mask;
            carry = Excess(carry);
        }

        result._l[7] = carry + Unsafe.Add(ref columns, 15);
    }

    private static Residue8<TModulus> From(ReadOnlySpan<ulong> limbs)
    {
        Residue8<TModulus> result = default;
        limbs.CopyTo(result._l);
        return result;
    }

    [InlineArray(Count)]
    private struct Limbs
    {
        private ulong _first;
    }

    [InlineArray(2 * Count)]
    private struct Columns
    {
        private ulong _first;
    }
}
