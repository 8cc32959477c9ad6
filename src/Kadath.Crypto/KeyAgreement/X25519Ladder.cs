using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>The function X25519 of RFC 7748 section 5. Constant-time.</summary>
internal static class X25519Ladder
{
    /// <summary>(486662 - 2) / 4, the curve's constant in the doubling.</summary>
    private const ulong A24 = 121665;

    /// <summary>Makes a scalar a multiple of the cofactor, of fixed bit length.</summary>
    public static void Clamp(Span<byte> scalar)
    {
        scalar[0] &= 0xf8;
        scalar[31] = (byte)((scalar[31] & 0x7f) | 0x40);
    }

    /// <summary>Writes the u-coordinate of scalar · P, for a clamped scalar and the u-coordinate of P; zero for a P of small order.</summary>
    [SkipLocalsInit]
    public static void Multiply(Span<byte> result, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> u)
    {
        var x1 = FieldElement.Decode(u);
        var low = new LadderPoint { X = FieldElement.One };
        var high = new LadderPoint { X = x1, Z = FieldElement.One };

        // high - low = P throughout; bit 255 is zero by clamping.
        var swapped = 0UL;
        for (var i = 254; i >= 0; i--)
        {
            var bit = ((ulong)scalar[i >> 3] >> (i & 7)) & 1;
            LadderPoint.Swap(ref low, ref high, 0 - (swapped ^ bit));
            swapped = bit;
            Step(ref low, ref high, x1);
        }

        LadderPoint.Swap(ref low, ref high, 0 - swapped);
        FieldElement.Invert(out low.Z, low.Z);
        FieldElement.Multiply(out low.X, low.X, low.Z);
        low.X.Encode(result);
        Erase.Value(ref low);
        Erase.Value(ref high);
    }

    /// <summary>(low, high) becomes (2·low, low + high).</summary>
    [SkipLocalsInit]
    private static void Step(ref LadderPoint low, ref LadderPoint high, in FieldElement x1)
    {
        FieldElement.Add(out var a, low.X, low.Z);
        FieldElement.Subtract(out var b, low.X, low.Z);
        FieldElement.Add(out var c, high.X, high.Z);
        FieldElement.Subtract(out var d, high.X, high.Z);
        FieldElement.Multiply(out d, d, a);
        FieldElement.Multiply(out c, c, b);
        FieldElement.Square(out a, a);
        FieldElement.Square(out b, b);

        FieldElement.Add(out high.X, d, c);
        FieldElement.Subtract(out high.Z, d, c);
        FieldElement.Square(out high.X, high.X);
        FieldElement.Square(out high.Z, high.Z);
        FieldElement.Multiply(out high.Z, high.Z, x1);

        FieldElement.Multiply(out low.X, a, b);
        FieldElement.Subtract(out d, a, b);
        FieldElement.MultiplyAdd(out a, d, A24, a);
        FieldElement.Multiply(out low.Z, d, a);
    }

    /// <summary>A point of curve25519 as (X : Z), x = X/Z. Coordinates tight.</summary>
    private struct LadderPoint
    {
        public FieldElement X, Z;

        /// <summary>Exchanges two points where the mask is all ones.</summary>
        public static void Swap(ref LadderPoint p, ref LadderPoint q, ulong mask)
        {
            FieldElement.Swap(ref p.X, ref q.X, mask);
            FieldElement.Swap(ref p.Z, ref q.Z, mask);
        }
    }
}
