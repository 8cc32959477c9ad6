namespace Kadath.Crypto;

/// <summary>A number modulo an odd prime p, in Montgomery's form: limbs of 54 bits in number <c>n</c> hold a·R, R = 2^(54n).</summary>
/// <remarks>
/// <para>
/// What an operation takes and gives is a representative that may be some multiples of p too large and whose limbs may
/// exceed 54 bits; nothing is brought below p before <see cref="Encode"/>. R is 2^14 p or more, so a product of
/// representatives below A·p and B·p is below (A·B/2^14 + 1)·p: it may be called small again after the hundredfold.
/// The bounds that the callers keep: limbs of what is multiplied below 2^58; what <see cref="Subtract"/> takes away below
/// 62p, what <see cref="SubtractWide"/> takes away below 510p, with limbs below 2^57: sums of eight products, say.
/// </para>
/// <para>Products of limbs are split at bit 54, as in <see cref="FieldElement"/>: no carry flag exists that would have to be caught.</para>
/// <para>Everything here runs in constant time unless a summary says "public".</para>
/// </remarks>
internal interface IResidue<TSelf>
    where TSelf : unmanaged, IResidue<TSelf>
{
    /// <summary>Length of the encoding, in bytes.</summary>
    static abstract int EncodedLength { get; }

    /// <summary>p - 2 as a big-endian number: the exponent that inverts.</summary>
    static abstract ReadOnlySpan<byte> InvertingExponent { get; }

    static abstract TSelf One { get; }

    /// <summary>Reads a big-endian number of <see cref="EncodedLength"/> bytes, which may be p or more.</summary>
    static abstract void Decode(out TSelf result, ReadOnlySpan<byte> bytes);

    /// <summary>Writes the representative below p.</summary>
    static abstract void Encode(in TSelf f, Span<byte> bytes);

    static abstract void Multiply(out TSelf result, in TSelf f, in TSelf g);

    static abstract void Square(out TSelf result, in TSelf f);

    /// <summary>f + g, without carrying.</summary>
    static abstract void Add(out TSelf result, in TSelf f, in TSelf g);

    /// <summary>f - g for a g below 62p, as f + 64p - g.</summary>
    static abstract void Subtract(out TSelf result, in TSelf f, in TSelf g);

    /// <summary>f - g for a g below 510p, as f + 512p - g.</summary>
    static abstract void SubtractWide(out TSelf result, in TSelf f, in TSelf g);

    /// <summary>Replaces <paramref name="f"/> by <paramref name="g"/> where <paramref name="mask"/> is all ones, keeps it where it is zero.</summary>
    static abstract void Select(ref TSelf f, in TSelf g, ulong mask);
}

/// <summary>What follows from <see cref="IResidue{TSelf}"/> alone.</summary>
internal static class Residue
{
    /// <summary>1/f = f^(p-2); zero for zero. Constant-time: the exponent is the prime's, hence public.</summary>
    public static void Invert<T>(out T result, in T f)
        where T : unmanaged, IResidue<T>
    {
        Span<T> powers = stackalloc T[16];
        powers[0] = T.One;
        for (var i = 1; i < powers.Length; i++)
        {
            T.Multiply(out powers[i], powers[i - 1], f);
        }

        result = T.One;
        foreach (var digits in T.InvertingExponent)
        {
            Raise(ref result, powers, digits >> 4);
            Raise(ref result, powers, digits & 15);
        }

        Erase.Span(powers);

        static void Raise(ref T result, ReadOnlySpan<T> powers, int digit)
        {
            for (var i = 0; i < 4; i++)
            {
                T.Square(out result, result);
            }

            if (digit != 0)
            {
                T.Multiply(out result, result, powers[digit]);
            }
        }
    }

    /// <summary>Whether f is zero modulo p. For public values: the answer is meant to be branched on.</summary>
    public static bool IsZero<T>(in T f)
        where T : unmanaged, IResidue<T>
    {
        Span<byte> bytes = stackalloc byte[T.EncodedLength];
        T.Encode(f, bytes);
        return !bytes.ContainsAnyExcept((byte)0);
    }
}
