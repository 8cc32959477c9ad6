namespace Kadath.Crypto;

/// <summary>ECDH over a NIST curve (SP 800-56A section 5.7.1.2) of the system's libcrypto 3, called directly.</summary>
public sealed class LibcryptoEcdh : NistEcdh
{
    private readonly LibcryptoCurve _curve;

    /// <summary>Takes the curve.</summary>
    /// <exception cref="PlatformNotSupportedException">The library does not load here (<see cref="IsSupported"/>).</exception>
    public LibcryptoEcdh(NistCurve curve)
        : base(curve) => _curve = new(curve);

    /// <summary>Whether the library loads here.</summary>
    public static bool IsSupported => Libcrypto.IsAvailable;

    /// <inheritdoc/>
    public override string Fill => Fills.Libcrypto;

    private protected override KeyAgreementPrivateKey Make(byte[] scalar)
    {
        var key = _curve.ImportPrivate(scalar, out var publicKey);
        return new PrivateKey(_curve, key, publicKey);
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
