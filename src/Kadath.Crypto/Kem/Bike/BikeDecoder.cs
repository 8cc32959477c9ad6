using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static Kadath.Crypto.BikeL1;

namespace Kadath.Crypto;

/// <summary>The Black-Gray-Flip decoder (specification, algorithm 1): finds the error of a syndrome, nearly always. Constant-time.</summary>
/// <remarks>
/// For each position it counts the unsatisfied parity checks: the syndrome, rotated by each position of the private key, is
/// added into counters that are bit slices, one bit of all positions in each.
/// </remarks>
[SkipLocalsInit]
internal static class BikeDecoder
{
    // Counts to 71 have seven bits; the eighth is the sign of their difference from a threshold.
    private const int Slices = 8;

    // The words of a polynomial, in whole vectors.
    private const int SliceWords = (Words + 3) / 4 * 4;

    // The syndrome twice, and what the widest step of a rotation looks at beyond.
    private const int TwiceWords = 2 * SliceWords;

    /// <summary>Finds (e0, e1).</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="positions">The ones of h0, then those of h1.</param>
    /// <param name="key">h0, then h1.</param>
    /// <param name="ciphertext">c0.</param>
    /// <param name="error">Takes e0, then e1.</param>
    public static void Decode(BikeRing ring, ReadOnlySpan<int> positions, ReadOnlySpan<ulong> key, ReadOnlySpan<ulong> ciphertext, Span<ulong> error)
    {
        Span<ulong> syndrome = stackalloc ulong[BufferWords];
        Span<ulong> black = stackalloc ulong[2 * BufferWords];
        Span<ulong> gray = stackalloc ulong[2 * BufferWords];
        error.Clear();
        black.Clear();
        gray.Clear();
        for (var round = 0; round < Rounds; round++)
        {
            Syndrome(ring, key, ciphertext, error, syndrome);
            Flip(positions, syndrome, Threshold(syndrome), error, black, gray);
            if (round == 0)
            {
                Syndrome(ring, key, ciphertext, error, syndrome);
                FlipAmong(positions, syndrome, black, error);
                Syndrome(ring, key, ciphertext, error, syndrome);
                FlipAmong(positions, syndrome, gray, error);
            }
        }

        Erase.Span(syndrome);
        Erase.Span(black);
        Erase.Span(gray);
    }

    /// <summary>(c0 + e0)·h0 + e1·h1.</summary>
    private static void Syndrome(BikeRing ring, ReadOnlySpan<ulong> key, ReadOnlySpan<ulong> ciphertext, ReadOnlySpan<ulong> error, Span<ulong> syndrome)
    {
        Span<ulong> other = stackalloc ulong[BufferWords];
        ciphertext.CopyTo(other);
        BikeRing.Add(other, error[..BufferWords]);
        ring.Multiply(other, key[..BufferWords], syndrome);
        ring.Multiply(error[BufferWords..], key[BufferWords..], other);
        BikeRing.Add(syndrome, other);
        Erase.Span(other);
    }

    /// <summary>⌊13.530 + 0.0069722·weight⌋, at least 36.</summary>
    private static int Threshold(ReadOnlySpan<ulong> syndrome)
    {
        var weight = 0;
        foreach (var word in syndrome)
        {
            weight += BitOperations.PopCount(word);
        }

        // In units of 10^-8; the division is by ⌈2^90/10^8⌉, for a division instruction takes longer for larger numbers.
        var high = Math.BigMul(1353000000UL + (697220UL * (uint)weight), 12379400392853802749UL, out _);
        var threshold = (int)(high >> 26);
        var below = (threshold - 36) >> 31;
        return threshold + ((36 - threshold) & below);
    }

    /// <summary>Flips every position whose count reaches the threshold, and remembers it as black; those a little below are gray.</summary>
    private static void Flip(ReadOnlySpan<int> positions, ReadOnlySpan<ulong> syndrome, int threshold, Span<ulong> error, Span<ulong> black, Span<ulong> gray)
    {
        Span<ulong> counters = stackalloc ulong[Slices * SliceWords];
        for (var half = 0; half < 2; half++)
        {
            Count(positions.Slice(half * Weight, Weight), syndrome, counters);
            Subtract(counters, threshold);
            var blackHalf = black.Slice(half * BufferWords, Words);
            var grayHalf = gray.Slice(half * BufferWords, Words);
            NotNegative(counters, blackHalf);
            BikeRing.Add(error.Slice(half * BufferWords, Words), blackHalf);
            Subtract(counters, -GrayDistance);
            NotNegative(counters, grayHalf);
            for (var i = 0; i < Words; i++)
            {
                grayHalf[i] &= ~blackHalf[i];
            }
        }

        Erase.Span(counters);
    }

