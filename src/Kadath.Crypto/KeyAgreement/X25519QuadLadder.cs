using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>The function of <see cref="X25519Ladder"/> with the four coordinates of its two points in the lanes of one <see cref="FieldQuad"/>. Constant-time.</summary>
internal static class X25519QuadLadder
{
    /// <summary>(486662 - 2) / 4, the curve's constant in the doubling.</summary>
    private const double A24 = 121665;

    /// <summary>Exchanges the lanes of each pair.</summary>
    private const byte PairsSwapped = 0b0101;

    /// <summary>Writes the u-coordinate of scalar · P, for a clamped scalar and the u-coordinate of P; zero for a P of small order.</summary>
    [SkipLocalsInit]
    public static void Multiply(Span<byte> result, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> u)
    {
        var x1 = FieldElement.Decode(u);

        // Lanes: X and Z of the lower point, X and Z of the higher.
        var points = FieldQuad.Create(FieldElement.One, default, x1, FieldElement.One);

        // The last factors of a step: one, (to come), one, x1.
        var factors = FieldQuad.Create(FieldElement.One, default, FieldElement.One, x1);
        var swapped = 0UL;
        for (var i = 254; i >= 0; i--)
        {
            var bit = ((ulong)scalar[i >> 3] >> (i & 7)) & 1;
            Swap(ref points, 0 - (swapped ^ bit));
            swapped = bit;
            Step(ref points, factors);
        }

        Swap(ref points, 0 - swapped);
        var x = points.Extract(0);
        var z = points.Extract(1);
        FieldElement.Invert(out z, z);
        FieldElement.Multiply(out x, x, z);
        x.Encode(result);
        Erase.Value(ref points);
        Erase.Value(ref x);
        Erase.Value(ref z);
    }

    /// <summary>(low, high) becomes (2·low, low + high).</summary>
    [SkipLocalsInit]
    private static void Step(ref FieldQuad points, in FieldQuad factors)
    {
        // A = X + Z, B = X - Z of the lower point, C and D those of the higher; then AA, BB, CB, DA.
        FieldQuad sums, others;
        SumsAndDifferences(out sums.L0, out others.L0, points.L0);
        SumsAndDifferences(out sums.L1, out others.L1, points.L1);
        SumsAndDifferences(out sums.L2, out others.L2, points.L2);
        SumsAndDifferences(out sums.L3, out others.L3, points.L3);
        SumsAndDifferences(out sums.L4, out others.L4, points.L4);
        FieldQuad.Multiply(out var products, sums, others);

        // AA · BB, a24 · E for E = AA - BB, (CB + DA)², (CB - DA)².
        Operands(out sums.L0, out others.L0, products.L0, Vector256.Create(0, A24, 0, 0));
        Operands(out sums.L1, out others.L1, products.L1, Vector256<double>.Zero);
        Operands(out sums.L2, out others.L2, products.L2, Vector256<double>.Zero);
        Operands(out sums.L3, out others.L3, products.L3, Vector256<double>.Zero);
        Operands(out sums.L4, out others.L4, products.L4, Vector256<double>.Zero);
        FieldQuad.Multiply(out var squares, sums, others);

        // The first three are X, Z and X once the second is E (AA + a24 E); the last still needs x1.
        LastOperands(ref squares.L0, out others.L0, products.L0, sums.L0, factors.L0);
        LastOperands(ref squares.L1, out others.L1, products.L1, sums.L1, factors.L1);
        LastOperands(ref squares.L2, out others.L2, products.L2, sums.L2, factors.L2);
        LastOperands(ref squares.L3, out others.L3, products.L3, sums.L3, factors.L3);
        LastOperands(ref squares.L4, out others.L4, products.L4, sums.L4, factors.L4);
        FieldQuad.Multiply(out points, squares, others);
    }

    /// <summary>From (X, Z, X', Z'): (A, B, C, D) and (A, B, B, A).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumsAndDifferences(out Vector256<double> sums, out Vector256<double> others, Vector256<double> points)
    {
        sums = Avx.Permute(points, PairsSwapped) + (points ^ Vector256.Create(0, -0d, 0, -0d));
        others = Avx2.Permute4x64(sums, 0b00_01_01_00);
    }

    /// <summary>From (AA, BB, CB, DA): (AA, E, CB + DA, CB - DA) and (BB, constant, CB + DA, CB - DA).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Operands(out Vector256<double> sums, out Vector256<double> others, Vector256<double> products, Vector256<double> constant)
    {
        var swapped = Avx.Permute(products, PairsSwapped);
        var combined = swapped + (products ^ Vector256.Create(0, -0d, 0, -0d));
        sums = Avx.Blend(combined, products, 0b0001);
        others = Avx.Blend(Avx.Blend(combined, swapped, 0b0001), constant, 0b0010);
    }

    /// <summary>From (AA·BB, a24·E, …): puts AA + a24·E in the second lane, beside the factors (1, E, 1, x1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LastOperands(
        ref Vector256<double> squares, out Vector256<double> others, Vector256<double> products, Vector256<double> sums, Vector256<double> factors)
    {
        var swapped = Avx.Permute(products, PairsSwapped);
        squares = Avx.Blend(squares, squares + swapped, 0b0010);
        others = Avx.Blend(factors, sums, 0b0010);
    }

    /// <summary>Exchanges the two points where the mask is all ones.</summary>
    private static void Swap(ref FieldQuad points, ulong mask)
    {
        var wanted = Vector256.Create(mask).AsDouble();
        points.L0 = Swapped(points.L0, wanted);
        points.L1 = Swapped(points.L1, wanted);
        points.L2 = Swapped(points.L2, wanted);
        points.L3 = Swapped(points.L3, wanted);
        points.L4 = Swapped(points.L4, wanted);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Swapped(Vector256<double> lanes, Vector256<double> mask) =>
        lanes ^ (mask & (lanes ^ Avx2.Permute4x64(lanes, 0b01_00_11_10)));
}
