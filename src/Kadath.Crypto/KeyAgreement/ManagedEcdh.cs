namespace Kadath.Crypto;

/// <summary>ECDH over a NIST curve (SP 800-56A section 5.7.1.2) in C#: signed windows, complete additions, tables read as a whole.</summary>
public sealed class ManagedEcdh : NistEcdh
{
    /// <summary>Takes the curve.</summary>
    public ManagedEcdh(NistCurve curve)
        : base(curve)
    {
    }

    /// <inheritdoc/>
    public override string Fill => Fills.Managed;

    private protected override KeyAgreementPrivateKey Make(byte[] scalar) => new PrivateKey(Curve, scalar);

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
