using System.Numerics;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

/// <summary>The field of 2^255 - 19 against <see cref="BigInteger"/>, with limbs at the bounds that the code promises to bear.</summary>
public sealed class FieldElementTests
{
    private static readonly BigInteger s_p = BigInteger.Pow(2, 255) - 19;

    /// <summary>The largest limb of a loose element, and of a tight one.</summary>
    private const ulong Loose = (1UL << 53) + (1UL << 52), Tight = (1UL << 51) + (1UL << 14);

    [Fact]
    public void Products_and_squares_agree_for_loose_operands()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var f = Next(random, Loose);
            var g = Next(random, Loose);
            FieldElement.Multiply(out var product, f, g);
            AssertTight(product);
            Assert.Equal(Value(f) * Value(g) % s_p, Value(product) % s_p);
            FieldElement.Square(out var square, f);
            AssertTight(square);
            Assert.Equal(Value(f) * Value(f) % s_p, Value(square) % s_p);
        }
    }

    [Fact]
    public void Sums_and_differences_of_tight_operands_are_loose()
    {
        var random = new Random(2);
        for (var i = 0; i < 2000; i++)
        {
            var f = Next(random, Tight);
            var g = Next(random, Tight);
            FieldElement.Add(out var sum, f, g);
            Assert.Equal((Value(f) + Value(g)) % s_p, Value(sum) % s_p);
            FieldElement.Subtract(out var difference, f, g);
            Assert.True(Largest(difference) <= Loose);
            Assert.Equal((Value(f) - Value(g) + (4 * s_p)) % s_p, Value(difference) % s_p);
            FieldElement.Negate(out var negated, f);
            AssertTight(negated);
            Assert.Equal((4 * s_p - Value(f)) % s_p, Value(negated) % s_p);
        }
    }

    [Fact]
    public void Encoding_is_canonical_also_at_p_and_beyond()
    {
        var random = new Random(3);
        var bytes = new byte[32];
        FieldElement[] edges = [default, FieldElement.One, Of(s_p - 1), Of(s_p), Of(s_p + 1), Of(BigInteger.Pow(2, 255) - 1), new(Loose, Loose, Loose, Loose, Loose)];
        foreach (var element in edges.Concat(Enumerable.Range(0, 500).Select(_ => Next(random, Loose))))
        {
            element.Encode(bytes);
            var expected = Value(element) % s_p;
            Assert.Equal(expected, new BigInteger(bytes, isUnsigned: true));
            Assert.Equal(expected.IsZero, element.IsZero());
            Assert.Equal((ulong)(expected & 1), element.Parity());
            Assert.Equal(expected, Value(FieldElement.Decode(bytes)));
        }
    }

    [Fact]
    public void Inverses_multiply_to_one_and_zero_has_none()
    {
        var random = new Random(4);
        for (var i = 0; i < 50; i++)
        {
            var f = Next(random, Loose);
            FieldElement.Invert(out var inverse, f);
            Assert.Equal(BigInteger.One, Value(f) * Value(inverse) % s_p);
        }

        FieldElement.Invert(out var none, default);
        Assert.True(none.IsZero());
    }

    [Fact]
    public void Square_roots_exist_exactly_for_squares()
    {
        var random = new Random(5);
        var found = 0;
        for (var i = 0; i < 100; i++)
        {
            var u = Next(random, Loose);
            var v = Next(random, Loose);
            var ratio = Value(u) * BigInteger.ModPow(Value(v), s_p - 2, s_p) % s_p;
            var isSquare = BigInteger.ModPow(ratio, (s_p - 1) / 2, s_p).IsOne;
            Assert.Equal(isSquare, FieldElement.TrySquareRootOfRatio(out var root, u, v));
            if (isSquare)
            {
                found++;
                Assert.Equal(ratio, Value(root) * Value(root) % s_p);
            }
        }

        Assert.InRange(found, 30, 70);
    }

    [Fact]
    public void Selection_takes_all_or_nothing()
    {
        var random = new Random(6);
        var f = Next(random, Tight);
        var g = Next(random, Tight);
        var kept = f;
        FieldElement.Select(ref kept, g, 0);
        Assert.Equal(Value(f), Value(kept));
        FieldElement.Select(ref kept, g, ulong.MaxValue);
        Assert.Equal(Value(g), Value(kept));
    }

    /// <summary>Random limbs, of which one in three is the bound itself or zero.</summary>
    private static FieldElement Next(Random random, ulong bound) => new(Limb(random, bound), Limb(random, bound), Limb(random, bound), Limb(random, bound), Limb(random, bound));

    private static ulong Limb(Random random, ulong bound) => random.Next(6) switch
    {
        0 => bound,
        1 => 0,
        _ => (ulong)random.NextInt64((long)bound + 1),
    };

    private static FieldElement Of(BigInteger value)
    {
        var mask = (BigInteger.One << 51) - 1;
        return new((ulong)(value & mask), (ulong)((value >> 51) & mask), (ulong)((value >> 102) & mask), (ulong)((value >> 153) & mask), (ulong)(value >> 204));
    }

    private static BigInteger Value(in FieldElement f) => f.L0 + ((BigInteger)f.L1 << 51) + ((BigInteger)f.L2 << 102) + ((BigInteger)f.L3 << 153) + ((BigInteger)f.L4 << 204);

    private static ulong Largest(in FieldElement f) => Math.Max(Math.Max(Math.Max(f.L0, f.L1), Math.Max(f.L2, f.L3)), f.L4);

    private static void AssertTight(in FieldElement f) => Assert.True(Largest(f) < (1UL << 51) + (1UL << 15));
}
