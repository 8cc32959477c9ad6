using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>A point of edwards25519 as (X : Y : Z), x = X/Z, y = Y/Z: what a doubling needs. Coordinates tight.</summary>
internal struct ProjectivePoint
{
    public FieldElement X, Y, Z;

    public static ProjectivePoint Identity => new() { Y = FieldElement.One, Z = FieldElement.One };

    /// <summary>2p, by the doubling of Hisil, Wong, Carter and Dawson (2008) for a = -1: four squarings.</summary>
    public readonly void Double(out CompletedPoint result)
    {
        FieldElement.Square(out var xx, X);
        FieldElement.Square(out var yy, Y);
        FieldElement.Square(out var zz, Z);
        FieldElement.Add(out var sum, X, Y);
        FieldElement.Square(out sum, sum);
        FieldElement.Add(out result.H, xx, yy);
        FieldElement.Subtract(out result.E, result.H, sum);
        FieldElement.Subtract(out result.G, xx, yy);
        FieldElement.Add(out result.F, zz, zz);
        FieldElement.Add(out result.F, result.F, result.G);
    }

    /// <summary>Writes the 32 bytes of RFC 8032 section 5.1.2. Constant-time.</summary>
    public readonly void Encode(Span<byte> bytes)
    {
        FieldElement.Invert(out var inverse, Z);
        FieldElement.Multiply(out var x, X, inverse);
        FieldElement.Multiply(out var y, Y, inverse);
        y.Encode(bytes);
        bytes[31] |= (byte)(x.Parity() << 7);
    }
}

/// <summary>The result of an addition or a doubling before its last multiplications: X = EF, Y = GH, Z = FG, T = EH. Coordinates loose.</summary>
internal struct CompletedPoint
{
    public FieldElement E, F, G, H;

    /// <summary>Without T, which only an addition needs: one multiplication saved.</summary>
    public readonly void ToProjective(out ProjectivePoint result)
    {
        FieldElement.Multiply(out result.X, E, F);
        FieldElement.Multiply(out result.Y, G, H);
        FieldElement.Multiply(out result.Z, F, G);
    }

    public readonly void ToExtended(out ExtendedPoint result)
    {
        FieldElement.Multiply(out result.X, E, F);
        FieldElement.Multiply(out result.Y, G, H);
        FieldElement.Multiply(out result.Z, F, G);
        FieldElement.Multiply(out result.T, E, H);
    }
}

/// <summary>A point as (X : Y : Z : T) with T = XY/Z: what an addition needs. Coordinates tight.</summary>
/// <remarks>The addition formulas are complete on this curve: no pair of points is an exception, hence no branch.</remarks>
internal struct ExtendedPoint
{
    public FieldElement X, Y, Z, T;

    /// <summary>The curve's constant -121665/121666.</summary>
    private static FieldElement D => new(0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff);

    /// <summary>2d.</summary>
    public static FieldElement TwoD => new(0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff);

    public static ExtendedPoint Identity => new() { Y = FieldElement.One, Z = FieldElement.One };

    /// <summary>The generator B of RFC 8032 section 5.1: y = 4/5, x even.</summary>
    public static ExtendedPoint Generator => new()
    {
        X = new(0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5),
        Y = new(0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666),
        Z = FieldElement.One,
        T = new(0x68ab3a5b7dda3, 0x00eea2a5eadbb, 0x2af8df483c27e, 0x332b375274732, 0x67875f0fd78b7),
    };

    public readonly ProjectivePoint ToProjective() => new() { X = X, Y = Y, Z = Z };

    public readonly void Double(out ExtendedPoint result)
    {
        ToProjective().Double(out var completed);
        completed.ToExtended(out result);
    }

    public readonly void Negate(out ExtendedPoint result)
    {
        FieldElement.Negate(out result.X, X);
        result.Y = Y;
        result.Z = Z;
        FieldElement.Negate(out result.T, T);
    }

    public readonly void ToCached(out CachedPoint result)
    {
        FieldElement.Add(out result.YPlusX, Y, X);
        FieldElement.Subtract(out result.YMinusX, Y, X);
        FieldElement.Add(out result.TwoZ, Z, Z);
        FieldElement.Multiply(out result.TwoDT, T, TwoD);
    }

    public readonly void Add(out CompletedPoint result, in CachedPoint q)
    {
        FieldElement.Multiply(out var zz, Z, q.TwoZ);
        FieldElement.Multiply(out var tt, T, q.TwoDT);
        SumAndDifference(out result.H, out result.E, q.YPlusX, q.YMinusX);
        FieldElement.Subtract(out result.F, zz, tt);
        FieldElement.Add(out result.G, zz, tt);
    }

