using System.Numerics;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

/// <summary>Arithmetic modulo the group order against <see cref="BigInteger"/>.</summary>
public sealed class ScalarTests
{
    private static readonly BigInteger s_order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Reduction_agrees_for_random_numbers_and_at_the_edges()
    {
        var bytes = new byte[64];
        foreach (var value in Numbers(512, 7))
        {
            Write(value, bytes);
            Assert.Equal(value % s_order, Value(Scalar.ReduceWide(bytes)));
        }

        foreach (var value in Numbers(256, 8))
        {
            Write(value, bytes);
            Assert.Equal(value % s_order, Value(Scalar.Reduce(bytes.AsSpan(0, 32))));
        }
    }

    [Fact]
    public void Multiplication_with_addition_agrees()
    {
        var numbers = Numbers(256, 9).ToArray();
        var bytes = new byte[32];
        for (var i = 0; i + 2 < numbers.Length; i++)
        {
            Write(numbers[i], bytes);
            var a = Scalar.ReadUnreduced(bytes);
            var b = Reduced(numbers[i + 1]);
            var c = Reduced(numbers[i + 2]);
            Assert.Equal(((numbers[i] * numbers[i + 1]) + numbers[i + 2]) % s_order, Value(Scalar.MultiplyAdd(a, b, c)));
        }
    }

    [Fact]
    public void Only_numbers_below_the_order_are_decoded()
    {
        var bytes = new byte[32];
        foreach (var value in Numbers(256, 10).Concat([s_order - 1, s_order, s_order + 1, s_order + (BigInteger.One << 64), s_order + (BigInteger.One << 128)]))
        {
            Write(value, bytes);
            Assert.Equal(value < s_order, Scalar.TryDecode(bytes, out var scalar));
            Assert.Equal(value, Value(scalar));
        }
    }

    [Fact]
    public void Radix_16_digits_weigh_the_scalar()
    {
        Span<sbyte> digits = stackalloc sbyte[64];
        foreach (var value in Numbers(252, 11))
        {
            Reduced(value).ToSignedRadix16(digits);
            var sum = BigInteger.Zero;
            for (var i = 63; i >= 0; i--)
            {
                Assert.InRange(digits[i], -8, 8);
                sum = (16 * sum) + digits[i];
            }

            Assert.Equal(value % s_order, sum);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    public void Non_adjacent_digits_weigh_the_scalar_and_are_sparse(int width)
    {
        Span<sbyte> digits = stackalloc sbyte[256];
        foreach (var value in Numbers(253, 12))
        {
            Reduced(value).ToNonAdjacentForm(digits, width);
            var sum = BigInteger.Zero;
            var last = 256 + width;
            for (var i = 255; i >= 0; i--)
            {
                sum = (2 * sum) + digits[i];
                if (digits[i] != 0)
                {
                    Assert.True(int.IsOddInteger(digits[i]) && Math.Abs((int)digits[i]) < 1 << (width - 1));
                    Assert.True(last - i >= width);
                    last = i;
                }
            }

            Assert.Equal(value % s_order, sum);
        }
    }

    [Fact]
    public void Multiples_of_the_generator_agree_with_repeated_addition()
    {
        byte[] expected = new byte[32], actual = new byte[32];
        var sum = ExtendedPoint.Identity;
        ExtendedPoint.Generator.ToCached(out var generator);
        for (var i = 0UL; i < 300; i++)
        {
            GeneratorTables.Multiply(out var product, new Scalar(i, 0, 0, 0));
            product.Encode(actual);
            sum.ToProjective().Encode(expected);
            Assert.Equal(expected, actual);
            sum.Add(out CompletedPoint next, generator);
            next.ToExtended(out sum);
        }

        // (L - 1)·B = -B
        GeneratorTables.Multiply(out var last, Reduced(s_order - 1));
        last.Encode(actual);
        ExtendedPoint.Generator.Negate(out var negated);
        negated.ToProjective().Encode(expected);
        Assert.Equal(expected, actual);
    }

    private static IEnumerable<BigInteger> Numbers(int bits, int seed)
    {
        var limit = BigInteger.One << bits;
        BigInteger[] edges = [0, 1, 2, s_order - 1, s_order, s_order + 1, 2 * s_order, 8 * s_order, 15 * s_order, (BigInteger.One << 252) - 1, limit - 1, limit - s_order];
        foreach (var edge in edges.Where(edge => edge >= 0 && edge < limit))
        {
            yield return edge;
        }

        var random = new Random(seed);
        var bytes = new byte[bits / 8];
        for (var i = 0; i < 300; i++)
        {
            random.NextBytes(bytes);
            yield return new BigInteger(bytes, isUnsigned: true) % limit;
        }
    }

    private static Scalar Reduced(BigInteger value)
    {
        var bytes = new byte[32];
        Write(value % s_order, bytes);
        return Scalar.ReadUnreduced(bytes);
    }

    private static void Write(BigInteger value, Span<byte> bytes)
    {
        bytes.Clear();
        Assert.True(value.TryWriteBytes(bytes, out _, isUnsigned: true));
    }

    private static BigInteger Value(in Scalar scalar)
    {
        var bytes = new byte[32];
        scalar.Encode(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }
}
