namespace Kadath.Crypto;

/// <summary>Arithmetic on polynomials of 256 coefficients modulo 3329 (FIPS 203 section 4.3), in coefficients of 16 bits.</summary>
/// <remarks>
/// Coefficients are representatives, not remainders: each operation says between which bounds it takes and leaves them, so
/// that no reduction is made that none needs. No operation branches or indexes on a coefficient, but for
/// <see cref="SampleUniform"/>, whose input is public.
/// </remarks>
internal abstract class MlKemRing
{
    protected const int N = MlKemParameters.N;
    protected const short Q = MlKemParameters.Q;

    /// <summary>Coefficients beyond the last that <see cref="SampleUniform"/> may overwrite.</summary>
    public const int SampleSlack = 8;

    /// <summary>Bytes beyond the last that <see cref="SampleUniform"/> and <see cref="SampleNoise"/> may read.</summary>
    public const int SampleInputSlack = 4;

    /// <summary>1/q modulo 2^16, as a signed number.</summary>
    protected const short QInverse = -3327;

    /// <summary>2^16 modulo q, the Montgomery form of one.</summary>
    protected const short MontgomeryOne = -1044;

    /// <summary>2^32 modulo q, the Montgomery form of 2^16.</summary>
    protected const short MontgomerySquare = 1353;

    /// <summary>2^32/128 modulo q: ends the inverse transform and takes the factor of a product away.</summary>
    protected const short InverseScale = 1441;

    /// <summary>The ring by the instructions at hand.</summary>
    public static MlKemRing For(VectorWidth width) => width == VectorWidth.None ? new ScalarMlKemRing() : new Avx2MlKemRing();

    /// <summary>NTT, in place (FIPS 203 algorithm 9). In: |c| ≤ q. Out: |c| ≤ q/2.</summary>
    public abstract void Transform(Span<short> polynomial);

    /// <summary>NTT⁻¹, in place (algorithm 10), of a product by <see cref="Multiply"/>, whose factor 2^-16 it takes away. In: |c| ≤ q/2. Out: |c| &lt; q.</summary>
    public abstract void InverseTransform(Span<short> polynomial);

    /// <summary>The scalar product of two vectors of transformed polynomials (algorithm 11), times 2^-16. In: products of |c| ≤ q. Out: |c| ≤ q/2.</summary>
    /// <param name="left">Polynomials <paramref name="stride"/> coefficients apart.</param>
    /// <param name="stride">256 for a vector or a row, more for a column of a matrix.</param>
    /// <param name="right">Polynomials one after the other.</param>
    /// <param name="count">How many.</param>
    /// <param name="product">The result.</param>
    public abstract void Multiply(ReadOnlySpan<short> left, int stride, ReadOnlySpan<short> right, int count, Span<short> product);

    /// <summary>Takes the factor 2^-16 of a product away and adds. Out: 0 ≤ c &lt; q.</summary>
    public abstract void UnscaleAndAdd(Span<short> product, ReadOnlySpan<short> addend);

    /// <summary>Adds. In: sums within 16 bits. Out: 0 ≤ c &lt; q.</summary>
    public abstract void Add(Span<short> sum, ReadOnlySpan<short> addend);

    /// <summary>Subtracts <paramref name="subtrahend"/>. In: differences within 16 bits. Out: 0 ≤ c &lt; q.</summary>
    public abstract void Subtract(Span<short> difference, ReadOnlySpan<short> subtrahend);

    /// <summary>0 ≤ c &lt; q.</summary>
    public abstract void Normalize(Span<short> polynomial);

    /// <summary>Compress with d bits (FIPS 203 section 4.2.1), in place. In: 0 ≤ c &lt; q.</summary>
    public abstract void Compress(Span<short> polynomial, int bits);

    /// <summary>Decompress from d bits, in place. Out: 0 ≤ c ≤ q.</summary>
    public abstract void Decompress(Span<short> polynomial, int bits);

    /// <summary>Centred binomial noise (algorithm 8) from 64η random bytes, with <see cref="SampleInputSlack"/> more. Out: |c| ≤ η.</summary>
    public abstract void SampleNoise(ReadOnlySpan<byte> random, int eta, Span<short> polynomial);

    /// <summary>Takes the twelve-bit numbers below q of a public random string as further coefficients (algorithm 7).</summary>
    /// <param name="random">Whole triples of bytes, and readable for <see cref="SampleInputSlack"/> beyond <paramref name="length"/>.</param>
    /// <param name="length">Bytes to take from.</param>
    /// <param name="polynomial">256 coefficients, writable for <see cref="SampleSlack"/> beyond.</param>
    /// <param name="filled">How many it has.</param>
    /// <returns>How many it has now, 256 at most.</returns>
    public abstract int SampleUniform(ReadOnlySpan<byte> random, int length, Span<short> polynomial, int filled);

    /// <summary>ζ^brv(i) in Montgomery form, |z| ≤ q/2 (FIPS 203 appendix A).</summary>
    protected static short[] Zetas()
    {
        var zetas = new short[128];
        for (var i = 0; i < zetas.Length; i++)
        {
            var exponent = 0;
            for (var bit = 0; bit < 7; bit++)
            {
                exponent |= ((i >> bit) & 1) << (6 - bit);
            }

            var power = 1;
            for (var j = 0; j < exponent; j++)
            {
                power = power * 17 % Q;
            }

            var scaled = (int)(power * 65536L % Q);
            zetas[i] = (short)(scaled > Q / 2 ? scaled - Q : scaled);
        }

        return zetas;
    }
}
