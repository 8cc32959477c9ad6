using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Multiples of the generator, computed once per process: 256 points for secret scalars, 64 for public ones (41 KB).</summary>
internal static class GeneratorTables
{
    /// <summary>Multiples 1 to 8 at each of 32 places: one place per pair of radix-16 digits.</summary>
    private const int PerPlace = 8, Places = 32;

    /// <summary>Width of the non-adjacent form that <see cref="OddMultiples"/> serves: 1B, 3B … 127B.</summary>
    public const int OddWidth = 8;

    /// <summary>Entry 8i + j is (j + 1) · 256^i · B. Whoever looks for a secret place reads all.</summary>
    public static readonly AffinePoint[] Comb;

    /// <summary>Entry i is (2i + 1) · B. Public scalars may index it.</summary>
    public static readonly AffinePoint[] OddMultiples;

    static GeneratorTables()
    {
        const int combLength = Places * PerPlace, oddLength = 1 << (OddWidth - 2);
        var points = new ExtendedPoint[combLength + oddLength];
        var place = ExtendedPoint.Generator;
        for (var i = 0; i < Places; i++)
        {
            Multiples(points.AsSpan(i * PerPlace, PerPlace), place, place);
            for (var j = 0; j < 8; j++)
            {
                place.Double(out place);
            }
        }

        ExtendedPoint.Generator.Double(out var twice);
        Multiples(points.AsSpan(combLength), ExtendedPoint.Generator, twice);

        var table = ToAffine(points);
        Comb = table[..combLength];
        OddMultiples = table[combLength..];
    }

    /// <summary>scalar · B. Constant-time: every digit reads all eight entries of its place.</summary>
    [SkipLocalsInit]
    public static void Multiply(out ProjectivePoint result, in Scalar scalar)
    {
        Span<sbyte> digits = stackalloc sbyte[64];
        scalar.ToSignedRadix16(digits);

        // Digit 2i weighs 256^i and digit 2i+1 sixteen times that: odd digits first, then times 16, then the even ones.
        var sum = ExtendedPoint.Identity;
        AddDigits(ref sum, digits, 1);
        sum.ToProjective().Double(out var completed);
        for (var i = 0; i < 3; i++)
        {
            completed.ToProjective(out var doubled);
            doubled.Double(out completed);
        }

        completed.ToExtended(out sum);
        AddDigits(ref sum, digits, 0);
        result = sum.ToProjective();
        digits.Clear();
    }

    private static void AddDigits(ref ExtendedPoint sum, ReadOnlySpan<sbyte> digits, int first)
    {
        AffinePoint term = default;
        for (var i = first; i < digits.Length; i += 2)
        {
            Select(ref term, i >> 1, digits[i]);
            sum.Add(out CompletedPoint completed, term);
            completed.ToExtended(out sum);
        }

        // The last term tells the highest digit.
        term = default;
    }

    /// <summary>digit · 256^place · B for a digit of -8 to 8. Constant-time.</summary>
    private static void Select(ref AffinePoint result, int place, int digit)
    {
        var negative = digit >> 31;
        var magnitude = (uint)((digit ^ negative) - negative);

        ref var entry = ref Unsafe.As<AffinePoint, ulong>(ref MemoryMarshal.GetArrayDataReference(Comb));
        entry = ref Unsafe.Add(ref entry, place * PerPlace * AffinePoint.Words);
        Vector256<ulong> v0 = default, v1 = default, v2 = default, v3 = default;
        for (var j = 1u; j <= PerPlace; j++)
        {
            var mask = Vector256.Create(EqualMask(magnitude, j));
            v0 |= mask & Vector256.LoadUnsafe(ref entry);
            v1 |= mask & Vector256.LoadUnsafe(ref entry, 4);
            v2 |= mask & Vector256.LoadUnsafe(ref entry, 8);
            v3 |= mask & Vector256.LoadUnsafe(ref entry, 12);
            entry = ref Unsafe.Add(ref entry, AffinePoint.Words);
        }

        ref var words = ref Unsafe.As<AffinePoint, ulong>(ref result);
        v0.StoreUnsafe(ref words);
        v1.StoreUnsafe(ref words, 4);
        v2.StoreUnsafe(ref words, 8);
        v3.StoreUnsafe(ref words, 12);

        // Nothing was taken for digit zero: make it the neutral element, y = 1 and x = 0.
        var zero = EqualMask(magnitude, 0) & 1;
        result.YPlusX.L0 |= zero;
        result.YMinusX.L0 |= zero;

        // -(x, y) = (-x, y): the first two coordinates change places, the third its sign.
        var negate = (ulong)(long)negative;
        var plus = result.YPlusX;
        FieldElement.Select(ref result.YPlusX, result.YMinusX, negate);
        FieldElement.Select(ref result.YMinusX, plus, negate);
        FieldElement.Negate(out var negated, result.TwoDXY);
        FieldElement.Select(ref result.TwoDXY, negated, negate);
    }

    /// <summary>All ones if a = b, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EqualMask(uint a, uint b) => (ulong)((long)((ulong)(a ^ b) - 1) >> 63);

    /// <summary>first, first + step, first + 2·step …</summary>
    private static void Multiples(Span<ExtendedPoint> points, in ExtendedPoint first, in ExtendedPoint step)
    {
        step.ToCached(out var cached);
        points[0] = first;
        for (var i = 1; i < points.Length; i++)
        {
            points[i - 1].Add(out CompletedPoint completed, cached);
            completed.ToExtended(out points[i]);
        }
    }

    /// <summary>Divides by Z, with one inversion for all points (Montgomery's trick).</summary>
    private static AffinePoint[] ToAffine(ReadOnlySpan<ExtendedPoint> points)
    {
        // partial[i] = Z0 · Z1 · … · Z(i-1)
        var partial = new FieldElement[points.Length];
        var product = FieldElement.One;
        for (var i = 0; i < points.Length; i++)
        {
            partial[i] = product;
            FieldElement.Multiply(out product, product, points[i].Z);
        }

        var result = new AffinePoint[points.Length];
        FieldElement.Invert(out var inverse, product);
        for (var i = points.Length - 1; i >= 0; i--)
        {
            FieldElement.Multiply(out var inverseZ, inverse, partial[i]);
            FieldElement.Multiply(out inverse, inverse, points[i].Z);
            FieldElement.Multiply(out var x, points[i].X, inverseZ);
            FieldElement.Multiply(out var y, points[i].Y, inverseZ);
            result[i] = AffinePoint.From(x, y);
        }

        return result;
    }
}
