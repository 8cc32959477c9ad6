using System.Numerics;
using System.Runtime.Intrinsics;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

/// <summary>Four field elements in doubles against <see cref="BigInteger"/>, with limbs at the bounds that the code promises to bear, and the two ladders of X25519 against each other.</summary>
public sealed class FieldQuadTests
{
    /// <summary>The size of a product's limbs, and that of a sum of three and of one of two: the largest factors there are.</summary>
    private const double Tight = (1L << 50) + (1L << 13), Three = 3 * Tight, Two = (1L << 51) + (1L << 16);

    private static readonly BigInteger s_p = BigInteger.Pow(2, 255) - 19;

    public FieldQuadTests() => Assert.SkipUnless(FieldQuad.IsSupported, "this processor has no AVX-512");

    [Fact]
    public void Products_agree_and_are_tight()
    {
        var random = new Random(1);
        for (var round = 0; round < 5000; round++)
        {
            FieldQuad f = Next(Three), g = Next(Two);
            FieldQuad.Multiply(out var product, f, g);
            for (var lane = 0; lane < 4; lane++)
            {
                Assert.Equal(Modulo(Value(f, lane) * Value(g, lane)), Modulo(Value(product, lane)));
                Assert.All(Limbs(product), limb => Assert.InRange(limb.GetElement(lane), -Tight, Tight));
            }
        }

        FieldQuad Next(double bound) => new() { L0 = Limb(bound), L1 = Limb(bound), L2 = Limb(bound), L3 = Limb(bound), L4 = Limb(bound) };

        Vector256<double> Limb(double bound) => Vector256.Create(Number(bound), Number(bound), Number(bound), Number(bound));

        double Number(double bound) => random.Next(8) switch
        {
            0 => bound,
            1 => -bound,
            2 => random.Next(-1, 2),
            _ => random.NextInt64((long)-bound, (long)bound + 1),
        };
    }

    [Fact]
    public void The_largest_operands_of_all_signs_agree()
    {
        for (var signs = 0; signs < 1024; signs++)
        {
            FieldQuad f = Of(signs & 31, Three), g = Of(signs >> 5, Two);
            FieldQuad.Multiply(out var product, f, g);
            Assert.Equal(Modulo(Value(f, 0) * Value(g, 0)), Modulo(Value(product, 0)));
        }

        static FieldQuad Of(int signs, double bound) => new()
        {
            L0 = Vector256.Create((signs & 1) == 0 ? bound : -bound),
            L1 = Vector256.Create((signs & 2) == 0 ? bound : -bound),
            L2 = Vector256.Create((signs & 4) == 0 ? bound : -bound),
            L3 = Vector256.Create((signs & 8) == 0 ? bound : -bound),
            L4 = Vector256.Create((signs & 16) == 0 ? bound : -bound),
        };
    }

    [Fact]
    public void What_goes_in_comes_out_of_each_lane()
    {
        var random = new Random(2);
        var bytes = new byte[32];
        for (var round = 0; round < 200; round++)
        {
            var elements = new FieldElement[4];
            foreach (ref var element in elements.AsSpan())
            {
                random.NextBytes(bytes);
                element = FieldElement.Decode(bytes);
            }

            var quad = FieldQuad.Create(elements[0], elements[1], elements[2], elements[3]);
            FieldQuad.Multiply(out var squares, quad, quad);
            for (var lane = 0; lane < 4; lane++)
            {
                Assert.True(FieldElement.AreEqual(quad.Extract(lane), elements[lane]));
                FieldElement.Square(out var square, elements[lane]);
                Assert.True(FieldElement.AreEqual(squares.Extract(lane), square));
            }
        }
    }

    [Fact]
    public void Both_ladders_agree()
    {
        var random = new Random(3);
        byte[] scalar = new byte[32], u = new byte[32], expected = new byte[32], actual = new byte[32];
        for (var round = 0; round < 500; round++)
        {
            random.NextBytes(scalar);
            random.NextBytes(u);
            switch (round % 5)
            {
                case 0:
                    u.AsSpan(1).Fill(0xff);
                    break;
                case 1:
                    u.AsSpan(1).Clear();
                    break;
                case 2:
                    scalar.AsSpan().Fill((byte)round);
                    break;
            }

            X25519Ladder.Clamp(scalar);
            X25519Ladder.Multiply(expected, scalar, u);
            X25519QuadLadder.Multiply(actual, scalar, u);
            Assert.Equal(expected, actual);
        }
    }

    private static Vector256<double>[] Limbs(in FieldQuad quad) => [quad.L0, quad.L1, quad.L2, quad.L3, quad.L4];

    private static BigInteger Value(in FieldQuad quad, int lane) =>
        Limbs(quad).Select((limb, i) => new BigInteger(limb.GetElement(lane)) << (51 * i)).Aggregate(BigInteger.Zero, (sum, part) => sum + part);

    private static BigInteger Modulo(BigInteger value) => ((value % s_p) + s_p) % s_p;
}
