namespace Kadath.Crypto;

/// <summary>ECDSA over a NIST curve with the hash of equal strength (FIPS 186-5 section 6): what its fills share. Keys and signatures of peers are judged here before any fill sees them.</summary>
public abstract class NistEcdsa : ISignatureScheme
{
    private protected NistEcdsa(NistCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        Curve = curve;
    }

    /// <inheritdoc/>
    public abstract string Fill { get; }

    /// <inheritdoc/>
    public int PublicKeyBytes => Curve.PointBytes;

    /// <inheritdoc/>
    public int PrivateKeyBytes => Curve.ScalarBytes;

    /// <inheritdoc/>
    public int MaxSignatureBytes => EcdsaSignature.MaxDerBytes(Curve.ScalarBytes);

    private protected NistCurve Curve { get; }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> numbers = stackalloc byte[2 * Curve.ScalarBytes];
        return Curve.TryReadSignature(signature, numbers) && Curve.IsPoint(publicKey) && VerifyCore(publicKey, message, numbers, signature);
    }

    /// <inheritdoc/>
    public SignaturePrivateKey Generate(KeyEntropy entropy) => Make(Curve.Draw(entropy));

    /// <inheritdoc/>
    public SignaturePrivateKey? Import(ReadOnlySpan<byte> privateKeyOrSeed) => Curve.TryTake(privateKeyOrSeed, out var scalar) ? Make(scalar) : null;

    /// <summary>Makes the key of a number from 1 to n - 1, of which it becomes the owner: it keeps or erases it.</summary>
    private protected abstract SignaturePrivateKey Make(byte[] scalar);

    /// <summary>Verifies under a point of the curve.</summary>
    /// <param name="point">The public key.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="numbers">r and s, both from 1 to n - 1.</param>
    /// <param name="der">The same in DER.</param>
    private protected abstract bool VerifyCore(ReadOnlySpan<byte> point, ReadOnlySpan<byte> message, ReadOnlySpan<byte> numbers, ReadOnlySpan<byte> der);
}
