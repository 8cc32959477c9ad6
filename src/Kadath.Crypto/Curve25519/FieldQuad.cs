using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>Four numbers modulo p = 2^255 - 19 side by side: limb i of all four is one vector of doubles, of weight 2^(51 i).</summary>
/// <remarks>
/// <para>
/// .NET has no vector multiplication of 52-bit integers, but fused multiply-adds on doubles, which hold 53 bits exactly. With
/// C = 1.5 · 2^104, the sum x·y + C is rounded to a multiple of 2^52, whose number stands in the low bits of the result;
/// the sum of x·y and what C lost is the rest of the product, exactly. Both hold as long as x·y stays below 2^103.
/// </para>
/// <para>
/// Limbs are signed. An element is <em>tight</em> if every limb is at most 2^50 + 2^13 in size, which holds for products. The
/// limbs of two factors must in size multiply to less than 2^103: the sum of three tight elements and the sum of two, say,
/// or such a sum and a <see cref="FieldElement"/> that is tight in its own sense.
/// </para>
/// <para>Everything here runs in constant time: on these processors, the duration of an operation on doubles depends on its operands only for subnormal numbers, which integers never are.</para>
/// </remarks>
internal struct FieldQuad
{
    private const int Bits = 51;

    /// <summary>1.5 · 2^104.</summary>
    private const double Splitter = 30423614405477505635920876929024d;

    /// <summary>The bits of <see cref="Splitter"/> as a number: what each high part that is summed brings along.</summary>
    private const long SplitterBits = 0x4678_0000_0000_0000;

    public Vector256<double> L0, L1, L2, L3, L4;

    /// <summary>Whether the processor has what is used here: fused multiply-add, conversions between doubles and 64-bit integers, and their arithmetic shift.</summary>
    public static bool IsSupported => Avx512DQ.VL.IsSupported && Fma.IsSupported;

    /// <summary>Four elements that are tight in the sense of <see cref="FieldElement"/>.</summary>
    public static FieldQuad Create(in FieldElement e0, in FieldElement e1, in FieldElement e2, in FieldElement e3) => new()
    {
        L0 = Vector256.Create((double)e0.L0, e1.L0, e2.L0, e3.L0),
        L1 = Vector256.Create((double)e0.L1, e1.L1, e2.L1, e3.L1),
        L2 = Vector256.Create((double)e0.L2, e1.L2, e2.L2, e3.L2),
        L3 = Vector256.Create((double)e0.L3, e1.L3, e2.L3, e3.L3),
        L4 = Vector256.Create((double)e0.L4, e1.L4, e2.L4, e3.L4),
    };

    /// <summary>One of the four, tight in the sense of <see cref="FieldElement"/>: 2p is added so that no limb is negative.</summary>
    public readonly FieldElement Extract(int lane)
    {
        const ulong twice = 2 * ((1UL << Bits) - 1);
        FieldElement result = new(
            (ulong)Integer(L0).GetElement(lane) + twice - 36,
            (ulong)Integer(L1).GetElement(lane) + twice,
            (ulong)Integer(L2).GetElement(lane) + twice,
            (ulong)Integer(L3).GetElement(lane) + twice,
            (ulong)Integer(L4).GetElement(lane) + twice);
        FieldElement.Carry(ref result);
        return result;
    }

