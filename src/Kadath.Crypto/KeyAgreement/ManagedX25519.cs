namespace Kadath.Crypto;

/// <summary>X25519 (RFC 7748) in C#: a Montgomery ladder for agreement, the Edwards generator's table for key generation.</summary>
public sealed class ManagedX25519 : IKeyAgreement
{
    /// <summary>Length of private keys, public keys and secrets alike, in bytes.</summary>
    internal const int Length = 32;

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
        var key = new PrivateKey(scalar);
        Erase.Span(scalar);
        return key;
    }

    /// <inheritdoc/>
    public KeyAgreementPrivateKey Import(ReadOnlySpan<byte> privateKey) =>
        privateKey.Length == Length
            ? new PrivateKey(privateKey)
            : throw new ArgumentException($"{Length} bytes are needed, not {privateKey.Length}.", nameof(privateKey));

    private sealed class PrivateKey : KeyAgreementPrivateKey
    {
        private readonly byte[] _scalar = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
        private readonly byte[] _publicKey = new byte[Length];
        private bool _erased;

        public PrivateKey(ReadOnlySpan<byte> scalar)
        {
            scalar.CopyTo(_scalar);
            X25519Ladder.Clamp(_scalar);
            MultiplyGenerator(_publicKey, _scalar);
        }

        public override void CopyPublicKey(Span<byte> publicKey) => _publicKey.CopyTo(publicKey);

        public override bool TryAgree(ReadOnlySpan<byte> peerPublicKey, Span<byte> secret)
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            if (secret.Length < Length)
            {
                throw new ArgumentException($"A secret needs {Length} bytes.", nameof(secret));
            }

            secret = secret[..Length];
            if (peerPublicKey.Length != Length)
            {
                secret.Clear();
                return false;
            }

            X25519Ladder.Multiply(secret, _scalar, peerPublicKey);

            // Whether the secret is zero is told to the peer by the handshake's end in any case.
            return secret.ContainsAnyExcept((byte)0);
        }

        protected override void Dispose(bool disposing)
        {
            _erased = true;
            Erase.Span<byte>(_scalar);
        }

        /// <summary>The u-coordinate of scalar · B by way of the birationally equivalent Edwards curve (RFC 7748 section 4.1): u = (1 + y)/(1 - y).</summary>
        private static void MultiplyGenerator(Span<byte> u, ReadOnlySpan<byte> clamped)
        {
            var scalar = Scalar.Reduce(clamped);
            GeneratorTables.Multiply(out var point, scalar);
            FieldElement.Add(out var numerator, point.Z, point.Y);
            FieldElement.Subtract(out var denominator, point.Z, point.Y);
            FieldElement.Invert(out denominator, denominator);
            FieldElement.Multiply(out numerator, numerator, denominator);
            numerator.Encode(u);
            Erase.Value(ref scalar);
            Erase.Value(ref point);
        }
    }
}
