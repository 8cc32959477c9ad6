using System.Numerics;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

/// <summary>The fields and the orders of the NIST curves against <see cref="BigInteger"/>, with representatives as large as the code promises to bear.</summary>
public sealed class ResidueTests
{
    [Fact]
    public void The_field_of_P256_agrees() => Agrees<Residue5<P256Prime>>("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");

    [Fact]
    public void The_order_of_P256_agrees() => Agrees<Residue5<P256Order>>("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    [Fact]
    public void The_field_of_P384_agrees() =>
        Agrees<Residue8<P384Prime>>("fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff");

    [Fact]
    public void The_order_of_P384_agrees() =>
        Agrees<Residue8<P384Order>>("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");

    private static void Agrees<T>(string modulus)
        where T : unmanaged, IResidue<T>
    {
        var p = Number(Convert.FromHexString(modulus));
        Assert.Equal(p - 2, Number(T.InvertingExponent));
        Assert.Equal(BigInteger.One, Value(T.One));
        var top = BigInteger.One << (8 * T.EncodedLength);
        var random = new Random(1);
        BigInteger[] values =
        [
            0, 1, 2, p - 2, p - 1, p, p + 1, top - 1, top / 2, (top / 2) - 1, (p - 1) / 2,
            .. Enumerable.Range(0, 40).Select(_ => Next(random, T.EncodedLength)),
            .. Enumerable.Range(0, 8 * T.EncodedLength).Select(bit => BigInteger.One << bit),
        ];
        foreach (var a in values)
        {
            var f = Of<T>(a);
            Assert.Equal(a % p, Value(f));
            Assert.Equal((a % p).IsZero, Residue.IsZero(f));
            T.Square(out var square, f);
            Assert.Equal(a * a % p, Value(square));
            Residue.Invert(out var inverse, f);
            T.Multiply(out inverse, inverse, f);
            Assert.Equal((a % p).IsZero ? 0 : 1, Value(inverse));
            foreach (var b in values[..30])
            {
                Combine(f, a, Of<T>(b), b, p);
            }
        }
    }

    private static void Combine<T>(in T f, BigInteger a, in T g, BigInteger b, BigInteger p)
        where T : unmanaged, IResidue<T>
    {
        T.Multiply(out var product, f, g);
        Assert.Equal(a * b % p, Value(product));
        T.Add(out var sum, f, g);
        Assert.Equal((a + b) % p, Value(sum));
        T.Subtract(out var difference, f, g);
        Assert.Equal(Modulo(a - b, p), Value(difference));
        T.Subtract(out var negated, default, g);
        Assert.Equal(Modulo(-b, p), Value(negated));

        // Eight products, the most that may be subtracted; and three differences, the most that may be subtracted widely.
        T.Add(out var many, product, product);
        T.Add(out many, many, many);
        T.Add(out many, many, many);
        T.Subtract(out var less, default, many);
        Assert.Equal(Modulo(-8 * a * b, p), Value(less));
        T.Add(out var thrice, less, less);
        T.Add(out thrice, thrice, less);
        T.SubtractWide(out var wide, f, thrice);
        Assert.Equal(Modulo(a + (24 * a * b), p), Value(wide));

        // The largest of both kinds multiplied.
        T.Multiply(out var large, wide, thrice);
        Assert.Equal(Modulo((a + (24 * a * b)) * -24 * a * b, p), Value(large));
        T.Square(out large, wide);
        Assert.Equal(Modulo((a + (24 * a * b)) * (a + (24 * a * b)), p), Value(large));

        var selected = f;
        T.Select(ref selected, g, 0);
        Assert.Equal(a % p, Value(selected));
        T.Select(ref selected, g, ulong.MaxValue);
        Assert.Equal(b % p, Value(selected));
    }

    private static T Of<T>(BigInteger value)
        where T : unmanaged, IResidue<T>
    {
        var bytes = new byte[T.EncodedLength];
        var written = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        written.CopyTo(bytes, bytes.Length - written.Length);
        T.Decode(out var result, bytes);
        return result;
    }

    private static BigInteger Value<T>(in T element)
        where T : unmanaged, IResidue<T>
    {
        var bytes = new byte[T.EncodedLength];
        T.Encode(element, bytes);
        return Number(bytes);
    }

    private static BigInteger Next(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return Number(bytes);
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Modulo(BigInteger value, BigInteger p) => ((value % p) + p) % p;
}