    public readonly void Subtract(out CompletedPoint result, in CachedPoint q)
    {
        FieldElement.Multiply(out var zz, Z, q.TwoZ);
        FieldElement.Multiply(out var tt, T, q.TwoDT);
        SumAndDifference(out result.H, out result.E, q.YMinusX, q.YPlusX);
        FieldElement.Add(out result.F, zz, tt);
        FieldElement.Subtract(out result.G, zz, tt);
    }

    public readonly void Add(out CompletedPoint result, in AffinePoint q)
    {
        FieldElement.Add(out var zz, Z, Z);
        FieldElement.Multiply(out var tt, T, q.TwoDXY);
        SumAndDifference(out result.H, out result.E, q.YPlusX, q.YMinusX);
        FieldElement.Subtract(out result.F, zz, tt);
        FieldElement.Add(out result.G, zz, tt);
    }

    public readonly void Subtract(out CompletedPoint result, in AffinePoint q)
    {
        FieldElement.Add(out var zz, Z, Z);
        FieldElement.Multiply(out var tt, T, q.TwoDXY);
        SumAndDifference(out result.H, out result.E, q.YMinusX, q.YPlusX);
        FieldElement.Add(out result.F, zz, tt);
        FieldElement.Subtract(out result.G, zz, tt);
    }

    /// <summary>Reads the encoding of RFC 8032 section 5.1.3; false for a y of p or more, an x that does not exist, and a negative zero. For public values.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out ExtendedPoint point)
    {
        point.Y = FieldElement.Decode(bytes);
        point.Z = FieldElement.One;

        // x^2 = (y^2 - 1) / (d y^2 + 1)
        FieldElement.Square(out var yy, point.Y);
        FieldElement.Subtract(out var u, yy, FieldElement.One);
        FieldElement.Multiply(out var v, yy, D);
        FieldElement.Add(out v, v, FieldElement.One);
        var exists = FieldElement.TrySquareRootOfRatio(out point.X, u, v);

        var sign = (ulong)bytes[31] >> 7;
        if (point.X.Parity() != sign)
        {
            FieldElement.Negate(out point.X, point.X);
        }

        FieldElement.Multiply(out point.T, point.X, point.Y);

        // Negating zero leaves its parity: a sign that is still wrong is that of a negative zero.
        return exists && point.X.Parity() == sign && IsCanonical(bytes);
    }

    /// <summary>Whether the low 255 bits are a number below p = 2^255 - 19.</summary>
    private static bool IsCanonical(ReadOnlySpan<byte> bytes) =>
        bytes[0] < 0xed || (bytes[31] & 0x7f) != 0x7f || bytes[1..31].ContainsAnyExcept((byte)0xff);

    /// <summary>H = b + a and E = b - a of the addition formula, for a = (Y - X)(Y' - X') and b = (Y + X)(Y' + X').</summary>
    private readonly void SumAndDifference(out FieldElement sum, out FieldElement difference, in FieldElement plus, in FieldElement minus)
    {
        FieldElement.Subtract(out var a, Y, X);
        FieldElement.Multiply(out a, a, minus);
        FieldElement.Add(out var b, Y, X);
        FieldElement.Multiply(out b, b, plus);
        FieldElement.Add(out sum, b, a);
        FieldElement.Subtract(out difference, b, a);
    }
}

/// <summary>A point prepared to be added many times: (Y + X, Y - X, 2Z, 2dT).</summary>
internal struct CachedPoint
{
    public FieldElement YPlusX, YMinusX, TwoZ, TwoDT;
}

/// <summary>A point prepared to be added, with Z = 1: (y + x, y - x, 2dxy). The form of the tables of the generator; all coordinates tight.</summary>
[StructLayout(LayoutKind.Sequential, Size = Words * sizeof(ulong))]
internal struct AffinePoint
{
    /// <summary>Size in words: fifteen limbs, filled up so that vectors of four cover it.</summary>
    public const int Words = 16;

    public FieldElement YPlusX, YMinusX, TwoDXY;

    /// <summary>Prepares the point (x, y), both tight.</summary>
    public static AffinePoint From(in FieldElement x, in FieldElement y)
    {
        AffinePoint result = default;
        FieldElement.Add(out result.YPlusX, y, x);
        FieldElement.Carry(ref result.YPlusX);
        FieldElement.Subtract(out result.YMinusX, y, x);
        FieldElement.Carry(ref result.YMinusX);
        FieldElement.Multiply(out result.TwoDXY, x, y);
        FieldElement.Multiply(out result.TwoDXY, result.TwoDXY, ExtendedPoint.TwoD);
        return result;
    }
}
