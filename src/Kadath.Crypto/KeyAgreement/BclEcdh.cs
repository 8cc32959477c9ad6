using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>ECDH over a NIST curve (SP 800-56A section 5.7.1.2) of the class library.</summary>
/// <remarks>Peers' points are judged here before the platform sees them. The class library hands secrets around in arrays that the collector may have moved; they are erased where they lie in the end.</remarks>
public sealed class BclEcdh : IKeyAgreement
{
    private readonly NistCurve _curve;

    /// <summary>Takes the curve.</summary>
    public BclEcdh(NistCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        _curve = curve;
    }

    /// <inheritdoc/>
    public string Fill => Fills.Bcl;

    /// <inheritdoc/>
    public int PublicKeyBytes => _curve.PointBytes;

    /// <inheritdoc/>
    public int PrivateKeyBytes => _curve.ScalarBytes;

    /// <inheritdoc/>
    public int SecretBytes => _curve.ScalarBytes;

    /// <inheritdoc/>
    public KeyAgreementPrivateKey Generate(KeyEntropy entropy) => Make(_curve.Draw(entropy));

    /// <inheritdoc/>
    public KeyAgreementPrivateKey? Import(ReadOnlySpan<byte> privateKey) => _curve.TryTake(privateKey, out var scalar) ? Make(scalar) : null;

    /// <summary>Makes the key and erases the scalar.</summary>
    private PrivateKey Make(byte[] scalar)
    {
        try
        {
            return new(_curve, ECDiffieHellman.Create(new ECParameters { Curve = _curve.Platform, D = scalar }));
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
