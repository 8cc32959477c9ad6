using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>A point of edwards25519 with its coordinates X, Y, Z, T = XY/Z in the lanes of one <see cref="FieldQuad"/>, tight. Doubling and addition are two products of four lanes each.</summary>
/// <remarks>After Hisil, Wong, Carter and Dawson, "Twisted Edwards Curves Revisited" (2008), section 4. The formulas are complete; everything runs in constant time.</remarks>
internal struct QuadPoint
{
    private FieldQuad _lanes;

    public static QuadPoint Identity => From(ExtendedPoint.Identity);

    public static QuadPoint From(in ExtendedPoint point) => new() { _lanes = Tight(FieldQuad.Create(point.X, point.Y, point.Z, point.T)) };

    public readonly ProjectivePoint ToProjective() => new() { X = _lanes.Extract(0), Y = _lanes.Extract(1), Z = _lanes.Extract(2) };

    /// <summary>2p in place. For A = X², B = Y², C = 2Z², E = 2XY, G = B - A, F = G - C, H = -A - B: (EF, GH, FG, EH), the signs of the usual formula turned so that no lane sums more than three products.</summary>
    [SkipLocalsInit]
    public void Double()
    {
        FieldQuad left, right;
        Squares(out left.L0, out right.L0, _lanes.L0);
        Squares(out left.L1, out right.L1, _lanes.L1);
        Squares(out left.L2, out right.L2, _lanes.L2);
        Squares(out left.L3, out right.L3, _lanes.L3);
        Squares(out left.L4, out right.L4, _lanes.L4);
        FieldQuad.Multiply(out var products, left, right);
        Doubled(out left.L0, out right.L0, products.L0);
        Doubled(out left.L1, out right.L1, products.L1);
        Doubled(out left.L2, out right.L2, products.L2);
        Doubled(out left.L3, out right.L3, products.L3);
        Doubled(out left.L4, out right.L4, products.L4);
        FieldQuad.Multiply(out _lanes, left, right);
    }

    /// <summary>p + q in place.</summary>
    [SkipLocalsInit]
    public void Add(in CachedQuadPoint q)
    {
        FieldQuad left, right;
        left.L0 = DifferenceAndSum(_lanes.L0);
        left.L1 = DifferenceAndSum(_lanes.L1);
        left.L2 = DifferenceAndSum(_lanes.L2);
        left.L3 = DifferenceAndSum(_lanes.L3);
        left.L4 = DifferenceAndSum(_lanes.L4);
        FieldQuad.Multiply(out var products, left, q.Lanes);
        Added(out left.L0, out right.L0, products.L0);
        Added(out left.L1, out right.L1, products.L1);
        Added(out left.L2, out right.L2, products.L2);
        Added(out left.L3, out right.L3, products.L3);
        Added(out left.L4, out right.L4, products.L4);
        FieldQuad.Multiply(out _lanes, left, right);
    }

    /// <summary>The form that can be added: (Y - X, Y + X, 2Z, 2dT).</summary>
    public readonly void ToCached(out CachedQuadPoint result)
    {
        FieldQuad left;
        left.L0 = DifferenceAndSum(_lanes.L0);
        left.L1 = DifferenceAndSum(_lanes.L1);
        left.L2 = DifferenceAndSum(_lanes.L2);
        left.L3 = DifferenceAndSum(_lanes.L3);
        left.L4 = DifferenceAndSum(_lanes.L4);
        FieldQuad.Multiply(out result.Lanes, left, FieldQuad.Create(FieldElement.One, FieldElement.One, new(2, 0, 0, 0, 0), ExtendedPoint.TwoD));
    }

    private static FieldQuad Tight(in FieldQuad lanes)
    {
        FieldQuad.Multiply(out var result, lanes, FieldQuad.Create(FieldElement.One, FieldElement.One, FieldElement.One, FieldElement.One));
        return result;
    }

    /// <summary>From (X, Y, Z, T): (X, Y, Z, X) and (X, Y, 2Z, 2Y).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Squares(out Vector256<double> left, out Vector256<double> right, Vector256<double> point)
    {
        left = Avx2.Permute4x64(point, 0b00_10_01_00);
        right = Avx2.Permute4x64(point, 0b01_10_01_00) * Vector256.Create(1d, 1, 2, 2);
    }

    /// <summary>From (A, B, C, E): (E, G, F, E) and (F, H, G, H).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Doubled(out Vector256<double> left, out Vector256<double> right, Vector256<double> products)
    {
        // (B, A, B, E) and (A, B, A, E), then G = B - A, H = -A - B, F = B - A - C.
        var first = Avx2.Permute4x64(products, 0b11_01_00_01) ^ Vector256.Create(0, -0d, 0, 0);
        var second = Avx2.Permute4x64(products, 0b11_00_01_00);
        var sums = Avx.Blend(first - second, first, 0b1000);
        sums = Avx.Blend(sums, sums - products, 0b0100);
        left = Avx2.Permute4x64(sums, 0b11_10_00_11);
        right = Avx2.Permute4x64(sums, 0b01_00_01_10);
    }

    /// <summary>From (X, Y, Z, T): (Y - X, Y + X, Z, T).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> DifferenceAndSum(Vector256<double> point) =>
        Avx.Blend(Avx.Permute(point, 0b0101) + (point ^ Vector256.Create(-0d, 0, 0, 0)), point, 0b1100);

    /// <summary>From the products (A, B, D, C): with E = B - A, H = B + A, G = D + C, F = D - C, (E, G, F, E) and (F, H, G, H).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Added(out Vector256<double> left, out Vector256<double> right, Vector256<double> products)
    {
        var sums = Avx.Permute(products, 0b0101) + (products ^ Vector256.Create(-0d, 0, 0, -0d));
        left = Avx2.Permute4x64(sums, 0b00_11_10_00);
        right = Avx2.Permute4x64(sums, 0b01_10_01_11);
    }
}

/// <summary>A point prepared to be added: the lanes are Y - X, Y + X, 2Z and 2dT.</summary>
internal struct CachedQuadPoint
{
    public FieldQuad Lanes;

    /// <summary>From a point with Z = 1.</summary>
    public static CachedQuadPoint From(in AffinePoint point) => new()
    {
        Lanes = FieldQuad.Create(point.YMinusX, point.YPlusX, new(2, 0, 0, 0, 0), point.TwoDXY),
    };

    /// <summary>-p where the mask is all ones, p where it is zero: the first two lanes change places, the last its sign. Constant-time.</summary>
    public static void NegateWhere(ref CachedQuadPoint point, ulong mask)
    {
        var wanted = Vector256.Create(mask).AsDouble();
        NegateWhere(ref point.Lanes.L0, wanted);
        NegateWhere(ref point.Lanes.L1, wanted);
        NegateWhere(ref point.Lanes.L2, wanted);
        NegateWhere(ref point.Lanes.L3, wanted);
        NegateWhere(ref point.Lanes.L4, wanted);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NegateWhere(ref Vector256<double> limb, Vector256<double> mask)
    {
        var negated = Avx2.Permute4x64(limb, 0b11_10_00_01) ^ Vector256.Create(0, 0, 0, -0d);
        limb ^= mask & (limb ^ negated);
    }
}
