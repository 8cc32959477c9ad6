using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>The arithmetic of a curve over the field <typeparamref name="TField"/> whose points are <typeparamref name="TOrder"/>'s prime in number.</summary>
internal sealed class NistArithmetic<TField, TOrder> : NistArithmetic
    where TField : unmanaged, IResidue<TField>
    where TOrder : unmanaged, IResidue<TOrder>
{
    /// <summary>Entries per table: multiples 1 to 16.</summary>
    private const int TableLength = 1 << (BoothDigits.Width - 1);

    /// <summary>Width of the non-adjacent forms of public scalars, whose odd multiples are eight.</summary>
    private const int PublicWidth = 5;

    private readonly byte[] _prime, _order;
    private readonly TField _b;
    private readonly NistAffinePoint<TField> _generator;
    private readonly Lazy<NistAffinePoint<TField>[]> _comb;

    /// <param name="prime">p.</param>
    /// <param name="order">n.</param>
    /// <param name="b">The curve's constant.</param>
    /// <param name="generator">G as x, then y.</param>
    public NistArithmetic(byte[] prime, byte[] order, ReadOnlySpan<byte> b, ReadOnlySpan<byte> generator)
    {
        (_prime, _order) = (prime, order);
        TField.Decode(out _b, b);
        Decode(out _generator, generator);
        _comb = new(MakeComb);
    }

    private static int Length => TField.EncodedLength;

    public override bool Contains(ReadOnlySpan<byte> point)
    {
        Decode(out var p, point);

        // y² = x³ - 3x + b
        TField.Square(out var right, p.X);
        TField.Multiply(out right, right, p.X);
        TField.Add(out right, right, _b);
        TField.Add(out var thrice, p.X, p.X);
        TField.Add(out thrice, thrice, p.X);
        TField.Subtract(out right, right, thrice);
        TField.Square(out var left, p.Y);
        TField.Subtract(out right, right, left);
        return Residue.IsZero(right);
    }

    public override void MultiplyGenerator(ReadOnlySpan<byte> scalar, Span<byte> point)
    {
        MultiplyGenerator(out var product, scalar);
        Residue.Invert(out var inverse, product.Z);
        TField.Multiply(out product.X, product.X, inverse);
        TField.Encode(product.X, point[..Length]);
        TField.Multiply(out product.Y, product.Y, inverse);
        TField.Encode(product.Y, point[Length..]);
        Erase.Value(ref product);
    }

    public override void Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> x)
    {
        Decode(out var p, point);
        Multiply(out var product, scalar, p);
        EncodeX(product, x);
        Erase.Value(ref product);
    }

    public override bool TrySign(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        MultiplyGenerator(out var commitment, nonce);
        Span<byte> r = signature[..Length], s = signature[Length..];
        EncodeX(commitment, r);
        Erase.Value(ref commitment);

        // r is x modulo n; s = (e + r·d)/k.
        TOrder.Decode(out var rNumber, r);
        TOrder.Encode(rNumber, r);
        TOrder.Decode(out var secret, scalar);
        TOrder.Multiply(out secret, secret, rNumber);
        TOrder.Decode(out var e, digest[..Length]);
        TOrder.Add(out secret, secret, e);
        TOrder.Decode(out var k, nonce);
        Residue.Invert(out k, k);
        TOrder.Multiply(out k, k, secret);
        TOrder.Encode(k, s);
        Erase.Value(ref secret);
        Erase.Value(ref k);
        return r.ContainsAnyExcept((byte)0) && s.ContainsAnyExcept((byte)0);
    }

    public override bool Verify(ReadOnlySpan<byte> point, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        TOrder.Decode(out var inverse, signature[Length..]);
        Residue.Invert(out inverse, inverse);
        TOrder.Decode(out var u, digest[..Length]);
        TOrder.Multiply(out u, u, inverse);
        TOrder.Decode(out var v, signature[..Length]);
        TOrder.Multiply(out v, v, inverse);
        Span<byte> uBytes = stackalloc byte[Length], vBytes = stackalloc byte[Length];
        TOrder.Encode(u, uBytes);
        TOrder.Encode(v, vBytes);
        Decode(out var key, point);
        MultiplyTwo(out var sum, uBytes, vBytes, key);
        return !Residue.IsZero(sum.Z) && HasX(sum, signature[..Length]);
    }

    public override void ReduceModuloOrder(ReadOnlySpan<byte> number, Span<byte> reduced)
    {
        TOrder.Decode(out var value, number);
        TOrder.Encode(value, reduced);
    }

    /// <summary>Whether the x-coordinate of a point is r modulo n: r, or r + n if that is below p. Public.</summary>
    private bool HasX(in NistPoint<TField> point, ReadOnlySpan<byte> r)
    {
        if (HasExactX(point, r))
        {
            return true;
        }

        Span<byte> sum = stackalloc byte[Length];
        var carry = 0;
        for (var i = Length - 1; i >= 0; i--)
        {
            carry += r[i] + _order[i];
            sum[i] = (byte)carry;
            carry >>= 8;
        }

        return carry == 0 && sum.SequenceCompareTo(_prime) < 0 && HasExactX(point, sum);
    }

    private static bool HasExactX(in NistPoint<TField> point, ReadOnlySpan<byte> x)
    {
        TField.Decode(out var expected, x);
        TField.Multiply(out expected, expected, point.Z);
        TField.Subtract(out expected, point.X, expected);
        return Residue.IsZero(expected);
    }

    /// <summary>scalar · G: a sum of one entry for each digit, without doublings. Constant-time.</summary>
    [SkipLocalsInit]
    private void MultiplyGenerator(out NistPoint<TField> result, ReadOnlySpan<byte> scalar)
    {
        Span<ulong> words = stackalloc ulong[BoothDigits.Words(Length)];
        var digits = new BoothDigits(words, scalar, _order);
        var comb = _comb.Value.AsSpan();
        result = NistPoint<TField>.Infinity;
        NistAffinePoint<TField> term = default;
        NistPoint<TField> sum = default;
        for (var i = 0; i < BoothDigits.Count(8 * Length); i++)
        {
            digits.Read(i, out var size, out var negative);
            TableSelect.Take(out term, comb.Slice(i * TableLength, TableLength), size);
            NistAffinePoint<TField>.NegateWhere(ref term, negative);
            NistPoint<TField>.Add(out sum, result, term, _b);

            // Digit zero has no affine point: the sum with it is thrown away.
            var take = ~TableSelect.IsZeroMask(size);
            TField.Select(ref result.X, sum.X, take);
            TField.Select(ref result.Y, sum.Y, take);
            TField.Select(ref result.Z, sum.Z, take);
        }

        Erase.Value(ref term);
        Erase.Value(ref sum);
        words.Clear();
    }

    /// <summary>scalar · P: five doublings and an addition for each digit. Constant-time.</summary>
    [SkipLocalsInit]
    private void Multiply(out NistPoint<TField> result, ReadOnlySpan<byte> scalar, in NistAffinePoint<TField> p)
    {
        Span<NistPoint<TField>> multiples = stackalloc NistPoint<TField>[TableLength];
        multiples[0] = p.ToProjective();
        for (var i = 1; i < multiples.Length; i++)
        {
            NistPoint<TField>.Add(out multiples[i], multiples[i - 1], p, _b);
        }

        Span<ulong> words = stackalloc ulong[BoothDigits.Words(Length)];
        var digits = new BoothDigits(words, scalar, _order);
        var place = BoothDigits.Count(8 * Length) - 1;
        digits.Read(place, out var size, out _);
        TableSelect.Take(out result, multiples, size);
        NistPoint<TField> term = default;
        JacobianPoint<TField> doubled = default;
        for (place--; place >= 0; place--)
        {
            JacobianPoint<TField>.From(out doubled, result);
            for (var i = 0; i < BoothDigits.Width; i++)
            {
                doubled.Double();
            }

            doubled.ToProjective(out result);
            digits.Read(place, out size, out var negative);
            TableSelect.Take(out term, multiples, size);
            TField.Select(ref term.Y, TField.One, TableSelect.IsZeroMask(size));
            NistPoint<TField>.NegateWhere(ref term, negative);
            NistPoint<TField>.Add(out result, result, term, _b);
        }

        Erase.Value(ref term);
        Erase.Value(ref doubled);
        words.Clear();
    }

    /// <summary>u·G + v·P: one run of doublings for both (Straus), points added where a digit is not zero. Public.</summary>
    [SkipLocalsInit]
    private void MultiplyTwo(out NistPoint<TField> result, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, in NistAffinePoint<TField> p)
    {
        Span<NistPoint<TField>> ofGenerator = stackalloc NistPoint<TField>[1 << (PublicWidth - 2)], ofPoint = stackalloc NistPoint<TField>[1 << (PublicWidth - 2)];
        FillOddMultiples(ofGenerator, _generator);
        FillOddMultiples(ofPoint, p);
        Span<sbyte> uDigits = stackalloc sbyte[(8 * Length) + 1], vDigits = stackalloc sbyte[(8 * Length) + 1];
        NonAdjacentForm.Write(u, uDigits, PublicWidth);
        NonAdjacentForm.Write(v, vDigits, PublicWidth);
        result = NistPoint<TField>.Infinity;
        JacobianPoint<TField> doubled = default;
        var infinite = true;
        for (var i = 8 * Length; i >= 0; i--)
        {
            if (!infinite)
            {
                doubled.Double();
            }

            if (uDigits[i] != 0 || vDigits[i] != 0)
            {
                if (!infinite)
                {
                    doubled.ToProjective(out result);
                }

                AddDigit(ref result, uDigits[i], ofGenerator);
                AddDigit(ref result, vDigits[i], ofPoint);
                infinite = Residue.IsZero(result.Z);
                JacobianPoint<TField>.From(out doubled, result);
            }
        }

        if (!infinite)
        {
            doubled.ToProjective(out result);
        }
    }

    private void AddDigit(ref NistPoint<TField> sum, int digit, ReadOnlySpan<NistPoint<TField>> oddMultiples)
    {
        if (digit != 0)
        {
            var term = oddMultiples[Math.Abs(digit) >> 1];
            NistPoint<TField>.NegateWhere(ref term, (ulong)(digit >> 31));
            NistPoint<TField>.Add(out sum, sum, term, _b);
        }
    }

    private void FillOddMultiples(Span<NistPoint<TField>> multiples, in NistAffinePoint<TField> p)
    {
        multiples[0] = p.ToProjective();
        NistPoint<TField>.Add(out var twice, multiples[0], multiples[0], _b);
        for (var i = 1; i < multiples.Length; i++)
        {
            NistPoint<TField>.Add(out multiples[i], multiples[i - 1], twice, _b);
        }
    }

    /// <summary>Entry 16i + j is (j + 1) · 32^i · G.</summary>
    private NistAffinePoint<TField>[] MakeComb()
    {
        var places = BoothDigits.Count(8 * Length);
        var points = new NistPoint<TField>[places * TableLength];
        var place = _generator.ToProjective();
        for (var i = 0; i < places; i++)
        {
            var multiples = points.AsSpan(i * TableLength, TableLength);
            multiples[0] = place;
            for (var j = 1; j < TableLength; j++)
            {
                NistPoint<TField>.Add(out multiples[j], multiples[j - 1], place, _b);
            }

            NistPoint<TField>.Add(out place, multiples[^1], multiples[^1], _b);
        }

        return ToAffine(points);
    }

    /// <summary>Divides by Z, with one inversion for all points (Montgomery's trick).</summary>
    private static NistAffinePoint<TField>[] ToAffine(ReadOnlySpan<NistPoint<TField>> points)
    {
        // partial[i] = Z0 · Z1 · … · Z(i-1)
        var partial = new TField[points.Length];
        var product = TField.One;
        for (var i = 0; i < points.Length; i++)
        {
            partial[i] = product;
            TField.Multiply(out product, product, points[i].Z);
        }

        var result = new NistAffinePoint<TField>[points.Length];
        Residue.Invert(out var inverse, product);
        for (var i = points.Length - 1; i >= 0; i--)
        {
            TField.Multiply(out var inverseZ, inverse, partial[i]);
            TField.Multiply(out inverse, inverse, points[i].Z);
            TField.Multiply(out result[i].X, points[i].X, inverseZ);
            TField.Multiply(out result[i].Y, points[i].Y, inverseZ);
        }

        return result;
    }

    private static void EncodeX(in NistPoint<TField> point, Span<byte> x)
    {
        Residue.Invert(out var affine, point.Z);
        TField.Multiply(out affine, affine, point.X);
        TField.Encode(affine, x);
        Erase.Value(ref affine);
    }

    private static void Decode(out NistAffinePoint<TField> point, ReadOnlySpan<byte> bytes)
    {
        TField.Decode(out point.X, bytes[..Length]);
        TField.Decode(out point.Y, bytes[Length..]);
    }
}
