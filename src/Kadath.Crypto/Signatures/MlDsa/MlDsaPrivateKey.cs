using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>A private key of ML-DSA, with everything that signing transforms but once.</summary>
[SkipLocalsInit]
internal sealed class MlDsaPrivateKey : SignaturePrivateKey
{
    private const int N = MlDsaParameters.N;
    private const int MaxK = 8, MaxL = 7;

    private readonly MlDsaParameters _parameters;
    private readonly MlDsaRing _ring;
    private readonly MlDsaSampling _sampling;

    // Â, ŝ1, ŝ2, t̂0 in coefficients; then K and tr.
    private readonly SecretMemory _memory;

    private MlDsaPrivateKey(MlDsaParameters parameters, MlDsaRing ring, MlDsaSampling sampling, byte[] publicKey)
        : base(publicKey, parameters.SignatureBytes)
    {
        (_parameters, _ring, _sampling) = (parameters, ring, sampling);
        var polynomials = (parameters.K * parameters.L) + parameters.L + (2 * parameters.K);
        _memory = new((sizeof(int) * N * polynomials) + MlDsaParameters.SeedBytes + MlDsaParameters.LongSeedBytes);
    }

    /// <summary>ML-DSA.KeyGen_internal (FIPS 204 algorithm 6).</summary>
    public static MlDsaPrivateKey FromSeed(MlDsaParameters parameters, MlDsaRing ring, MlDsaSampling sampling, ReadOnlySpan<byte> seed)
    {
        var (k, l) = (parameters.K, parameters.L);
        Span<byte> seeds = stackalloc byte[(2 * MlDsaParameters.SeedBytes) + MlDsaParameters.LongSeedBytes];
        Sponge.Hash(Sponge.Shake256Rate, Sponge.ShakeSuffix, seed, [(byte)k, (byte)l], seeds);
        var publicKey = new byte[parameters.PublicKeyBytes];
        seeds[..MlDsaParameters.SeedBytes].CopyTo(publicKey);
        var key = new MlDsaPrivateKey(parameters, ring, sampling, publicKey);
        var parts = key.Open();
        sampling.ExpandMatrix(publicKey.AsSpan(0, MlDsaParameters.SeedBytes), parts.Matrix);
        sampling.ExpandSecrets(seeds.Slice(MlDsaParameters.SeedBytes, MlDsaParameters.LongSeedBytes), parts.Secrets);
        ring.TransformAll(parts.S1);

        // t = A·s1 + s2, whose high part is the public key.
        Span<int> t = stackalloc int[N];
        for (var i = 0; i < k; i++)
        {
            ring.Multiply(parts.Matrix.Slice(i * l * N, l * N), parts.S1, l, t);
            ring.InverseTransform(t);
            MlDsaRounding.Add(t, parts.S2.Slice(i * N, N));
            MlDsaRounding.Reduce(t);
            MlDsaRounding.Normalize(t);
            MlDsaRounding.SplitByPowerOfTwo(t, parts.T0.Slice(i * N, N));
            MlDsaEncoding.Pack(t, MlDsaParameters.PublicBits, publicKey.AsSpan(PublicRange(i)));
        }

        ring.TransformAll(parts.S2);
        ring.TransformAll(parts.T0);
        seeds[^MlDsaParameters.SeedBytes..].CopyTo(parts.Seed);
        Sponge.Hash(Sponge.Shake256Rate, Sponge.ShakeSuffix, publicKey, [], parts.KeyHash);
        Erase.Span(seeds);
        Erase.Span(t);
        GC.KeepAlive(key);
        return key;
    }

    /// <summary>t1 of one row, as bytes of a public key.</summary>
    public static ReadOnlySpan<byte> PublicPart(ReadOnlySpan<byte> publicKey, int row) => publicKey[PublicRange(row)];

    private static Range PublicRange(int row)
    {
        var size = MlDsaParameters.Bytes(MlDsaParameters.PublicBits);
        var start = MlDsaParameters.SeedBytes + (row * size);
        return start..(start + size);
    }

