using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static Kadath.Crypto.BikeL1;

namespace Kadath.Crypto;

/// <summary>Polynomials over two elements modulo x^r - 1, in buffers of <see cref="BufferWords"/> words of which the first <see cref="Words"/> count.</summary>
/// <remarks>No branch or index depends on a coefficient: all that is chosen is chosen by r.</remarks>
internal abstract class BikeRing
{
    /// <summary>The ring by the instructions at hand.</summary>
    public static BikeRing For(VectorWidth width) =>
        width == VectorWidth.None ? new BikeRing<CarrylessMasks>()
        : X86AesInstructions.IsSupported ? new BikeRing<CarrylessInstructions<X86AesInstructions>>()
        : ArmAesInstructions.IsSupported ? new BikeRing<CarrylessInstructions<ArmAesInstructions>>()
        : new BikeRing<CarrylessMasks>();

    public abstract void Multiply(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> product);

    public abstract void Square(Span<ulong> polynomial);

    public static void Add(Span<ulong> sum, ReadOnlySpan<ulong> addend)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] ^= addend[i];
        }
    }

    /// <summary>The inverse of a polynomial of odd weight: its power 2^(r-1) - 2, by squarings and products that double the exponent's ones (Drucker, Gueron, Kostic, eprint 2020/298).</summary>
    [SkipLocalsInit]
    public void Invert(ReadOnlySpan<ulong> polynomial, Span<ulong> inverse)
    {
        Span<ulong> f = stackalloc ulong[BufferWords];
        Span<ulong> g = stackalloc ulong[BufferWords];
        polynomial.CopyTo(f);
        polynomial.CopyTo(inverse);
        const int exponent = R - 2;
        for (int bit = 1, ones = 1; bit <= exponent >> 1; bit <<= 1)
        {
            // f has an exponent of 2^bit - 1; the result one of 2^ones - 1, for the bits of r - 2 that were met.
            f.CopyTo(g);
            SquareRepeatedly(g, bit);
            Multiply(f, g, f);
            if ((exponent & (bit << 1)) != 0)
            {
                f.CopyTo(g);
                SquareRepeatedly(g, ones);
                Multiply(inverse, g, inverse);
                ones += bit << 1;
            }
        }

        Square(inverse);
        Erase.Span(f);
        Erase.Span(g);
    }

    /// <summary>Reads a polynomial; false when bits beyond the last coefficient are set.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, Span<ulong> polynomial)
    {
        polynomial.Clear();
        bytes[..PolynomialBytes].CopyTo(MemoryMarshal.AsBytes(polynomial));
        return polynomial[Words - 1] >> LastBits == 0;
    }

    public static void Write(ReadOnlySpan<ulong> polynomial, Span<byte> bytes) => MemoryMarshal.AsBytes(polynomial)[..PolynomialBytes].CopyTo(bytes);

    /// <summary>The power 2^count. Many squarings at once are a permutation: coefficient i moves to 2^count·i modulo r.</summary>
    [SkipLocalsInit]
    private void SquareRepeatedly(Span<ulong> polynomial, int count)
    {
        if (count <= 64)
        {
            for (var i = 0; i < count; i++)
            {
                Square(polynomial);
            }

            return;
        }

        var factor = 1;
        for (var i = 0; i < count; i++)
        {
            factor = factor * 2 % R;
        }

        Span<byte> from = stackalloc byte[Words * 64];
        Span<byte> to = stackalloc byte[Words * 64];
        for (var i = 0; i < from.Length; i++)
        {
            from[i] = (byte)((polynomial[i >> 6] >> (i & 63)) & 1);
        }

        to.Clear();
        for (int i = 0, target = 0; i < R; i++, target = (target + factor) % R)
        {
            to[target] = from[i];
        }

        polynomial.Clear();
        for (var i = 0; i < R; i++)
        {
            polynomial[i >> 6] |= (ulong)to[i] << (i & 63);
        }

        Erase.Span(from);
        Erase.Span(to);
    }
}

/// <summary>The ring over one way to multiply words.</summary>
[SkipLocalsInit]
internal sealed class BikeRing<TProducts> : BikeRing
    where TProducts : ICarrylessProducts
{
    /// <summary>From here on, in words, halves are multiplied word by word.</summary>
    private const int SmallWords = BufferWords / 8;

    public override void Multiply(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> product)
    {
        Span<ulong> whole = stackalloc ulong[2 * BufferWords];
        Span<ulong> scratch = stackalloc ulong[4 * BufferWords];
        Karatsuba(left[..BufferWords], right[..BufferWords], whole, scratch);
        Reduce(whole, product);
        Erase.Span(whole);
        Erase.Span(scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Square(Span<ulong> polynomial)
    {
        Span<ulong> whole = stackalloc ulong[2 * BufferWords];
        for (var i = 0; i < BufferWords; i++)
        {
            var word = Vector128.CreateScalar(polynomial[i]);
            TProducts.LowerLower(word, word).CopyTo(whole[(2 * i)..]);
        }

        Reduce(whole, polynomial);
        Erase.Span(whole);
    }

    /// <summary>Three products of halves in place of four.</summary>
    private static void Karatsuba(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> product, Span<ulong> scratch)
    {
        var (words, half) = (left.Length, left.Length / 2);
        if (words <= SmallWords)
        {
            MultiplySmall(left, right, product);
            return;
        }

        var rest = scratch[(2 * words)..];
        var leftSum = scratch[..half];
        var rightSum = scratch[half..words];
        var middle = scratch[words..(2 * words)];
        for (var i = 0; i < half; i++)
        {
            leftSum[i] = left[i] ^ left[half + i];
            rightSum[i] = right[i] ^ right[half + i];
        }

        Karatsuba(left[..half], right[..half], product[..words], rest);
        Karatsuba(left[half..], right[half..], product[words..], rest);
        Karatsuba(leftSum, rightSum, middle, rest);
        Add(middle, product[..words]);
        Add(middle, product[words..]);
        Add(product[half..(half + words)], middle);
    }

    /// <summary>Two words by two at a time, along the diagonals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplySmall(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> product)
    {
        var pairs = left.Length / 2;
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right);
        var carried = Vector128<ulong>.Zero;
        for (var diagonal = 0; diagonal < (2 * pairs) - 1; diagonal++)
        {
            Vector128<ulong> low = default, mixed = default, high = default;
            for (var i = Math.Max(0, diagonal - pairs + 1); i <= Math.Min(diagonal, pairs - 1); i++)
            {
                var x = Vector128.LoadUnsafe(ref a, (nuint)(2 * i));
                var y = Vector128.LoadUnsafe(ref b, (nuint)(2 * (diagonal - i)));
                low ^= TProducts.LowerLower(x, y);
                high ^= TProducts.UpperUpper(x, y);
                mixed ^= TProducts.Mixed(x, y);
            }

            (carried ^ low ^ Vector128.Create(0, mixed[0])).CopyTo(product[(2 * diagonal)..]);
            carried = high ^ Vector128.Create(mixed[1], 0);
        }

        carried.CopyTo(product[^2..]);
    }

    /// <summary>Adds what lies beyond r bits to the first r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Reduce(ReadOnlySpan<ulong> whole, Span<ulong> polynomial)
    {
        for (var i = 0; i < Words; i++)
        {
            polynomial[i] = whole[i] ^ (whole[i + Words - 1] >> LastBits) ^ (whole[i + Words] << (64 - LastBits));
        }

        polynomial[Words - 1] &= (1UL << LastBits) - 1;
        polynomial[Words..BufferWords].Clear();
    }
}
