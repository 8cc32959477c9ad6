using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static Kadath.Crypto.BikeL1;

namespace Kadath.Crypto;

/// <summary>Sparse polynomials of a secret seed (WSHAKE256-PRF of the specification), in time that does not depend on where the ones are.</summary>
[SkipLocalsInit]
internal static class BikeSampling
{
    /// <summary>The private key: positions of the ones of h0 and h1.</summary>
    public static void ExpandKey(ReadOnlySpan<byte> seed, Span<int> first, Span<int> second)
    {
        var sponge = Start(seed);
        Choose(ref sponge, R, first);
        Choose(ref sponge, R, second);
        Erase.Value(ref sponge);
    }

    /// <summary>The error of a message: (e0, e1) = H(m).</summary>
    public static void ExpandError(ReadOnlySpan<byte> message, Span<ulong> first, Span<ulong> second)
    {
        Span<int> positions = stackalloc int[Errors];
        var sponge = Start(message);
        Choose(ref sponge, 2 * R, positions);
        SetBits(positions, 0, first);
        SetBits(positions, R, second);
        Erase.Value(ref sponge);
        Erase.Span(positions);
    }

    /// <summary>Ones at the positions from <paramref name="origin"/> on that lie within r bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SetBits(ReadOnlySpan<int> positions, int origin, Span<ulong> polynomial)
    {
        // Every position is compared with the number of every word.
        polynomial.Clear();
        var words = MemoryMarshal.Cast<ulong, Vector256<ulong>>(polynomial);
        var numbers = Vector256.Create(0UL, 1, 2, 3);
        for (var i = 0; i < words.Length; i++, numbers += Vector256.Create(4UL))
        {
            foreach (var position in positions)
            {
                var at = position - origin;
                words[i] |= Vector256.Equals(numbers, Vector256.Create((ulong)(long)(at >> 6))) & Vector256.Create(1UL << (at & 63));
            }
        }

        polynomial[Words - 1] &= (1UL << LastBits) - 1;
        polynomial[Words..].Clear();
    }

    private static Sponge Start(ReadOnlySpan<byte> seed)
    {
        var sponge = Sponge.Shake256();
        sponge.Absorb(seed);
        sponge.Finish();
        return sponge;
    }

    /// <summary>Distinct positions below <paramref name="bound"/>: each from i on, and i itself where that is taken (Sendrier, eprint 2021/1631).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Choose(ref Sponge sponge, int bound, Span<int> positions)
    {
        Span<byte> random = stackalloc byte[sizeof(uint)];
        for (var i = positions.Length - 1; i >= 0; i--)
        {
            sponge.Squeeze(random);
            var chosen = i + (int)(((ulong)BinaryPrimitives.ReadUInt32LittleEndian(random) * (uint)(bound - i)) >> 32);
            var taken = 0UL;
            for (var j = i + 1; j < positions.Length; j++)
            {
                // One where both are equal: only zero borrows from above.
                taken |= ((ulong)(uint)(chosen ^ positions[j]) - 1) >> 63;
            }

            positions[i] = chosen ^ ((chosen ^ i) & -(int)taken);
        }

        Erase.Span(random);
    }
}
