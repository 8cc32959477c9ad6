using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>ECDH over a NIST curve (SP 800-56A section 5.7.1.2) of the class library.</summary>
/// <remarks>The class library hands secrets around in arrays that the collector may have moved; they are erased where they lie in the end.</remarks>
public sealed class BclEcdh : NistEcdh
{
    /// <summary>Takes the curve.</summary>
    public BclEcdh(NistCurve curve)
        : base(curve)
    {
    }

    /// <inheritdoc/>
    public override string Fill => Fills.Bcl;

    private protected override KeyAgreementPrivateKey Make(byte[] scalar)
    {
        try
        {
            return new PrivateKey(Curve, ECDiffieHellman.Create(new ECParameters { Curve = Curve.Platform, D = scalar }));
        }
        finally
        {
            Erase.Span<byte>(scalar);
        }
    }

    private sealed class PrivateKey(NistCurve curve, ECDiffieHellman key)
        : KeyAgreementPrivateKey(NistCurve.EncodePoint(key.ExportParameters(includePrivateParameters: false).Q), curve.ScalarBytes)
    {
        private protected override bool TryAgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> secret)
        {
            if (!curve.IsPoint(peerPublicKey))
            {
                return false;
            }

            using var peer = ECDiffieHellman.Create(curve.PlatformPoint(peerPublicKey));
            var agreed = key.DeriveRawSecretAgreement(peer.PublicKey);
            agreed.CopyTo(secret);
            Erase.Span<byte>(agreed);
            return true;
        }

        private protected override void EraseKey() => key.Dispose();
    }
}
