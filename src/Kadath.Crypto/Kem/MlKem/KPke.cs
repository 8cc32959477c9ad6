using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>The public-key encryption that ML-KEM is built on (FIPS 203 section 5). Not to be used by itself.</summary>
/// <remarks>
/// Polynomials of one vector lie one after the other. Â is kept in the order of <see cref="GenerateKey"/>; encryption reads
/// its columns. What is derived from secrets is on the stack and erased before a method returns.
/// </remarks>
[SkipLocalsInit]
internal sealed class KPke
{
    private const int N = MlKemParameters.N;
    private const int MaxRank = 4;

    private readonly MlKemParameters _parameters;
    private readonly MlKemRing _ring;
    private readonly MlKemSampling _sampling;

    public KPke(MlKemParameters parameters, VectorWidth width)
    {
        _parameters = parameters;
        _ring = MlKemRing.For(width);
        _sampling = new(_ring, width);
    }

    /// <summary>Coefficients of a buffer for Â.</summary>
    public int MatrixLength => (_parameters.K * _parameters.K * N) + MlKemRing.SampleSlack;

    /// <summary>Coefficients of a vector.</summary>
    public int VectorLength => _parameters.K * N;

    /// <summary>Â of an encapsulation key.</summary>
    public void ExpandMatrix(ReadOnlySpan<byte> encapsulationKey, Span<short> matrix) =>
        _sampling.ExpandMatrix(encapsulationKey[^MlKemParameters.SeedBytes..], _parameters.K, matrix);

    /// <summary>t̂ of an encapsulation key.</summary>
    /// <returns>False when a coefficient is not below q: the key is not one (FIPS 203 section 7.2, modulus check).</returns>
    public bool TryDecodeKey(ReadOnlySpan<byte> encapsulationKey, Span<short> key)
    {
        BitPacking.Unpack(encapsulationKey[..^MlKemParameters.SeedBytes], 12, key);
        var excess = 0;
        foreach (var c in key)
        {
            excess |= MlKemParameters.Q - 1 - c;
        }

        return excess >= 0;
    }

    /// <summary>K-PKE.KeyGen (algorithm 13).</summary>
    /// <param name="seed">d.</param>
    /// <param name="matrix">Takes Â.</param>
    /// <param name="key">Takes t̂.</param>
    /// <param name="secret">Takes ŝ, 0 ≤ c &lt; q.</param>
    /// <param name="encapsulationKey">Takes t̂ and ρ as bytes.</param>
    public void GenerateKey(ReadOnlySpan<byte> seed, Span<short> matrix, Span<short> key, Span<short> secret, Span<byte> encapsulationKey)
    {
        var k = _parameters.K;
        Span<byte> seeds = stackalloc byte[2 * MlKemParameters.SeedBytes];
        Sponge.Hash(Sponge.Sha3Rate512, Sponge.Sha3Suffix, seed, [(byte)k], seeds);
        var rho = seeds[..MlKemParameters.SeedBytes];
        var sigma = seeds[MlKemParameters.SeedBytes..];
        _sampling.ExpandMatrix(rho, k, matrix);

        Span<short> noise = stackalloc short[2 * MaxRank * N];
        noise = noise[..(2 * VectorLength)];
        _sampling.ExpandNoise(sigma, 0, _parameters.Eta1, noise);
        for (var i = 0; i < 2 * k; i++)
        {
            _ring.Transform(noise.Slice(i * N, N));
        }

        var s = noise[..VectorLength];
        var e = noise[VectorLength..];
        for (var i = 0; i < k; i++)
        {
            var polynomial = key.Slice(i * N, N);
            _ring.Multiply(matrix[(i * k * N)..], N, s, k, polynomial);
            _ring.UnscaleAndAdd(polynomial, e.Slice(i * N, N));
            _ring.Normalize(s.Slice(i * N, N));
        }

        s.CopyTo(secret);
        BitPacking.Pack(key[..VectorLength], 12, encapsulationKey);
        rho.CopyTo(encapsulationKey[^MlKemParameters.SeedBytes..]);
        Erase.Span(noise);
        Erase.Span(seeds);
    }

    /// <summary>K-PKE.Encrypt (algorithm 14).</summary>
    public void Encrypt(ReadOnlySpan<short> matrix, ReadOnlySpan<short> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> coins, Span<byte> ciphertext)
    {
        var k = _parameters.K;
        Span<short> noise = stackalloc short[((2 * MaxRank) + 1) * N];
        Span<short> polynomial = stackalloc short[N];
        Span<short> text = stackalloc short[N];
        noise = noise[..((2 * VectorLength) + N)];
        var y = noise[..VectorLength];
        var errors = noise[VectorLength..];
        var lastError = noise[^N..];
        ExpandNoise(coins, noise);
        for (var i = 0; i < k; i++)
        {
            _ring.Transform(y.Slice(i * N, N));
        }

        for (var i = 0; i < k; i++)
        {
            // Row i of the transposed matrix.
            _ring.Multiply(matrix[(i * N)..], k * N, y, k, polynomial);
            _ring.InverseTransform(polynomial);
            _ring.Add(polynomial, errors.Slice(i * N, N));
            _ring.Compress(polynomial, _parameters.Du);
            BitPacking.Pack(polynomial, _parameters.Du, ciphertext[(32 * _parameters.Du * i)..]);
        }

        _ring.Multiply(key, N, y, k, polynomial);
        _ring.InverseTransform(polynomial);
        BitPacking.Unpack(message, 1, text);
        _ring.Decompress(text, 1);
        _ring.Add(polynomial, lastError);
        _ring.Add(polynomial, text);
        _ring.Compress(polynomial, _parameters.Dv);
        BitPacking.Pack(polynomial, _parameters.Dv, ciphertext[(32 * _parameters.Du * k)..]);
        Erase.Span(noise);
        Erase.Span(polynomial);
        Erase.Span(text);
    }

    /// <summary>K-PKE.Decrypt (algorithm 15).</summary>
    public void Decrypt(ReadOnlySpan<short> secret, ReadOnlySpan<byte> ciphertext, Span<byte> message)
    {
        var k = _parameters.K;
        Span<short> vector = stackalloc short[MaxRank * N];
        Span<short> polynomial = stackalloc short[N];
        Span<short> product = stackalloc short[N];
        vector = vector[..VectorLength];
        BitPacking.Unpack(ciphertext, _parameters.Du, vector);
        for (var i = 0; i < k; i++)
        {
            _ring.Decompress(vector.Slice(i * N, N), _parameters.Du);
            _ring.Transform(vector.Slice(i * N, N));
        }

        _ring.Multiply(secret, N, vector, k, product);
        _ring.InverseTransform(product);
        BitPacking.Unpack(ciphertext[(32 * _parameters.Du * k)..], _parameters.Dv, polynomial);
        _ring.Decompress(polynomial, _parameters.Dv);
        _ring.Subtract(polynomial, product);
        _ring.Compress(polynomial, 1);
        BitPacking.Pack(polynomial, 1, message);
        Erase.Span(polynomial);
        Erase.Span(product);
    }

    /// <summary>y, e1 and e2, whose widths differ in one parameter set.</summary>
    private void ExpandNoise(ReadOnlySpan<byte> coins, Span<short> noise)
    {
        if (_parameters.Eta1 == 2)
        {
            _sampling.ExpandNoise(coins, 0, 2, noise);
            return;
        }

        _sampling.ExpandNoise(coins, 0, _parameters.Eta1, noise[..VectorLength]);
        _sampling.ExpandNoise(coins, _parameters.K, 2, noise[VectorLength..]);
    }
}