    /// <summary>Signs with a context (FIPS 204 algorithm 2), whose length the caller has checked.</summary>
    internal int Sign(ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, KeyEntropy hedge, Span<byte> signature)
    {
        Span<byte> digest = stackalloc byte[MlDsaParameters.LongSeedBytes];
        Span<byte> random = stackalloc byte[MlDsaParameters.SeedBytes];
        hedge.Fill(random);
        Digest(Open().KeyHash, message, context, digest);
        SignDigest(digest, random, signature);
        Erase.Span(random);
        return _parameters.SignatureBytes;
    }

    /// <summary>μ (FIPS 204 algorithms 2 and 7).</summary>
    public static void Digest(ReadOnlySpan<byte> keyHash, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, Span<byte> digest)
    {
        var sponge = Sponge.Shake256();
        sponge.Absorb(keyHash);
        sponge.Absorb([0, (byte)context.Length]);
        sponge.Absorb(context);
        sponge.Absorb(message);
        sponge.Finish();
        sponge.Squeeze(digest);
        Erase.Value(ref sponge);
    }

    /// <summary>ML-DSA.Sign_internal (algorithm 7) from μ on.</summary>
    /// <param name="digest">μ.</param>
    /// <param name="random">rnd; zeros for the deterministic variant.</param>
    /// <param name="signature">Takes the signature.</param>
    internal void SignDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> random, Span<byte> signature)
    {
        var parts = Open();
        Span<byte> maskSeed = stackalloc byte[MlDsaParameters.LongSeedBytes];
        var sponge = Sponge.Shake256();
        sponge.Absorb(parts.Seed);
        sponge.Absorb(random);
        sponge.Absorb(digest);
        sponge.Finish();
        sponge.Squeeze(maskSeed);
        Erase.Value(ref sponge);

        // The expected number of attempts is 4 to 5; their numbers have 16 bits, which no honest key reaches.
        for (var number = 0; !TrySign(parts, digest, maskSeed, number, signature); number += _parameters.L)
        {
        }

        Erase.Span(maskSeed);
        GC.KeepAlive(this);
    }

    private protected override int SignCore(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature) => Sign(message, [], hedge, signature);

    private protected override void EraseKey() => _memory.Dispose();

    /// <summary>One attempt. What is rejected, and so how many attempts there are, tells nothing of the key (FIPS 204 section 3.6.3).</summary>
    private bool TrySign(in Parts parts, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> maskSeed, int number, Span<byte> signature)
    {
        var (k, l) = (_parameters.K, _parameters.L);
        Span<int> memory = stackalloc int[((2 * MaxL) + (2 * MaxK) + 2) * N];
        var y = memory[..(l * N)];
        var z = memory.Slice(MaxL * N, l * N);
        var high = memory.Slice(2 * MaxL * N, k * N);
        var low = memory.Slice(((2 * MaxL) + MaxK) * N, k * N);
        var challenge = memory.Slice(((2 * MaxL) + (2 * MaxK)) * N, N);
        var product = memory[^N..];

        _sampling.ExpandMask(maskSeed, number, y);
        y.CopyTo(z);
        _ring.TransformAll(z);
        for (var i = 0; i < k; i++)
        {
            var row = high.Slice(i * N, N);
            _ring.Multiply(parts.Matrix.Slice(i * l * N, l * N), z, l, row);
            _ring.InverseTransform(row);
            MlDsaRounding.Normalize(row);
        }

        MlDsaRounding.Split(_parameters.Gamma2Divisor, high, low);
        var challengeHash = signature[.._parameters.ChallengeBytes];
        HashCommitment(_parameters, digest, high, challengeHash);
        _sampling.ExpandChallenge(challengeHash, challenge);
        _ring.Transform(challenge);

        var accepted = TryRespond(parts, challenge, y, product, z) && TryHint(parts, challenge, high, low, product);
        if (accepted)
        {
            Write(z, low, signature);
        }

        Erase.Span(memory);
        return accepted;
    }

    /// <summary>z = y + c·s1.</summary>
    private bool TryRespond(in Parts parts, ReadOnlySpan<int> challenge, ReadOnlySpan<int> y, Span<int> product, Span<int> z)
    {
        y.CopyTo(z);
        AddProducts(challenge, parts.S1, product, z);
        return !MlDsaRounding.Exceeds(z, _parameters.Gamma1 - _parameters.Beta);
    }

    /// <summary>r0 = LowBits(w - c·s2), and then in its place the hints for c·t0.</summary>
    private bool TryHint(in Parts parts, ReadOnlySpan<int> challenge, ReadOnlySpan<int> high, Span<int> low, Span<int> product)
    {
        for (var i = 0; i < low.Length; i += N)
        {
            _ring.Multiply(challenge, parts.S2.Slice(i, N), 1, product);
            _ring.InverseTransform(product);
            MlDsaRounding.Subtract(low.Slice(i, N), product);
        }

        MlDsaRounding.Reduce(low);
        if (MlDsaRounding.Exceeds(low, _parameters.Gamma2 - _parameters.Beta))
        {
            return false;
        }

        for (var i = 0; i < low.Length; i += N)
        {
            _ring.Multiply(challenge, parts.T0.Slice(i, N), 1, product);
            _ring.InverseTransform(product);
            MlDsaRounding.Reduce(product);
            if (MlDsaRounding.Exceeds(product, _parameters.Gamma2))
            {
                return false;
            }

            MlDsaRounding.Add(low.Slice(i, N), product);
        }

        return MlDsaRounding.MakeHints(_parameters.Gamma2, low, high) <= _parameters.Omega;
    }

    private void AddProducts(ReadOnlySpan<int> challenge, ReadOnlySpan<int> vector, Span<int> product, Span<int> sum)
    {
        for (var i = 0; i < sum.Length; i += N)
        {
            _ring.Multiply(challenge, vector.Slice(i, N), 1, product);
            _ring.InverseTransform(product);
            MlDsaRounding.Add(sum.Slice(i, N), product);
        }

        MlDsaRounding.Reduce(sum);
    }

    /// <summary>sigEncode (algorithm 26), after c̃.</summary>
    private void Write(Span<int> z, ReadOnlySpan<int> hints, Span<byte> signature)
    {
        MlDsaEncoding.SubtractFrom(_parameters.Gamma1, z);
        MlDsaEncoding.Pack(z, _parameters.ResponseBits, signature[_parameters.ChallengeBytes..]);
        MlDsaEncoding.PackHints(hints, _parameters.K, signature[^(_parameters.Omega + _parameters.K)..]);
    }

    /// <summary>c̃ = H(μ ‖ w1).</summary>
    public static void HashCommitment(MlDsaParameters parameters, ReadOnlySpan<byte> digest, ReadOnlySpan<int> high, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[MaxK * N * 6 / 8];
        bytes = bytes[..(parameters.K * MlDsaParameters.Bytes(parameters.HighBits))];
        MlDsaEncoding.Pack(high, parameters.HighBits, bytes);
        Sponge.Hash(Sponge.Shake256Rate, Sponge.ShakeSuffix, digest, bytes, hash);
        Erase.Span(bytes);
    }

    private Parts Open() => new(_memory.Bytes, _parameters);

    private readonly ref struct Parts
    {
        public Parts(Span<byte> memory, MlDsaParameters parameters)
        {
            var (k, l) = (parameters.K, parameters.L);
            var polynomials = MemoryMarshal.Cast<byte, int>(memory);
            Matrix = polynomials[..(k * l * N)];
            Secrets = polynomials.Slice(k * l * N, (k + l) * N);
            T0 = polynomials.Slice(((k * l) + k + l) * N, k * N);
            Seed = memory[^(MlDsaParameters.SeedBytes + MlDsaParameters.LongSeedBytes)..^MlDsaParameters.LongSeedBytes];
            KeyHash = memory[^MlDsaParameters.LongSeedBytes..];
            S1 = Secrets[..(l * N)];
            S2 = Secrets[(l * N)..];
        }

        public Span<int> Matrix { get; }

        /// <summary>ŝ1, then ŝ2.</summary>
        public Span<int> Secrets { get; }

        public Span<int> S1 { get; }

        public Span<int> S2 { get; }

        public Span<int> T0 { get; }

        /// <summary>K, from which masks are made.</summary>
        public Span<byte> Seed { get; }

        /// <summary>tr.</summary>
        public Span<byte> KeyHash { get; }
    }
}
