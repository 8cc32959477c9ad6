using System.Globalization;
using System.Numerics;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>The numbers of a NIST curve (SP 800-186 section 3.2.1), and the arithmetic of the textbook on them.</summary>
internal sealed class NistNumbers
{
    private readonly int _length;
    private readonly BigInteger _b;

    private readonly Lazy<(IReadOnlyList<BigInteger> Small, IReadOnlyList<BigInteger> PowersOfTwo)> _multiplesOfTwiceTheGenerator;

    private NistNumbers(string p, string n, string b, string gx, string gy)
    {
        (P, N, _b, Gx, Gy) = (Parse(p), Parse(n), Parse(b), Parse(gx), Parse(gy));
        _length = p.Length / 2;
        _multiplesOfTwiceTheGenerator = new(Multiples);
    }

    public static NistNumbers P256 { get; } = new(
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

    public static NistNumbers P384 { get; } = new(
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f");

    public BigInteger P { get; }

    public BigInteger N { get; }

    public BigInteger Gx { get; }

    public BigInteger Gy { get; }

    /// <summary>The x-coordinates of 1 to 40 times 2G, then those of 2G times the powers of two below the order.</summary>
    public (IReadOnlyList<BigInteger> Small, IReadOnlyList<BigInteger> PowersOfTwo) MultiplesOfTwiceTheGenerator => _multiplesOfTwiceTheGenerator.Value;

    public byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[_length];
        var written = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        written.CopyTo(bytes, _length - written.Length);
        return bytes;
    }

    public byte[] Point(BigInteger x, BigInteger y) => [4, .. Bytes(x), .. Bytes(y)];

    /// <summary>The point with the smallest x that is not zero; fails if it is not below the bound.</summary>
    public (BigInteger X, BigInteger Y) FirstPointBelow(BigInteger bound)
    {
        for (BigInteger x = 1; x < bound; x++)
        {
            // p is 3 modulo 4 for both curves.
            var square = Modulo((x * x * x) - (3 * x) + _b);
            var y = BigInteger.ModPow(square, (P + 1) / 4, P);
            if (Modulo(y * y) == square)
            {
                return (x, y);
            }
        }

        throw new InvalidOperationException("No point has so small a coordinate.");
    }

    public (BigInteger X, BigInteger Y) Double((BigInteger X, BigInteger Y) point) =>
        Along(point, point.X, Divide(3 * ((point.X * point.X) - 1), 2 * point.Y));

    /// <summary>The sum of two points that are neither the same nor mirrors.</summary>
    public (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) p, (BigInteger X, BigInteger Y) q) => Along(p, q.X, Divide(p.Y - q.Y, p.X - q.X));

    private (IReadOnlyList<BigInteger> Small, IReadOnlyList<BigInteger> PowersOfTwo) Multiples()
    {
        List<BigInteger> small = [], powers = [];
        var point = Double((Gx, Gy));
        var multiple = point;
        for (var i = 1; i <= 40; i++)
        {
            small.Add(multiple.X);
            multiple = i == 1 ? Double(point) : Add(multiple, point);
        }

        multiple = point;
        for (var power = BigInteger.One; power < N; power <<= 1)
        {
            powers.Add(multiple.X);
            multiple = Double(multiple);
        }

        return (small, powers);
    }

    /// <summary>The third point on the line through p and a point with x2, mirrored.</summary>
    private (BigInteger X, BigInteger Y) Along((BigInteger X, BigInteger Y) p, BigInteger x2, BigInteger slope)
    {
        var x3 = Modulo((slope * slope) - p.X - x2);
        return (x3, Modulo((slope * (p.X - x3)) - p.Y));
    }

    private BigInteger Divide(BigInteger numerator, BigInteger denominator) => Modulo(numerator * BigInteger.ModPow(Modulo(denominator), P - 2, P));

    private BigInteger Modulo(BigInteger value) => ((value % P) + P) % P;

    private static BigInteger Parse(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
