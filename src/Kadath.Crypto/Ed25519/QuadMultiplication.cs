using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Multiples of points of edwards25519 by way of <see cref="QuadPoint"/>, for processors where <see cref="FieldQuad.IsSupported"/>.</summary>
internal static class QuadMultiplication
{
    /// <summary>Multiples 1 to 8 at each of 32 places: one place per pair of radix-16 digits.</summary>
    private const int PerPlace = 8;

    /// <summary>Entry 8i + j is (j + 1) · 256^i · B, 41 KB.</summary>
    private static readonly CachedQuadPoint[] s_comb = Array.ConvertAll(GeneratorTables.Comb, point => CachedQuadPoint.From(point));

    private static readonly CachedQuadPoint[] s_oddMultiples = Array.ConvertAll(GeneratorTables.OddMultiples, point => CachedQuadPoint.From(point));

    /// <summary>The neutral element, prepared to be added.</summary>
    private static readonly CachedQuadPoint s_identity = CachedQuadPoint.From(AffinePoint.From(default, FieldElement.One));

    /// <summary>scalar · B. Constant-time: every digit reads all eight entries of its place.</summary>
    [SkipLocalsInit]
    public static void MultiplyGenerator(out ProjectivePoint result, in Scalar scalar)
    {
        Span<sbyte> digits = stackalloc sbyte[64];
        scalar.ToSignedRadix16(digits);

        // Digit 2i weighs 256^i and digit 2i+1 sixteen times that: odd digits first, then times 16, then the even ones.
        var sum = QuadPoint.Identity;
        AddDigits(ref sum, digits, 1);
        for (var i = 0; i < 4; i++)
        {
            sum.Double();
        }

        AddDigits(ref sum, digits, 0);
        result = sum.ToProjective();
        Erase.Value(ref sum);
        digits.Clear();
    }

    /// <summary>s·B + k·P for public values: one run of doublings for both (Straus), points added where a digit is not zero.</summary>
    [SkipLocalsInit]
    public static void MultiplyTwo(out ProjectivePoint result, in Scalar s, in Scalar k, in ExtendedPoint p)
    {
        const int keyWidth = 5;
        Span<CachedQuadPoint> oddMultiples = stackalloc CachedQuadPoint[1 << (keyWidth - 2)];
        FillOddMultiples(oddMultiples, p);
        Span<sbyte> generatorDigits = stackalloc sbyte[256], keyDigits = stackalloc sbyte[256];
        s.ToNonAdjacentForm(generatorDigits, GeneratorTables.OddWidth);
        k.ToNonAdjacentForm(keyDigits, keyWidth);

        var sum = QuadPoint.Identity;
        var i = 255;
        while (i >= 0 && generatorDigits[i] == 0 && keyDigits[i] == 0)
        {
            i--;
        }

        for (; i >= 0; i--)
        {
            sum.Double();
            AddDigit(ref sum, keyDigits[i], oddMultiples);
            AddDigit(ref sum, generatorDigits[i], s_oddMultiples);
        }

        result = sum.ToProjective();
    }

    private static void AddDigits(ref QuadPoint sum, ReadOnlySpan<sbyte> digits, int first)
    {
        CachedQuadPoint term = default;
        for (var i = first; i < digits.Length; i += 2)
        {
            Select(out term, i >> 1, digits[i]);
            sum.Add(term);
        }

        // The last term tells the highest digit.
        Erase.Value(ref term);
    }

    /// <summary>digit · 256^place · B for a digit of -8 to 8. Constant-time.</summary>
    private static void Select(out CachedQuadPoint result, int place, int digit)
    {
        var negative = digit >> 31;
        var magnitude = (uint)((digit ^ negative) - negative);
        TableSelect.Take(out result, s_comb.AsSpan(place * PerPlace, PerPlace), magnitude);
        FieldQuad.Select(ref result.Lanes, s_identity.Lanes, TableSelect.IsZeroMask(magnitude));
        CachedQuadPoint.NegateWhere(ref result, (ulong)(long)negative);
    }

    private static void AddDigit(ref QuadPoint sum, int digit, ReadOnlySpan<CachedQuadPoint> oddMultiples)
    {
        if (digit > 0)
        {
            sum.Add(oddMultiples[digit >> 1]);
        }
        else if (digit < 0)
        {
            var term = oddMultiples[-digit >> 1];
            CachedQuadPoint.NegateWhere(ref term, ulong.MaxValue);
            sum.Add(term);
        }
    }

    /// <summary>P, 3P, 5P …</summary>
    private static void FillOddMultiples(Span<CachedQuadPoint> multiples, in ExtendedPoint p)
    {
        var multiple = QuadPoint.From(p);
        var twice = multiple;
        twice.Double();
        twice.ToCached(out var cachedTwice);
        multiple.ToCached(out multiples[0]);
        for (var i = 1; i < multiples.Length; i++)
        {
            multiple.Add(cachedTwice);
            multiple.ToCached(out multiples[i]);
        }
    }
}
