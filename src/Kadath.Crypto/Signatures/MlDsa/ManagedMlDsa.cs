using System.Buffers;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>ML-DSA (FIPS 204) in C#, pure and hedged, on AVX2 and AVX-512 where the processor has them.</summary>
/// <remarks>
/// A private key is its seed ξ, as RFC 9881 recommends; expanded keys are not taken. TLS signs with the empty context.
/// Signing takes longer the more attempts it needs, which tells nothing of the key, and is constant-time otherwise.
/// </remarks>
[SkipLocalsInit]
public sealed class ManagedMlDsa : ISignatureScheme
{
    private const int N = MlDsaParameters.N;
    private const int MaxK = 8, MaxL = 7;

    private readonly MlDsaParameters _parameters;
    private readonly MlDsaRing _ring;
    private readonly MlDsaSampling _sampling;

    internal ManagedMlDsa(MlDsaParameters parameters, VectorWidth width)
    {
        width = VectorWidths.AtMost(width);
        _parameters = parameters;
        _ring = MlDsaRing.For(width);
        _sampling = new(parameters, width);
    }

    /// <summary>ML-DSA-44.</summary>
    public static ManagedMlDsa MlDsa44 { get; } = new(MlDsaParameters.MlDsa44, VectorWidth.Bits512);

    /// <summary>ML-DSA-65.</summary>
    public static ManagedMlDsa MlDsa65 { get; } = new(MlDsaParameters.MlDsa65, VectorWidth.Bits512);

    /// <summary>ML-DSA-87.</summary>
    public static ManagedMlDsa MlDsa87 { get; } = new(MlDsaParameters.MlDsa87, VectorWidth.Bits512);

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int PublicKeyBytes => _parameters.PublicKeyBytes;

    /// <inheritdoc/>
    public int PrivateKeyBytes => MlDsaParameters.SeedBytes;

    /// <inheritdoc/>
    public int MaxSignatureBytes => _parameters.SignatureBytes;

    /// <inheritdoc/>
    public SignaturePrivateKey Generate(KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Span<byte> seed = stackalloc byte[MlDsaParameters.SeedBytes];
        entropy.Fill(seed);
        var key = MlDsaPrivateKey.FromSeed(_parameters, _ring, _sampling, seed);
        Erase.Span(seed);
        return key;
    }

    /// <inheritdoc/>
    public SignaturePrivateKey? Import(ReadOnlySpan<byte> privateKeyOrSeed) => privateKeyOrSeed.Length == MlDsaParameters.SeedBytes
        ? MlDsaPrivateKey.FromSeed(_parameters, _ring, _sampling, privateKeyOrSeed)
        : throw new ArgumentException($"A seed has {MlDsaParameters.SeedBytes} bytes.", nameof(privateKeyOrSeed));

    /// <summary>Signs for a context (FIPS 204 algorithm 2).</summary>
    /// <param name="key">A key of this parameter set.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="context">What the signature is for, at most 255 bytes.</param>
    /// <param name="hedge">Fresh entropy that goes into the mask beside key and message.</param>
    /// <param name="signature">At least <see cref="MaxSignatureBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The key is of another scheme, the context too long, or the destination too short.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void Sign(SignaturePrivateKey key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, KeyEntropy hedge, Span<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(hedge);
        Destination.Check(signature, MaxSignatureBytes, nameof(signature));
        if (key is not MlDsaPrivateKey own || own.PublicKey.Length != PublicKeyBytes)
        {
            throw new ArgumentException("The key is of another scheme.", nameof(key));
        }

        if (context.Length > MlDsaParameters.MaxContextBytes)
        {
            throw new ArgumentException($"A context has at most {MlDsaParameters.MaxContextBytes} bytes.", nameof(context));
        }

        own.Sign(message, context, hedge, signature[..MaxSignatureBytes]);
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Verify(publicKey, message, [], signature);

    /// <summary>Verifies with a context (FIPS 204 algorithm 3). Wrong lengths make a signature invalid; nothing makes it throw.</summary>
    /// <param name="publicKey">The signer's key.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="context">What the signature is for, at most 255 bytes.</param>
    /// <param name="signature">The signature.</param>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyBytes || signature.Length != MaxSignatureBytes || context.Length > MlDsaParameters.MaxContextBytes)
        {
            return false;
        }

        Span<int> z = stackalloc int[MaxL * N];
        Span<int> hints = stackalloc int[MaxK * N];
        z = z[..(_parameters.L * N)];
        hints = hints[..(_parameters.K * N)];
        if (!TryRead(signature, z, hints))
        {
            return false;
        }

        Span<byte> keyHash = stackalloc byte[MlDsaParameters.LongSeedBytes];
        Span<byte> digest = stackalloc byte[MlDsaParameters.LongSeedBytes];
        Sponge.Hash(Sponge.Shake256Rate, Sponge.ShakeSuffix, publicKey, [], keyHash);
        MlDsaPrivateKey.Digest(keyHash, message, context, digest);

        Span<int> high = stackalloc int[MaxK * N];
        high = high[..(_parameters.K * N)];
        var challengeHash = signature[.._parameters.ChallengeBytes];
        Commit(publicKey, challengeHash, z, high);
        MlDsaRounding.UseHints(_parameters.Gamma2Divisor, high, hints);
        Span<byte> again = stackalloc byte[_parameters.ChallengeBytes];
        MlDsaPrivateKey.HashCommitment(_parameters, digest, high, again);
        return again.SequenceEqual(challengeHash);
    }

    /// <summary>sigDecode (algorithm 27) and the bound on z.</summary>
    private bool TryRead(ReadOnlySpan<byte> signature, Span<int> z, Span<int> hints)
    {
        MlDsaEncoding.Unpack(signature[_parameters.ChallengeBytes..], _parameters.ResponseBits, z);
        MlDsaEncoding.SubtractFrom(_parameters.Gamma1, z);
        return !MlDsaRounding.Exceeds(z, _parameters.Gamma1 - _parameters.Beta)
            && MlDsaEncoding.TryUnpackHints(signature[^(_parameters.Omega + _parameters.K)..], _parameters.K, hints);
    }

    /// <summary>w = A·z - c·t1·2^d, 0 ≤ c &lt; q.</summary>
    private void Commit(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> challengeHash, Span<int> z, Span<int> w)
    {
        var l = _parameters.L;
        Span<int> challenge = stackalloc int[N];
        Span<int> part = stackalloc int[N];
        _sampling.ExpandChallenge(challengeHash, challenge);
        _ring.Transform(challenge);
        _ring.TransformAll(z);
        var matrix = ArrayPool<int>.Shared.Rent(_parameters.K * l * N);
        _sampling.ExpandMatrix(publicKey[..MlDsaParameters.SeedBytes], matrix);
        for (var i = 0; i < _parameters.K; i++)
        {
            var row = w.Slice(i * N, N);
            MlDsaEncoding.Unpack(MlDsaPrivateKey.PublicPart(publicKey, i), MlDsaParameters.PublicBits, part);
            MlDsaRounding.ScaleUp(part);
            _ring.Transform(part);
            _ring.Multiply(challenge, part, 1, part);
            _ring.Multiply(matrix.AsSpan(i * l * N, l * N), z, l, row);
            MlDsaRounding.Subtract(row, part);
            MlDsaRounding.Reduce(row);
            _ring.InverseTransform(row);
            MlDsaRounding.Normalize(row);
        }

        ArrayPool<int>.Shared.Return(matrix);
    }
}
