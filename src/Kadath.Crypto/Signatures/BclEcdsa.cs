using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>ECDSA over a NIST curve with the hash of equal strength (FIPS 186-5 section 6) of the class library.</summary>
/// <remarks>Keys and signatures of peers are judged here before the platform sees them. The platform draws the nonces from its own generator.</remarks>
public sealed class BclEcdsa : ISignatureScheme
{
    private readonly NistCurve _curve;

    /// <summary>Takes the curve.</summary>
    public BclEcdsa(NistCurve curve)
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
    public int MaxSignatureBytes => EcdsaSignature.MaxDerBytes(_curve.ScalarBytes);

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> numbers = stackalloc byte[2 * _curve.ScalarBytes];
        if (!_curve.TryReadSignature(signature, numbers) || !_curve.IsPoint(publicKey))
        {
            return false;
        }

        using var key = ECDsa.Create(_curve.PlatformPoint(publicKey));
        return key.VerifyData(message, numbers, _curve.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <inheritdoc/>
    public SignaturePrivateKey Generate(KeyEntropy entropy) => Make(_curve.Draw(entropy));

    /// <inheritdoc/>
    public SignaturePrivateKey? Import(ReadOnlySpan<byte> privateKeyOrSeed) => _curve.TryTake(privateKeyOrSeed, out var scalar) ? Make(scalar) : null;

    /// <summary>Makes the key and erases the scalar.</summary>
    private PrivateKey Make(byte[] scalar)
    {
        try
        {
            return new(_curve, ECDsa.Create(new ECParameters { Curve = _curve.Platform, D = scalar }));
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
