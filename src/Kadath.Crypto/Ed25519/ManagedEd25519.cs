using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Ed25519 in C#: 51-bit limbs, four field elements at a time where the processor has AVX-512; a table of the generator for signing, two interleaved non-adjacent forms for verifying.</summary>
public sealed class ManagedEd25519 : IEd25519
{
    /// <summary>Width of the non-adjacent form of the scalar of the public key, whose odd multiples are computed each time: eight points.</summary>
    private const int KeyWidth = 5;

    /// <summary>Length of a SHA-512 digest, in bytes.</summary>
    private const int DigestLength = 64;

    private readonly bool _vectors;

    /// <summary>Takes vectors where the processor has what they need.</summary>
    public ManagedEd25519()
        : this(FieldQuad.IsSupported)
    {
    }

    /// <param name="vectors">Whether to multiply four field elements at a time, for which <see cref="FieldQuad.IsSupported"/> must hold.</param>
    internal ManagedEd25519(bool vectors) => _vectors = vectors;

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int PublicKeyBytes => Ed25519PrivateKey.PublicKeyLength;

    /// <inheritdoc/>
    public int PrivateKeyBytes => Ed25519PrivateKey.SeedLength;

    /// <inheritdoc/>
    public int MaxSignatureBytes => Ed25519PrivateKey.SignatureLength;

