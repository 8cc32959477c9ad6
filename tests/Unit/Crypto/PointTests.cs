using System.Numerics;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

/// <summary>Decoding of curve points against the curve's equation.</summary>
public sealed class PointTests
{
    private static readonly BigInteger s_p = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger s_d = (s_p - 121665) * BigInteger.ModPow(121666, s_p - 2, s_p) % s_p;

    [Fact]
    public void A_y_is_decoded_exactly_when_the_curve_has_a_point_there()
    {
        var random = new Random(13);
        var bytes = new byte[32];
        var onCurve = 0;
        for (var i = 0; i < 300; i++)
        {
            random.NextBytes(bytes);
            bytes[31] &= 0x7f;
            var y = new BigInteger(bytes, isUnsigned: true);
            var yy = y * y % s_p;
            var xx = (yy + s_p - 1) * BigInteger.ModPow((s_d * yy) + 1, s_p - 2, s_p) % s_p;
            var exists = BigInteger.ModPow(xx, (s_p - 1) / 2, s_p).IsOne;
            for (var sign = 0; sign < 2; sign++)
            {
                bytes[31] = (byte)((bytes[31] & 0x7f) | (sign << 7));
                Assert.Equal(exists, ExtendedPoint.TryDecode(bytes, out var point));
                if (exists)
                {
                    onCurve++;
                    var encoded = new byte[32];
                    point.ToProjective().Encode(encoded);
                    Assert.Equal(bytes, encoded);
                    Assert.Equal(xx, Value(point.X) * Value(point.X) % s_p);
                    Assert.Equal(Value(point.X) * Value(point.Y) % s_p, Value(point.T));
                }
            }
        }

        Assert.InRange(onCurve, 200, 400);
    }

    [Fact]
    public void Numbers_of_p_and_more_are_not_encodings()
    {
        for (var beyond = 0; beyond < 19; beyond++)
        {
            var bytes = new byte[32];
            bytes.AsSpan().Fill(0xff);
            bytes[0] = (byte)(0xed + beyond);
            Assert.False(ExtendedPoint.TryDecode(bytes, out _));
            bytes[31] = 0x7f;
            Assert.False(ExtendedPoint.TryDecode(bytes, out _));
        }
    }

    private static BigInteger Value(in FieldElement f)
    {
        var bytes = new byte[32];
        f.Encode(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }
}
