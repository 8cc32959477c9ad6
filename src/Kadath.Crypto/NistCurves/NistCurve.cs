using System.Numerics;
using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>A curve y² = x³ - 3x + b of prime order (NIST SP 800-186 section 3.2.1), and the encodings of its points and scalars that are common to all fills.</summary>
public sealed class NistCurve
{
    private readonly byte[] _prime, _order;
    private readonly BigInteger _b, _p;

    private NistCurve(string name, string prime, string order, ECCurve platform, HashAlgorithmName hash, string b)
    {
        (Name, Platform, Hash, _b) = (name, platform, hash, Number(Convert.FromHexString(b)));
        (_prime, _order) = (Convert.FromHexString(prime), Convert.FromHexString(order));
        _p = Number(_prime);
    }

    /// <summary>NIST P-256, secp256r1; its signatures take SHA-256.</summary>
    public static NistCurve P256 { get; } = new(
        "P-256",
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ECCurve.NamedCurves.nistP256,
        HashAlgorithmName.SHA256,
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    /// <summary>NIST P-384, secp384r1; its signatures take SHA-384.</summary>
    public static NistCurve P384 { get; } = new(
        "P-384",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ECCurve.NamedCurves.nistP384,
        HashAlgorithmName.SHA384,
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    /// <summary>The curve's common name.</summary>
    public string Name { get; }

    /// <summary>Length of a coordinate and of a scalar, in bytes.</summary>
    public int ScalarBytes => _order.Length;

    /// <summary>Length of an uncompressed point (SEC 1 section 2.3.3), in bytes.</summary>
    public int PointBytes => 1 + (2 * _prime.Length);

    /// <summary>The platform's name of the curve.</summary>
    internal ECCurve Platform { get; }

    /// <summary>The hash that signatures of this curve take in TLS (RFC 8446 section 4.2.3).</summary>
    internal HashAlgorithmName Hash { get; }

    /// <summary>The curve's common name.</summary>
    public override string ToString() => Name;

    /// <summary>Whether the bytes are an uncompressed point with coordinates below p that lies on the curve, hence not infinity (SP 800-56A section 5.6.2.3.4; the order is prime, so that is full validation). For public points.</summary>
    internal bool IsPoint(ReadOnlySpan<byte> point) =>
        point.Length == PointBytes
        && point[0] == 4
        && point.Slice(1, ScalarBytes).SequenceCompareTo(_prime) < 0
        && point[(1 + ScalarBytes)..].SequenceCompareTo(_prime) < 0
        && Contains(Number(point.Slice(1, ScalarBytes)), Number(point[(1 + ScalarBytes)..]));

    /// <summary>Whether a big-endian number of <see cref="ScalarBytes"/> bytes is from 1 to n - 1. Constant-time but for the answer.</summary>
    internal bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        int borrow = 0, bits = 0;
        for (var i = _order.Length - 1; i >= 0; i--)
        {
            bits |= scalar[i];
            borrow = ((scalar[i] - _order[i] - borrow) >> 8) & 1;
        }

        return (borrow & (int)((uint)-bits >> 31)) == 1;
    }

    /// <summary>Fills <paramref name="scalar"/> with a number from 1 to n - 1, all alike likely (FIPS 186-5 section A.2.2: rejection).</summary>
    /// <exception cref="InvalidOperationException">The entropy is broken: 64 draws in a row were out of range, each of which is by chance once in 2^32.</exception>
    internal void Draw(KeyEntropy entropy, Span<byte> scalar)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        for (var draws = 0; draws < 64; draws++)
        {
            entropy.Fill(scalar);
            if (IsScalar(scalar))
            {
                return;
            }
        }

        throw new InvalidOperationException("The source of entropy is broken.");
    }

    /// <summary>The platform's form of a point that passed <see cref="IsPoint"/>.</summary>
    internal ECParameters PlatformPoint(ReadOnlySpan<byte> point) => new()
    {
        Curve = Platform,
        Q = new() { X = point.Slice(1, ScalarBytes).ToArray(), Y = point[(1 + ScalarBytes)..].ToArray() },
    };

    /// <summary>A point of the platform, uncompressed (SEC 1 section 2.3.3).</summary>
    internal static byte[] EncodePoint(in ECPoint point) => [4, .. point.X!, .. point.Y!];

    /// <summary>Throws for a private key of a wrong length.</summary>
    internal void RequireScalarLength(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != ScalarBytes)
        {
            throw new ArgumentException($"{ScalarBytes} bytes are needed, not {privateKey.Length}.", nameof(privateKey));
        }
    }

    private bool Contains(in BigInteger x, in BigInteger y) => (((y * y) - (x * ((x * x) - 3)) - _b) % _p).IsZero;

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
