namespace Kadath.Crypto;

/// <summary>ECDH over a NIST curve (SP 800-56A section 5.7.1.2): what its fills share. Private keys come from the caller's entropy; peers' points are judged here before any fill sees them.</summary>
public abstract class NistEcdh : IKeyAgreement
{
    private protected NistEcdh(NistCurve curve)
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
    public int SecretBytes => Curve.ScalarBytes;

    private protected NistCurve Curve { get; }

    /// <inheritdoc/>
    public KeyAgreementPrivateKey Generate(KeyEntropy entropy) => Make(Curve.Draw(entropy));

    /// <inheritdoc/>
    public KeyAgreementPrivateKey? Import(ReadOnlySpan<byte> privateKey) => Curve.TryTake(privateKey, out var scalar) ? Make(scalar) : null;

    /// <summary>Makes the key of a number from 1 to n - 1, of which it becomes the owner: it keeps or erases it.</summary>
    private protected abstract KeyAgreementPrivateKey Make(byte[] scalar);
}