    /// <summary>Flips those of the given positions whose count reaches half of the weight.</summary>
    private static void FlipAmong(ReadOnlySpan<int> positions, ReadOnlySpan<ulong> syndrome, ReadOnlySpan<ulong> among, Span<ulong> error)
    {
        Span<ulong> counters = stackalloc ulong[Slices * SliceWords];
        Span<ulong> reached = stackalloc ulong[Words];
        for (var half = 0; half < 2; half++)
        {
            Count(positions.Slice(half * Weight, Weight), syndrome, counters);
            Subtract(counters, SecondThreshold);
            NotNegative(counters, reached);
            for (var i = 0; i < Words; i++)
            {
                error[(half * BufferWords) + i] ^= reached[i] & among[(half * BufferWords) + i];
            }
        }

        Erase.Span(counters);
        Erase.Span(reached);
    }

    private static void Count(ReadOnlySpan<int> positions, ReadOnlySpan<ulong> syndrome, Span<ulong> counters)
    {
        Span<ulong> twice = stackalloc ulong[TwiceWords];
        Span<ulong> rotated = stackalloc ulong[TwiceWords];
        Repeat(syndrome, twice);
        counters.Clear();
        for (var i = 0; i < positions.Length; i++)
        {
            Rotate(twice, positions[i], rotated);
            Add(counters, rotated, BitOperations.Log2((uint)i + 1) + 1);
        }

        Erase.Span(twice);
        Erase.Span(rotated);
    }

    /// <summary>The r bits twice over.</summary>
    private static void Repeat(ReadOnlySpan<ulong> syndrome, Span<ulong> twice)
    {
        twice.Clear();
        syndrome[..Words].CopyTo(twice);
        for (var i = 0; i < Words; i++)
        {
            twice[Words - 1 + i] |= syndrome[i] << LastBits;
            twice[Words + i] |= syndrome[i] >> (64 - LastBits);
        }
    }

    /// <summary>The r bits from a secret position on: by powers of two of words, each taken or not by a mask, then by bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rotate(ReadOnlySpan<ulong> twice, int position, Span<ulong> rotated)
    {
        twice.CopyTo(rotated);
        ref var words = ref MemoryMarshal.GetReference(rotated[..TwiceWords]);
        for (var power = 7; power >= 0; power--)
        {
            // What later steps look at lies within another step beyond the result.
            var step = 1 << power;
            var taken = Vector256.Create(0UL - (((ulong)(uint)position >> (6 + power)) & 1));
            var needed = Math.Min(SliceWords + step, TwiceWords - step);
            for (var i = 0; i < needed; i += Vector256<ulong>.Count)
            {
                var here = Vector256.LoadUnsafe(ref words, (nuint)i);
                var there = Vector256.LoadUnsafe(ref words, (nuint)(i + step));
                (here ^ ((here ^ there) & taken)).StoreUnsafe(ref words, (nuint)i);
            }
        }

        // A shift by 64 is two: of those by one and by 63 less.
        var (low, high) = (position & 63, 63 - (position & 63));
        for (var i = 0; i < SliceWords; i++)
        {
            rotated[i] = (rotated[i] >> low) | (rotated[i + 1] << 1 << high);
        }
    }

    /// <summary>Adds one bit to the counter of each position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(Span<ulong> counters, ReadOnlySpan<ulong> bits, int slices)
    {
        ref var counter = ref MemoryMarshal.GetReference(counters[..(slices * SliceWords)]);
        ref var bit = ref MemoryMarshal.GetReference(bits);
        for (var i = 0; i < SliceWords; i += Vector256<ulong>.Count)
        {
            var carry = Vector256.LoadUnsafe(ref bit, (nuint)i);
            for (var slice = 0; slice < slices; slice++)
            {
                var at = (nuint)((slice * SliceWords) + i);
                var value = Vector256.LoadUnsafe(ref counter, at);
                (value ^ carry).StoreUnsafe(ref counter, at);
                carry &= value;
            }
        }
    }

    /// <summary>Subtracts the same number from all counters, which may become negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract(Span<ulong> counters, int number)
    {
        ref var counter = ref MemoryMarshal.GetReference(counters[..(Slices * SliceWords)]);
        for (var i = 0; i < SliceWords; i += Vector256<ulong>.Count)
        {
            var borrow = Vector256<ulong>.Zero;
            for (var slice = 0; slice < Slices; slice++)
            {
                var at = (nuint)((slice * SliceWords) + i);
                var value = Vector256.LoadUnsafe(ref counter, at);
                var subtrahend = Vector256.Create(0UL - (((ulong)(uint)number >> slice) & 1));
                (value ^ subtrahend ^ borrow).StoreUnsafe(ref counter, at);
                borrow = (~value & (subtrahend | borrow)) | (subtrahend & borrow);
            }
        }
    }

    private static void NotNegative(ReadOnlySpan<ulong> counters, Span<ulong> positions)
    {
        var signs = counters.Slice((Slices - 1) * SliceWords, Words);
        for (var i = 0; i < Words; i++)
        {
            positions[i] = ~signs[i];
        }

        positions[Words - 1] &= (1UL << LastBits) - 1;
    }
}
