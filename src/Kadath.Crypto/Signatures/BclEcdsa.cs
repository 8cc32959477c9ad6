using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>ECDSA over a NIST curve with the hash of equal strength (FIPS 186-5 section 6) of the class library.</summary>
/// <remarks>The platform draws the nonces from its own generator.</remarks>
public sealed class BclEcdsa : NistEcdsa
{
    /// <summary>Takes the curve.</summary>
    public BclEcdsa(NistCurve curve)
        : base(curve)
    {
    }

    /// <inheritdoc/>
    public override string Fill => Fills.Bcl;

    private protected override bool VerifyCore(ReadOnlySpan<byte> point, ReadOnlySpan<byte> message, ReadOnlySpan<byte> numbers, ReadOnlySpan<byte> der)
    {
        using var key = ECDsa.Create(Curve.PlatformPoint(point));
        return key.VerifyData(message, numbers, Curve.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private protected override SignaturePrivateKey Make(byte[] scalar)
    {
        try
        {
            return new PrivateKey(Curve, ECDsa.Create(new ECParameters { Curve = Curve.Platform, D = scalar }));
        }
        finally
        {
            Erase.Span<byte>(scalar);
        }
    }

    private sealed class PrivateKey(NistCurve curve, ECDsa key)
        : SignaturePrivateKey(NistCurve.EncodePoint(key.ExportParameters(includePrivateParameters: false).Q), EcdsaSignature.MaxDerBytes(curve.ScalarBytes))
    {
        private protected override int SignCore(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature)
        {
            Span<byte> numbers = stackalloc byte[2 * curve.ScalarBytes];
            key.SignData(message, numbers, curve.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            return EcdsaSignature.WriteDer(numbers, signature);
        }

        private protected override void EraseKey() => key.Dispose();
    }
}
