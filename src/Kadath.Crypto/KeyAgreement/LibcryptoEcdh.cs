namespace Kadath.Crypto;

/// <summary>ECDH over a NIST curve (SP 800-56A section 5.7.1.2) of the system's libcrypto 3, called directly.</summary>
/// <remarks>Private keys come from the caller's entropy, peers' points are judged here before the library sees them.</remarks>
public sealed class LibcryptoEcdh : IKeyAgreement
{
    private readonly LibcryptoCurve _curve;

    /// <summary>Takes the curve.</summary>
    /// <exception cref="PlatformNotSupportedException">The library does not load here (<see cref="IsSupported"/>).</exception>
    public LibcryptoEcdh(NistCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        _curve = new(curve);
    }

    /// <summary>Whether the library loads here.</summary>
    public static bool IsSupported => Libcrypto.IsAvailable;

    /// <inheritdoc/>
    public string Fill => Fills.Libcrypto;

    /// <inheritdoc/>
    public int PublicKeyBytes => _curve.Curve.PointBytes;

    /// <inheritdoc/>
    public int PrivateKeyBytes => _curve.Curve.ScalarBytes;

    /// <inheritdoc/>
    public int SecretBytes => _curve.Curve.ScalarBytes;

    /// <inheritdoc/>
    public KeyAgreementPrivateKey Generate(KeyEntropy entropy) => Make(_curve.Curve.Draw(entropy));

    /// <inheritdoc/>
    public KeyAgreementPrivateKey? Import(ReadOnlySpan<byte> privateKey) => _curve.Curve.TryTake(privateKey, out var scalar) ? Make(scalar) : null;

    private PrivateKey Make(byte[] scalar)
    {
        var key = _curve.ImportPrivate(scalar, out var publicKey);
        return new(_curve, key, publicKey);
    }

    private sealed class PrivateKey(LibcryptoCurve curve, LibcryptoCurve.Key key, byte[] publicKey)
        : KeyAgreementPrivateKey(publicKey, curve.Curve.ScalarBytes)
    {
        private protected override bool TryAgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> secret)
        {
            if (!curve.Curve.IsPoint(peerPublicKey))
            {
                return false;
            }

            curve.Agree(key, peerPublicKey, secret);
            GC.KeepAlive(key);
            return true;
        }

        private protected override void EraseKey() => key.Dispose();
    }
}
