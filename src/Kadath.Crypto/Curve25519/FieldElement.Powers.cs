namespace Kadath.Crypto;

/// <content>Inversion and square roots: fixed chains of squarings and multiplications.</content>
internal partial struct FieldElement
{
    /// <summary>2^((p-1)/4), a square root of -1.</summary>
    public static FieldElement SqrtMinusOne => new(0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d);

    /// <summary>1/z = z^(p-2); zero for zero. z may be loose.</summary>
    public static void Invert(out FieldElement result, in FieldElement z)
    {
        PowerTo250Ones(out var t, out var z11, z);
        SquareTimes(out t, t, 5);
        Multiply(out result, t, z11);
    }

    /// <summary>A square root of u/v, the one with parity zero or one as it falls (RFC 8032 section 5.1.3); false if u/v is no square. u and v may be loose. For public values.</summary>
    public static bool TrySquareRootOfRatio(out FieldElement root, in FieldElement u, in FieldElement v)
    {
        // root = u v^3 (u v^7)^((p-5)/8)
        Square(out var v3, v);
        Multiply(out v3, v3, v);
        Square(out var t, v3);
        Multiply(out t, t, v);
        Multiply(out t, t, u);
        PowerTo250Ones(out var power, out _, t);
        SquareTimes(out power, power, 2);
        Multiply(out power, power, t);
        Multiply(out root, power, v3);
        Multiply(out root, root, u);

        Square(out var check, root);
        Multiply(out check, check, v);
        if (AreEqual(check, u))
        {
            return true;
        }

        Add(out check, check, u);
        Multiply(out root, root, SqrtMinusOne);
        return check.IsZero();
    }

    /// <summary>z^(2^250 - 1), the common part of both exponents, and z^11 on the way.</summary>
    private static void PowerTo250Ones(out FieldElement result, out FieldElement z11, in FieldElement z)
    {
        Square(out var z2, z);
        SquareTimes(out var t, z2, 2);
        Multiply(out var z9, t, z);
        Multiply(out z11, z9, z2);
        Square(out t, z11);
        Multiply(out var ones5, t, z9);
        SquareTimes(out t, ones5, 5);
        Multiply(out var ones10, t, ones5);
        SquareTimes(out t, ones10, 10);
        Multiply(out var ones20, t, ones10);
        SquareTimes(out t, ones20, 20);
        Multiply(out t, t, ones20);
        SquareTimes(out t, t, 10);
        Multiply(out var ones50, t, ones10);
        SquareTimes(out t, ones50, 50);
        Multiply(out var ones100, t, ones50);
        SquareTimes(out t, ones100, 100);
        Multiply(out t, t, ones100);
        SquareTimes(out t, t, 50);
        Multiply(out result, t, ones50);
    }

    /// <summary>f^(2^count).</summary>
    private static void SquareTimes(out FieldElement result, in FieldElement f, int count)
    {
        Square(out result, f);
        for (var i = 1; i < count; i++)
        {
            Square(out result, result);
        }
    }
}
