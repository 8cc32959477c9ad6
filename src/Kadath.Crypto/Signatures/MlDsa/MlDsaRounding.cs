using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>What is done to each coefficient by itself: reductions, rounding and hints (FIPS 204 section 7.4), norms.</summary>
/// <remarks>Vectors of the class library, in instructions where the processor has them. Comparisons become masks, never branches.</remarks>
internal static class MlDsaRounding
{
    private const int Q = MlDsaParameters.Q;
    private const int D = MlDsaParameters.D;

    /// <summary>The representative closest to zero, or nearly: |c| ≤ 6283008. In: |c| &lt; 2^31 - 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reduce(Span<int> polynomials)
    {
        foreach (ref var c in Vectors(polynomials))
        {
            c -= ((c + Vector256.Create(1 << 22)) >> 23) * Q;
        }
    }

    /// <summary>0 ≤ c &lt; q. In: |c| &lt; q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(Span<int> polynomials)
    {
        foreach (ref var c in Vectors(polynomials))
        {
            c += (c >> 31) & Vector256.Create(Q);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<int> sum, ReadOnlySpan<int> addend)
    {
        var to = Vectors(sum);
        var from = Vectors(addend);
        for (var i = 0; i < to.Length && i < from.Length; i++)
        {
            to[i] += from[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(Span<int> difference, ReadOnlySpan<int> subtrahend)
    {
        var to = Vectors(difference);
        var from = Vectors(subtrahend);
        for (var i = 0; i < to.Length && i < from.Length; i++)
        {
            to[i] -= from[i];
        }
    }

    /// <summary>Times 2^d, for the public key's part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleUp(Span<int> polynomials)
    {
        foreach (ref var c in Vectors(polynomials))
        {
            c <<= D;
        }
    }

    /// <summary>Power2Round (algorithm 35). In: 0 ≤ c &lt; q.</summary>
    /// <param name="polynomials">Keeps the high parts.</param>
    /// <param name="low">Takes the low parts.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SplitByPowerOfTwo(Span<int> polynomials, Span<int> low)
    {
        var high = Vectors(polynomials);
        var rest = Vectors(low);
        for (var i = 0; i < high.Length && i < rest.Length; i++)
        {
            var c = high[i];
            high[i] = (c + Vector256.Create((1 << (D - 1)) - 1)) >> D;
            rest[i] = c - (high[i] << D);
        }
    }

    /// <summary>Decompose (algorithm 36). In: 0 ≤ c &lt; q.</summary>
    /// <param name="divisor">(q - 1)/γ2.</param>
    /// <param name="polynomials">Keeps the high parts.</param>
    /// <param name="low">Takes the low parts, |c| ≤ γ2.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split(int divisor, Span<int> polynomials, Span<int> low)
    {
        var high = Vectors(polynomials);
        var rest = Vectors(low);
        for (var i = 0; i < high.Length && i < rest.Length; i++)
        {
            var c = high[i];
            high[i] = HighPart(divisor, c);
            rest[i] = LowPart(divisor, c, high[i]);
        }
    }

    /// <summary>Whether any |c| ≥ <paramref name="bound"/>. In: as <see cref="Reduce"/> leaves it. Says nothing of where.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Exceeds(ReadOnlySpan<int> polynomials, int bound)
    {
        var excess = Vector256<int>.Zero;
        foreach (ref readonly var c in Vectors(polynomials))
        {
            excess |= Vector256.Create(bound - 1) - ((c ^ (c >> 31)) - (c >> 31));
        }

        return excess.ExtractMostSignificantBits() != 0;
    }

    /// <summary>MakeHint (algorithm 39) for low parts to which -ĉt̂0 was not yet added, as the reference implementation does it.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="low">w0 - cs2 + ct0; becomes the hints, 0 or 1.</param>
    /// <param name="high">w1.</param>
    /// <returns>How many hints are 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int MakeHints(int gamma2, Span<int> low, ReadOnlySpan<int> high)
    {
        var rest = Vectors(low);
        var tops = Vectors(high);
        var (limit, negative) = (Vector256.Create(gamma2), Vector256.Create(-gamma2));
        var count = Vector256<int>.Zero;
        for (var i = 0; i < rest.Length && i < tops.Length; i++)
        {
            var hint = Vector256.GreaterThan(rest[i], limit) | Vector256.LessThan(rest[i], negative)
                | Vector256.AndNot(Vector256.Equals(rest[i], negative), Vector256.Equals(tops[i], Vector256<int>.Zero));
            rest[i] = hint & Vector256<int>.One;
            count -= hint;
        }

        return Vector256.Sum(count);
    }

    /// <summary>UseHint (algorithm 40), in place. In: 0 ≤ c &lt; q; hints 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UseHints(int divisor, Span<int> polynomials, ReadOnlySpan<int> hints)
    {
        var values = Vectors(polynomials);
        var flags = Vectors(hints);
        var count = Vector256.Create(divisor / 2);
        for (var i = 0; i < values.Length && i < flags.Length; i++)
        {
            var high = HighPart(divisor, values[i]);
            var sign = (Vector256.GreaterThan(LowPart(divisor, values[i], high), Vector256<int>.Zero) & Vector256.Create(2)) - Vector256<int>.One;
            high += flags[i] * sign;
            high += (high >> 31) & count;
            values[i] = high - (Vector256.GreaterThanOrEqual(high, count) & count);
        }
    }

    /// <summary>c over 2γ2, rounded, with 0 for the last interval, which is q - 1 and around zero in one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> HighPart(int divisor, Vector256<int> c)
    {
        // Divisions by 128 and then by 1488/44 or 4092/16 as multiplications; exact for all c below q.
        var units = (c + Vector256.Create(127)) >> 7;
        if (divisor == 32)
        {
            return (((units * 1025) + Vector256.Create(1 << 21)) >> 22) & Vector256.Create(15);
        }

        var high = ((units * 11275) + Vector256.Create(1 << 23)) >> 24;
        return high ^ (((Vector256.Create(43) - high) >> 31) & high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> LowPart(int divisor, Vector256<int> c, Vector256<int> high)
    {
        var low = c - (high * (2 * ((Q - 1) / divisor)));
        return low - (((Vector256.Create((Q - 1) / 2) - low) >> 31) & Vector256.Create(Q));
    }

    private static Span<Vector256<int>> Vectors(Span<int> polynomials) => MemoryMarshal.Cast<int, Vector256<int>>(polynomials);

    private static ReadOnlySpan<Vector256<int>> Vectors(ReadOnlySpan<int> polynomials) => MemoryMarshal.Cast<int, Vector256<int>>(polynomials);
}
