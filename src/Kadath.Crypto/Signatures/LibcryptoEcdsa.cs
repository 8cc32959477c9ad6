namespace Kadath.Crypto;

/// <summary>ECDSA over a NIST curve with the hash of equal strength (FIPS 186-5 section 6) of the system's libcrypto 3, called directly.</summary>
/// <remarks>The library hashes its nonces from private key, digest and its own generator.</remarks>
public sealed class LibcryptoEcdsa : NistEcdsa
{
    private readonly LibcryptoCurve _curve;
    private readonly IHash _hash;

    /// <summary>Takes the curve, and the hash that the curve's signatures take: SHA-256 for P-256, SHA-384 for P-384.</summary>
    /// <exception cref="ArgumentException">The hash is not as long as the curve's scalars.</exception>
    /// <exception cref="PlatformNotSupportedException">The library does not load here (<see cref="LibcryptoEcdh.IsSupported"/>).</exception>
    public LibcryptoEcdsa(NistCurve curve, IHash hash)
        : base(curve)
    {
        ArgumentNullException.ThrowIfNull(hash);
        _hash = hash.DigestLength == curve.ScalarBytes ? hash : throw new ArgumentException($"{curve} takes a hash of {curve.ScalarBytes} bytes.", nameof(hash));
        _curve = new(curve);
    }

    /// <inheritdoc/>
    public override string Fill => Fills.Libcrypto;

    private protected override bool VerifyCore(ReadOnlySpan<byte> point, ReadOnlySpan<byte> message, ReadOnlySpan<byte> numbers, ReadOnlySpan<byte> der)
    {
        Span<byte> digest = stackalloc byte[Curve.ScalarBytes];
        _hash.Hash(message, digest);
        return _curve.Verify(point, digest, der);
    }

    private protected override SignaturePrivateKey Make(byte[] scalar)
    {
        var key = _curve.ImportPrivate(scalar, out var publicKey);
        return new PrivateKey(_hash, key, publicKey, MaxSignatureBytes);
    }

    private sealed class PrivateKey(IHash hash, LibcryptoCurve.Key key, byte[] publicKey, int maxSignatureBytes)
        : SignaturePrivateKey(publicKey, maxSignatureBytes)
    {
        private protected override int SignCore(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature)
        {
            Span<byte> digest = stackalloc byte[hash.DigestLength];
            hash.Hash(message, digest);
            var length = LibcryptoCurve.Sign(key, digest, signature);
            GC.KeepAlive(key);
            return length;
        }

        private protected override void EraseKey() => key.Dispose();
    }
}
