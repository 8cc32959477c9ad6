using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>The ring in portable code, as FIPS 203 writes it, with Montgomery and Barrett reductions in place of divisions.</summary>
internal sealed class ScalarMlKemRing : MlKemRing
{
    private readonly short[] _zetas = Zetas();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transform(Span<short> polynomial)
    {
        var k = 1;
        for (var length = N / 2; length >= 2; length >>= 1)
        {
            for (var start = 0; start < N; start += 2 * length)
            {
                int zeta = _zetas[k++];
                for (var j = start; j < start + length; j++)
                {
                    var t = Montgomery(zeta * polynomial[j + length]);
                    polynomial[j + length] = (short)(polynomial[j] - t);
                    polynomial[j] = (short)(polynomial[j] + t);
                }
            }
        }

        foreach (ref var c in polynomial[..N])
        {
            c = Barrett(c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void InverseTransform(Span<short> polynomial)
    {
        var k = 127;
        for (var length = 2; length <= N / 2; length <<= 1)
        {
            for (var start = 0; start < N; start += 2 * length)
            {
                int zeta = _zetas[k--];
                for (var j = start; j < start + length; j++)
                {
                    var t = polynomial[j];
                    polynomial[j] = Barrett((short)(t + polynomial[j + length]));
                    polynomial[j + length] = Montgomery(zeta * (polynomial[j + length] - t));
                }
            }
        }

        foreach (ref var c in polynomial[..N])
        {
            c = Montgomery(c * InverseScale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(ReadOnlySpan<short> left, int stride, ReadOnlySpan<short> right, int count, Span<short> product)
    {
        for (var i = 0; i < N; i += 2)
        {
            // Modulo X² - ζ for the first of two pairs, X² + ζ for the second.
            var sign = 1 - (i & 2);
            int even = 0, odd = 0;
            for (var j = 0; j < count; j++)
            {
                int a0 = left[(j * stride) + i], a1 = left[(j * stride) + i + 1];
                int b0 = right[(j * N) + i], b1 = right[(j * N) + i + 1];
                even += (a0 * b0) + (a1 * Montgomery(sign * _zetas[64 + (i >> 2)] * b1));
                odd += (a0 * b1) + (a1 * b0);
            }

            product[i] = Barrett(Montgomery(even));
            product[i + 1] = Barrett(Montgomery(odd));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void UnscaleAndAdd(Span<short> product, ReadOnlySpan<short> addend)
    {
        for (var i = 0; i < N; i++)
        {
            product[i] = Normal(Montgomery(product[i] * MontgomerySquare) + addend[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(Span<short> sum, ReadOnlySpan<short> addend)
    {
        for (var i = 0; i < N; i++)
        {
            sum[i] = Normal(sum[i] + addend[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Subtract(Span<short> difference, ReadOnlySpan<short> subtrahend)
    {
        for (var i = 0; i < N; i++)
        {
            difference[i] = Normal(difference[i] - subtrahend[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Normalize(Span<short> polynomial)
    {
        foreach (ref var c in polynomial[..N])
        {
            c = Normal(c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compress(Span<short> polynomial, int bits)
    {
        // Division by q as a multiplication by ⌈2^36/q⌉: exact for numerators below 2^23, which is more than q·2^11.
        const ulong reciprocal = ((1UL << 36) / (ulong)Q) + 1;
        foreach (ref var c in polynomial[..N])
        {
            var numerator = ((ulong)(uint)c << bits) + (Q / 2);
            c = (short)((int)((numerator * reciprocal) >> 36) & ((1 << bits) - 1));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decompress(Span<short> polynomial, int bits)
    {
        foreach (ref var c in polynomial[..N])
        {
            c = (short)(((c * Q) + (1 << (bits - 1))) >> bits);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SampleNoise(ReadOnlySpan<byte> random, int eta, Span<short> polynomial) => BinomialNoise.Sample(random, eta, polynomial);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int SampleUniform(ReadOnlySpan<byte> random, int length, Span<short> polynomial, int filled)
    {
        for (var i = 0; i + 2 < length && filled < N; i += 3)
        {
            var first = random[i] | ((random[i + 1] & 15) << 8);
            var second = (random[i + 1] >> 4) | (random[i + 2] << 4);
            if (first < Q)
            {
                polynomial[filled++] = (short)first;
            }

            if (second < Q && filled < N)
            {
                polynomial[filled++] = (short)second;
            }
        }

        return filled;
    }

    /// <summary>value/2^16 modulo q. In: |value| &lt; 2^15·q. Out: |c| &lt; q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static short Montgomery(int value)
    {
        var t = (short)((short)value * QInverse);
        return (short)((value - (t * Q)) >> 16);
    }

    /// <summary>The representative closest to zero of any 16-bit number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static short Barrett(short value)
    {
        // 20159 = ⌊2^26/q⌉.
        var t = ((20159 * value) + (1 << 25)) >> 26;
        return (short)(value - (t * Q));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static short Normal(int value)
    {
        int centred = Barrett((short)value);
        return (short)(centred + ((centred >> 15) & Q));
    }
}
