namespace Kadath.Crypto;

/// <summary>ECDH over a NIST curve (SP 800-56A section 5.7.1.2) in C#: signed windows, complete additions, tables read as a whole.</summary>
public sealed class ManagedEcdh : IKeyAgreement
{
    private readonly NistCurve _curve;

    /// <summary>Takes the curve.</summary>
    public ManagedEcdh(NistCurve curve)
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
    public int SecretBytes => _curve.ScalarBytes;

    /// <inheritdoc/>
    public KeyAgreementPrivateKey Generate(KeyEntropy entropy) => new PrivateKey(_curve, _curve.Draw(entropy));

    /// <inheritdoc/>
    public KeyAgreementPrivateKey? Import(ReadOnlySpan<byte> privateKey) =>
        _curve.TryTake(privateKey, out var scalar) ? new PrivateKey(_curve, scalar) : null;

    private sealed class PrivateKey(NistCurve curve, byte[] scalar) : KeyAgreementPrivateKey(curve.PublicKeyOf(scalar), curve.ScalarBytes)
    {
        private protected override bool TryAgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> secret)
        {
            if (!curve.IsPoint(peerPublicKey))
            {
                return false;
            }

            curve.Arithmetic.Multiply(scalar, peerPublicKey[1..], secret);
            return true;
        }

        private protected override void EraseKey() => Erase.Span<byte>(scalar);
    }
}
