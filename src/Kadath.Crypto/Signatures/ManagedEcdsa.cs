namespace Kadath.Crypto;

/// <summary>ECDSA over a NIST curve with the hash of equal strength (FIPS 186-5 section 6) in C#; nonces of RFC 6979, hedged.</summary>
public sealed class ManagedEcdsa : ISignatureScheme
{
    private readonly NistCurve _curve;

    /// <summary>Takes the curve.</summary>
    public ManagedEcdsa(NistCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        _curve = curve;
    }

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int PublicKeyBytes => _curve.PointBytes;

    /// <inheritdoc/>
    public int PrivateKeyBytes => _curve.ScalarBytes;

    /// <inheritdoc/>
    public int MaxSignatureBytes => EcdsaSignature.MaxDerBytes(_curve.ScalarBytes);

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> numbers = stackalloc byte[2 * _curve.ScalarBytes];
        if (!_curve.TryReadSignature(signature, numbers) || !_curve.IsPoint(publicKey))
        {
            return false;
        }

        Span<byte> digest = stackalloc byte[_curve.ScalarBytes];
        _curve.ManagedHash.Hash(message, digest);
        return _curve.Arithmetic.Verify(publicKey[1..], digest, numbers);
    }

    /// <inheritdoc/>
    public SignaturePrivateKey Generate(KeyEntropy entropy) => new PrivateKey(_curve, _curve.Draw(entropy));

    /// <inheritdoc/>
    public SignaturePrivateKey? Import(ReadOnlySpan<byte> privateKeyOrSeed) =>
        _curve.TryTake(privateKeyOrSeed, out var scalar) ? new PrivateKey(_curve, scalar) : null;

    private sealed class PrivateKey(NistCurve curve, byte[] scalar)
        : SignaturePrivateKey(curve.PublicKeyOf(scalar), EcdsaSignature.MaxDerBytes(curve.ScalarBytes))
    {
        private protected override int SignCore(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature)
        {
            Span<byte> digest = stackalloc byte[curve.ScalarBytes], nonce = stackalloc byte[curve.ScalarBytes], numbers = stackalloc byte[2 * curve.ScalarBytes];
            Span<byte> fresh = stackalloc byte[EcdsaNonce.HedgeBytes];
            hedge.Fill(fresh);
            curve.ManagedHash.Hash(message, digest);
            using var nonces = new EcdsaNonce(stackalloc byte[2 * curve.ScalarBytes], curve, scalar, digest, fresh);
            do
            {
                nonces.Next(nonce);
            }
            while (!curve.Arithmetic.TrySign(scalar, nonce, digest, numbers));

            Erase.Span(nonce);
            Erase.Span(fresh);
            return EcdsaSignature.WriteDer(numbers, signature);
        }

        private protected override void EraseKey() => Erase.Span<byte>(scalar);
    }
}