    /// <summary>f · g in each lane; tight.</summary>
    [SkipLocalsInit]
    public static void Multiply(out FieldQuad result, in FieldQuad f, in FieldQuad g)
    {
        Vector256<double> g0 = g.L0, g1 = g.L1, g2 = g.L2, g3 = g.L3, g4 = g.L4;
        var splitter = Vector256.Create(Splitter);

        var x = f.L0;
        First(x, g0, splitter, out var low0, out var high0);
        First(x, g1, splitter, out var low1, out var high1);
        First(x, g2, splitter, out var low2, out var high2);
        First(x, g3, splitter, out var low3, out var high3);
        First(x, g4, splitter, out var low4, out var high4);
        x = f.L1;
        Next(x, g0, splitter, ref low1, ref high1);
        Next(x, g1, splitter, ref low2, ref high2);
        Next(x, g2, splitter, ref low3, ref high3);
        Next(x, g3, splitter, ref low4, ref high4);
        First(x, g4, splitter, out var low5, out var high5);
        x = f.L2;
        Next(x, g0, splitter, ref low2, ref high2);
        Next(x, g1, splitter, ref low3, ref high3);
        Next(x, g2, splitter, ref low4, ref high4);
        Next(x, g3, splitter, ref low5, ref high5);
        First(x, g4, splitter, out var low6, out var high6);
        x = f.L3;
        Next(x, g0, splitter, ref low3, ref high3);
        Next(x, g1, splitter, ref low4, ref high4);
        Next(x, g2, splitter, ref low5, ref high5);
        Next(x, g3, splitter, ref low6, ref high6);
        First(x, g4, splitter, out var low7, out var high7);
        x = f.L4;

        // Five low parts may exceed what a double holds: the last of the middle column is kept apart.
        First(x, g0, splitter, out var last, out var highLast);
        Next(x, g1, splitter, ref low5, ref high5);
        Next(x, g2, splitter, ref low6, ref high6);
        Next(x, g3, splitter, ref low7, ref high7);
        First(x, g4, splitter, out var low8, out var high8);

        // Column k weighs 2^(51k): a high part of the column before weighs 2^52, twice that. 2^255 = 19 modulo p.
        Reduce(
            out result,
            Integer(low0) + Times19(Integer(low5) + Twice(high4 + highLast, 5)),
            Integer(low1) + Twice(high0, 1) + Times19(Integer(low6) + Twice(high5, 4)),
            Integer(low2) + Twice(high1, 2) + Times19(Integer(low7) + Twice(high6, 3)),
            Integer(low3) + Twice(high2, 3) + Times19(Integer(low8) + Twice(high7, 2)),
            Integer(low4) + Integer(last) + Twice(high3, 4) + Times19(Twice(high8, 1)));
    }

    /// <summary>Replaces <paramref name="f"/> by <paramref name="g"/> where <paramref name="mask"/> is all ones, keeps it where it is zero.</summary>
    public static void Select(ref FieldQuad f, in FieldQuad g, ulong mask)
    {
        var wanted = Vector256.Create(mask).AsDouble();
        f.L0 ^= wanted & (f.L0 ^ g.L0);
        f.L1 ^= wanted & (f.L1 ^ g.L1);
        f.L2 ^= wanted & (f.L2 ^ g.L2);
        f.L3 ^= wanted & (f.L3 ^ g.L3);
        f.L4 ^= wanted & (f.L4 ^ g.L4);
    }

    /// <summary>Both parts of a product that begins its column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void First(
        Vector256<double> x, Vector256<double> y, Vector256<double> splitter, out Vector256<double> low, out Vector256<long> high)
    {
        var sum = Fma.MultiplyAdd(x, y, splitter);
        high = sum.AsInt64();
        low = Fma.MultiplyAdd(x, y, splitter - sum);
    }

    /// <summary>Adds both parts of a product to its column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Next(
        Vector256<double> x, Vector256<double> y, Vector256<double> splitter, ref Vector256<double> low, ref Vector256<long> high)
    {
        var sum = Fma.MultiplyAdd(x, y, splitter);
        high += sum.AsInt64();
        low += Fma.MultiplyAdd(x, y, splitter - sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Integer(Vector256<double> value) => Avx512DQ.VL.ConvertToVector256Int64(value);

    /// <summary>Twice a sum of so many high parts, less what the splitter brought along.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Twice(Vector256<long> high, int parts) => (high << 1) - Vector256.Create(unchecked(2 * parts * SplitterBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Times19(Vector256<long> value) => value + (value << 1) + (value << 4);

    /// <summary>Carries once, to the nearest multiple of 2^51.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(
        out FieldQuad result, Vector256<long> l0, Vector256<long> l1, Vector256<long> l2, Vector256<long> l3, Vector256<long> l4)
    {
        var half = Vector256.Create(1L << (Bits - 1));
        Vector256<long> c0 = (l0 + half) >> Bits, c1 = (l1 + half) >> Bits, c2 = (l2 + half) >> Bits, c3 = (l3 + half) >> Bits, c4 = (l4 + half) >> Bits;
        result.L0 = Avx512DQ.VL.ConvertToVector256Double(l0 - (c0 << Bits) + Times19(c4));
        result.L1 = Avx512DQ.VL.ConvertToVector256Double(l1 - (c1 << Bits) + c0);
        result.L2 = Avx512DQ.VL.ConvertToVector256Double(l2 - (c2 << Bits) + c1);
        result.L3 = Avx512DQ.VL.ConvertToVector256Double(l3 - (c3 << Bits) + c2);
        result.L4 = Avx512DQ.VL.ConvertToVector256Double(l4 - (c4 << Bits) + c3);
    }
}
