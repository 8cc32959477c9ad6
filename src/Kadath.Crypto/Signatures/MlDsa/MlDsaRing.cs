using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Arithmetic on polynomials of 256 coefficients modulo 8380417 (FIPS 204 section 7.5), in coefficients of 32 bits: the transforms and products.</summary>
/// <remarks>Coefficients are representatives, not remainders. No operation branches or indexes on a coefficient.</remarks>
internal abstract class MlDsaRing
{
    protected const int N = MlDsaParameters.N;
    protected const int Q = MlDsaParameters.Q;

    /// <summary>1/q modulo 2^32.</summary>
    protected const int QInverse = 58728449;

    /// <summary>2^64/256 modulo q: ends the inverse transform and takes the factor of a product away.</summary>
    protected const int InverseScale = 41978;

    /// <summary>The ring by the instructions at hand.</summary>
    public static MlDsaRing For(VectorWidth width) => width == VectorWidth.None ? new ScalarMlDsaRing() : new Avx2MlDsaRing();

    /// <summary>NTT, in place (FIPS 204 algorithm 41). In: |c| ≤ q. Out: |c| &lt; 9q.</summary>
    public abstract void Transform(Span<int> polynomial);

    /// <summary>NTT⁻¹, in place (algorithm 42), of a product by <see cref="Multiply"/>, whose factor 2^-32 it takes away. In and out: |c| &lt; q.</summary>
    public abstract void InverseTransform(Span<int> polynomial);

    /// <summary>The scalar product of two vectors of transformed polynomials, times 2^-32. In: sums of products below 2^31·q. Out: |c| &lt; q.</summary>
    public abstract void Multiply(ReadOnlySpan<int> left, ReadOnlySpan<int> right, int count, Span<int> product);

    /// <summary>Transforms each polynomial of a vector.</summary>
    public void TransformAll(Span<int> vector)
    {
        for (var i = 0; i < vector.Length; i += N)
        {
            Transform(vector.Slice(i, N));
        }
    }

    /// <summary>ζ^brv(i) in Montgomery form, |z| ≤ q/2 (FIPS 204 appendix B).</summary>
    protected static int[] Zetas()
    {
        var zetas = new int[N];
        for (var i = 0; i < N; i++)
        {
            var exponent = 0;
            for (var bit = 0; bit < 8; bit++)
            {
                exponent |= ((i >> bit) & 1) << (7 - bit);
            }

            var power = 1L;
            for (var j = 0; j < exponent; j++)
            {
                power = power * 1753 % Q;
            }

            var scaled = (int)((power << 32) % Q);
            zetas[i] = scaled > Q / 2 ? scaled - Q : scaled;
        }

        return zetas;
    }
}

/// <summary>The ring in portable code.</summary>
internal sealed class ScalarMlDsaRing : MlDsaRing
{
    private readonly int[] _zetas = Zetas();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Transform(Span<int> polynomial)
    {
        var k = 1;
        for (var length = N / 2; length >= 1; length >>= 1)
        {
            for (var start = 0; start < N; start += 2 * length)
            {
                long zeta = _zetas[k++];
                for (var j = start; j < start + length; j++)
                {
                    var t = Montgomery(zeta * polynomial[j + length]);
                    polynomial[j + length] = polynomial[j] - t;
                    polynomial[j] += t;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void InverseTransform(Span<int> polynomial)
    {
        // Sums grow to 256q, which 32 bits hold.
        var k = N - 1;
        for (var length = 1; length <= N / 2; length <<= 1)
        {
            for (var start = 0; start < N; start += 2 * length)
            {
                long zeta = _zetas[k--];
                for (var j = start; j < start + length; j++)
                {
                    var t = polynomial[j];
                    polynomial[j] = t + polynomial[j + length];
                    polynomial[j + length] = Montgomery(zeta * (polynomial[j + length] - t));
                }
            }
        }

        foreach (ref var c in polynomial[..N])
        {
            c = Montgomery((long)c * InverseScale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(ReadOnlySpan<int> left, ReadOnlySpan<int> right, int count, Span<int> product)
    {
        for (var i = 0; i < N; i++)
        {
            var sum = 0L;
            for (var j = 0; j < count; j++)
            {
                sum += (long)left[(j * N) + i] * right[(j * N) + i];
            }

            product[i] = Montgomery(sum);
        }
    }

    /// <summary>value/2^32 modulo q. In: |value| &lt; 2^31·q. Out: |c| &lt; q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Montgomery(long value)
    {
        var t = (int)value * QInverse;
        return (int)((value - ((long)t * Q)) >> 32);
    }
}
