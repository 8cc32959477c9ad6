namespace Kadath.Crypto;

/// <summary>X25519 (RFC 7748) in C#: a Montgomery ladder for agreement, four multiplications at a time where the processor has AVX-512, and the Edwards generator's table for key generation.</summary>
public sealed class ManagedX25519 : IKeyAgreement
{
    /// <summary>Length of private keys, public keys and secrets alike, in bytes.</summary>
    private const int Length = 32;

    private readonly bool _vectors;

    /// <summary>Takes vectors where the processor has what they need.</summary>
    public ManagedX25519()
        : this(FieldQuad.IsSupported)
    {
    }

    /// <param name="vectors">Whether to multiply four field elements at a time, for which <see cref="FieldQuad.IsSupported"/> must hold.</param>
    internal ManagedX25519(bool vectors) => _vectors = vectors;

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int PublicKeyBytes => Length;

    /// <inheritdoc/>
    public int PrivateKeyBytes => Length;

    /// <inheritdoc/>
    public int SecretBytes => Length;

    /// <inheritdoc/>
    public KeyAgreementPrivateKey Generate(KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        Span<byte> scalar = stackalloc byte[Length];
        entropy.Fill(scalar);
        var key = new PrivateKey(Clamped(scalar), _vectors);
        Erase.Span(scalar);
        return key;
    }

    /// <inheritdoc/>
    public KeyAgreementPrivateKey Import(ReadOnlySpan<byte> privateKey) =>
        privateKey.Length == Length
            ? new PrivateKey(Clamped(privateKey), _vectors)
            : throw new ArgumentException($"{Length} bytes are needed, not {privateKey.Length}.", nameof(privateKey));

    /// <summary>The u-coordinate of scalar · B by way of the birationally equivalent Edwards curve (RFC 7748 section 4.1): u = (1 + y)/(1 - y).</summary>
    private static byte[] MultiplyGenerator(ReadOnlySpan<byte> clamped, bool vectors)
    {
        var u = new byte[Length];
        var scalar = Scalar.Reduce(clamped);
        ProjectivePoint point;
        if (vectors)
        {
            QuadMultiplication.MultiplyGenerator(out point, scalar);
        }
        else
        {
            GeneratorTables.Multiply(out point, scalar);
        }

        FieldElement.Add(out var numerator, point.Z, point.Y);
        FieldElement.Subtract(out var denominator, point.Z, point.Y);
        FieldElement.Invert(out denominator, denominator);
        FieldElement.Multiply(out numerator, numerator, denominator);
        numerator.Encode(u);
        Erase.Value(ref scalar);
        Erase.Value(ref point);
        return u;
    }

    /// <summary>Copies the scalar and clamps it.</summary>
    private static byte[] Clamped(ReadOnlySpan<byte> privateKey)
    {
        var scalar = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
        privateKey.CopyTo(scalar);
        X25519Ladder.Clamp(scalar);
        return scalar;
    }

    private sealed class PrivateKey(byte[] clamped, bool vectors) : KeyAgreementPrivateKey(MultiplyGenerator(clamped, vectors), Length)
    {
        private protected override bool TryAgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> secret)
        {
            if (vectors)
            {
                X25519QuadLadder.Multiply(secret, clamped, peerPublicKey);
            }
            else
            {
                X25519Ladder.Multiply(secret, clamped, peerPublicKey);
            }

            // Whether the secret is zero is told to the peer by the handshake's end in any case.
            return secret.ContainsAnyExcept((byte)0);
        }

        private protected override void EraseKey() => Erase.Span<byte>(clamped);
    }
}