    /// <inheritdoc/>
    public Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed)
    {
        RequireLength(seed.Length, Ed25519PrivateKey.SeedLength, nameof(seed));
        Span<byte> expanded = stackalloc byte[Ed25519PrivateKey.ExpandedLength];
        var hash = HashState<Sha512Core>.Create();
        hash.Append(seed);
        hash.Finish(expanded);

        // RFC 8032 section 5.1.5: a multiple of the cofactor, of fixed bit length.
        expanded[0] &= 0xf8;
        expanded[31] = (byte)((expanded[31] & 0x7f) | 0x40);
        var key = MakeKey(expanded, seed);
        Erase.Span(expanded);
        return key;
    }

    /// <inheritdoc/>
    public SignaturePrivateKey Generate(KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Span<byte> seed = stackalloc byte[Ed25519PrivateKey.SeedLength];
        entropy.Fill(seed);
        var key = ImportSeed(seed);
        Erase.Span(seed);
        return key;
    }

    /// <inheritdoc/>
    public SignaturePrivateKey Import(ReadOnlySpan<byte> privateKeyOrSeed) => ImportSeed(privateKeyOrSeed);

    /// <inheritdoc/>
    public Ed25519PrivateKey ImportExpanded(ReadOnlySpan<byte> expanded)
    {
        RequireLength(expanded.Length, Ed25519PrivateKey.ExpandedLength, nameof(expanded));
        return MakeKey(expanded, seed: default);
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Sign(Ed25519PrivateKey key, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (signature.Length < Ed25519PrivateKey.SignatureLength)
        {
            throw new ArgumentException($"A signature needs {Ed25519PrivateKey.SignatureLength} bytes.", nameof(signature));
        }

        var expanded = key.Expanded;
        Span<byte> digest = stackalloc byte[DigestLength];
        var hash = HashState<Sha512Core>.Create();
        hash.Append(expanded[32..]);
        hash.Append(message);
        hash.Finish(digest);
        var nonce = Scalar.ReduceWide(digest);
        MultiplyGenerator(out var commitment, nonce);
        commitment.Encode(signature);

        var challenge = Challenge(signature[..32], key.PublicKey, message);
        var secret = Scalar.ReadUnreduced(expanded);
        Scalar.MultiplyAdd(secret, challenge, nonce).Encode(signature[32..]);

        Erase.Span(digest);
        Erase.Value(ref nonce);
        Erase.Value(ref secret);
        Erase.Value(ref commitment);
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != Ed25519PrivateKey.PublicKeyLength
            || signature.Length != Ed25519PrivateKey.SignatureLength
            || !Scalar.TryDecode(signature[32..], out var s)
            || !ExtendedPoint.TryDecode(publicKey, out var key))
        {
            return false;
        }

        var challenge = Challenge(signature[..32], publicKey, message);
        key.Negate(out var negatedKey);
        ProjectivePoint commitment;
        if (_vectors)
        {
            QuadMultiplication.MultiplyTwo(out commitment, s, challenge, negatedKey);
        }
        else
        {
            MultiplyTwo(out commitment, s, challenge, negatedKey);
        }

        Span<byte> encoded = stackalloc byte[32];
        commitment.Encode(encoded);
        return encoded.SequenceEqual(signature[..32]);
    }

    private void MultiplyGenerator(out ProjectivePoint result, in Scalar scalar)
    {
        if (_vectors)
        {
            QuadMultiplication.MultiplyGenerator(out result, scalar);
        }
        else
        {
            GeneratorTables.Multiply(out result, scalar);
        }
    }

    /// <summary>SHA-512(R, A, M) modulo the group order.</summary>
    [SkipLocalsInit]
    private static Scalar Challenge(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[DigestLength];
        var hash = HashState<Sha512Core>.Create();
        hash.Append(commitment);
        hash.Append(publicKey);
        hash.Append(message);
        hash.Finish(digest);
        return Scalar.ReduceWide(digest);
    }

    /// <summary>s·B + k·P for public values: one run of doublings for both (Straus), points added where a digit is not zero.</summary>
    [SkipLocalsInit]
    private static void MultiplyTwo(out ProjectivePoint result, in Scalar s, in Scalar k, in ExtendedPoint p)
    {
        Span<CachedPoint> oddMultiples = stackalloc CachedPoint[1 << (KeyWidth - 2)];
        FillOddMultiples(oddMultiples, p);
        Span<sbyte> generatorDigits = stackalloc sbyte[256], keyDigits = stackalloc sbyte[256];
        s.ToNonAdjacentForm(generatorDigits, GeneratorTables.OddWidth);
        k.ToNonAdjacentForm(keyDigits, KeyWidth);

        result = ProjectivePoint.Identity;
        var i = 255;
        while (i >= 0 && generatorDigits[i] == 0 && keyDigits[i] == 0)
        {
            i--;
        }

        for (; i >= 0; i--)
        {
            result.Double(out var sum);
            AddDigit(ref sum, keyDigits[i], oddMultiples);
            AddDigit(ref sum, generatorDigits[i], GeneratorTables.OddMultiples);
            sum.ToProjective(out result);
        }
    }

    private static void AddDigit(ref CompletedPoint sum, int digit, ReadOnlySpan<CachedPoint> oddMultiples)
    {
        if (digit == 0)
        {
            return;
        }

        sum.ToExtended(out var point);
        if (digit > 0)
        {
            point.Add(out sum, oddMultiples[digit >> 1]);
        }
        else
        {
            point.Subtract(out sum, oddMultiples[-digit >> 1]);
        }
    }

    private static void AddDigit(ref CompletedPoint sum, int digit, ReadOnlySpan<AffinePoint> oddMultiples)
    {
        if (digit == 0)
        {
            return;
        }

        sum.ToExtended(out var point);
        if (digit > 0)
        {
            point.Add(out sum, oddMultiples[digit >> 1]);
        }
        else
        {
            point.Subtract(out sum, oddMultiples[-digit >> 1]);
        }
    }

    /// <summary>P, 3P, 5P …</summary>
    private static void FillOddMultiples(Span<CachedPoint> multiples, in ExtendedPoint p)
    {
        p.Double(out var twice);
        twice.ToCached(out var cachedTwice);
        var multiple = p;
        multiple.ToCached(out multiples[0]);
        for (var i = 1; i < multiples.Length; i++)
        {
            multiple.Add(out CompletedPoint next, cachedTwice);
            next.ToExtended(out multiple);
            multiple.ToCached(out multiples[i]);
        }
    }

    private Ed25519PrivateKey MakeKey(ReadOnlySpan<byte> expanded, ReadOnlySpan<byte> seed)
    {
        var scalar = Scalar.Reduce(expanded);
        if (scalar.IsZero())
        {
            throw new ArgumentException("The scalar of an expanded key must not be zero modulo the group order.", nameof(expanded));
        }

        MultiplyGenerator(out var point, scalar);
        Span<byte> publicKey = stackalloc byte[Ed25519PrivateKey.PublicKeyLength];
        point.Encode(publicKey);
        Erase.Value(ref scalar);
        return new(this, expanded, publicKey, seed);
    }

    private static void RequireLength(int actual, int expected, string name)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{expected} bytes are needed, not {actual}.", name);
        }
    }
}
