using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>The arithmetic of ML-KEM and ML-DSA against the definitions of FIPS 203 and 204, for every number where there are few, and both ways to compute it against each other.</summary>
public sealed class LatticeArithmeticTests
{
    private const int N = 256;

    private static MlKemRing[] Rings => [new ScalarMlKemRing(), .. VectorWidths.Best == VectorWidth.None ? Array.Empty<MlKemRing>() : [new Avx2MlKemRing()]];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(11)]
    public void Compression_rounds_every_number_as_defined(int bits)
    {
        const int q = MlKemParameters.Q;
        foreach (var ring in Rings)
        {
            var polynomial = new short[N];
            for (var first = 0; first < q; first += N)
            {
                for (var i = 0; i < N; i++)
                {
                    polynomial[i] = (short)Math.Min(first + i, q - 1);
                }

                ring.Compress(polynomial, bits);
                for (var i = 0; i < N; i++)
                {
                    // ⌈2^d/q · x⌋, halves upwards, of which there are none: q is odd.
                    var x = Math.Min(first + i, q - 1);
                    Assert.Equal(((x << (bits + 1)) + q) / (2 * q) % (1 << bits), polynomial[i]);
                }
            }

            for (var first = 0; first < 1 << bits; first += N)
            {
                for (var i = 0; i < N; i++)
                {
                    polynomial[i] = (short)((first + i) % (1 << bits));
                }

                ring.Decompress(polynomial, bits);
                for (var i = 0; i < N; i++)
                {
                    var y = (first + i) % (1 << bits);
                    Assert.Equal(((2 * q * y) + (1 << bits)) >> (bits + 1), polynomial[i]);
                }
            }
        }
    }

    [Fact]
    public void Transforms_of_ML_KEM_multiply_polynomials_modulo_X_256_plus_1()
    {
        const int q = MlKemParameters.Q;
        foreach (var ring in Rings)
        {
            var random = new Random(1);
            short[] a = Draw(random, q), b = Draw(random, q);
            var expected = Multiply([.. a.Select(c => (long)c)], [.. b.Select(c => (long)c)], q);
            var product = new short[N];
            ring.Transform(a);
            ring.Transform(b);
            ring.Multiply(a, N, b, 1, product);
            ring.InverseTransform(product);
            ring.Normalize(product);
            Assert.Equal(expected, product.Select(c => (long)c));
        }

        static short[] Draw(Random random, int bound) => [.. Enumerable.Range(0, N).Select(_ => (short)random.Next(bound))];
    }

    [Fact]
    public void Extreme_coefficients_overflow_nowhere()
    {
        // Products of sums of four polynomials whose coefficients are all q, or alternate with zero.
        const int q = MlKemParameters.Q;
        foreach (var pattern in new Func<int, short>[] { _ => q - 1, i => i % 2 == 0 ? (short)(q - 1) : (short)0, i => i / 16 % 2 == 0 ? (short)(q - 1) : (short)1 })
        {
            var results = Rings.Select(ring =>
            {
                short[] left = [.. Enumerable.Range(0, 4 * N).Select(i => pattern(i))], right = (short[])left.Clone(), product = new short[N];
                for (var i = 0; i < 4; i++)
                {
                    ring.Transform(right.AsSpan(i * N, N));
                }

                ring.Multiply(left, N, right, 4, product);
                ring.InverseTransform(product);
                ring.Normalize(product);
                return product;
            }).ToArray();
            Assert.All(results, result => Assert.Equal(results[0], result));
            Assert.All(results[0], c => Assert.InRange(c, (short)0, (short)(q - 1)));
        }
    }

    [Fact]
    public void Transforms_of_ML_DSA_multiply_polynomials_modulo_X_256_plus_1()
    {
        const int q = MlDsaParameters.Q;
        foreach (MlDsaRing ring in (MlDsaRing[])[new ScalarMlDsaRing(), MlDsaRing.For(VectorWidths.Best)])
        {
            foreach (var random in new Random?[] { new(2), null })
            {
                int[] a = Draw(random), b = Draw(random), product = new int[N];
                var expected = Multiply([.. a.Select(c => (long)c)], [.. b.Select(c => (long)c)], q);
                ring.Transform(a);
                ring.Transform(b);
                ring.Multiply(a, b, 1, product);
                ring.InverseTransform(product);
                MlDsaRounding.Normalize(product);
                Assert.Equal(expected, product.Select(c => (long)c));
            }
        }

        // Without randomness the largest coefficients.
        static int[] Draw(Random? random) => [.. Enumerable.Range(0, N).Select(_ => random?.Next(q) ?? q - 1)];
    }

    [Theory]
    [InlineData(32)]
    [InlineData(88)]
    public void Rounding_splits_every_number_as_defined_and_hints_move_it_by_one(int divisor)
    {
        const int q = MlDsaParameters.Q;
        const int step = 1 << 14;
        var gamma2 = (q - 1) / divisor;
        int[] high = new int[step], low = new int[step], hinted = new int[step], hints = new int[step];
        hints.AsSpan().Fill(1);
        for (var first = 0; first < q; first += step)
        {
            for (var i = 0; i < step; i++)
            {
                hinted[i] = high[i] = Math.Min(first + i, q - 1);
            }

            MlDsaRounding.Split(divisor, high, low);
            MlDsaRounding.UseHints(divisor, hinted, hints);
            for (var i = 0; i < step; i++)
            {
                var (expectedHigh, expectedLow) = Decompose(Math.Min(first + i, q - 1), gamma2);
                var moved = (expectedHigh + (expectedLow > 0 ? 1 : -1) + (divisor / 2)) % (divisor / 2);
                if (high[i] != expectedHigh || low[i] != expectedLow || hinted[i] != moved)
                {
                    Assert.Fail($"{first + i}: {high[i]} {low[i]} {hinted[i]}, not {expectedHigh} {expectedLow} {moved}");
                }
            }
        }
    }

    [Fact]
    public void Norms_are_judged_at_their_bound_wherever_the_coefficient_lies()
    {
        var polynomial = new int[N];
        for (var i = 0; i < N; i++)
        {
            foreach (var (value, exceeds) in new[] { (99, false), (-99, false), (100, true), (-100, true), (6283008, true), (-6283008, true) })
            {
                polynomial[i] = value;
                Assert.Equal(exceeds, MlDsaRounding.Exceeds(polynomial, 100));
            }

            polynomial[i] = 0;
        }
    }

    /// <summary>FIPS 204 algorithm 36.</summary>
    private static (int High, int Low) Decompose(int number, int gamma2)
    {
        var low = number % (2 * gamma2);
        low -= low > gamma2 ? 2 * gamma2 : 0;
        return number - low == MlDsaParameters.Q - 1 ? (0, low - 1) : ((number - low) / (2 * gamma2), low);
    }

    private static long[] Multiply(long[] a, long[] b, long q)
    {
        var product = new long[N];
        for (var i = 0; i < N; i++)
        {
            for (var j = 0; j < N; j++)
            {
                var term = a[i] * b[j] % q;
                product[(i + j) % N] += i + j < N ? term : q - term;
            }
        }

        return [.. product.Select(c => c % q)];
    }
}
