using System.Security.Cryptography;

namespace Kadath.Crypto;

/// <summary>A curve y² = x³ - 3x + b of prime order (NIST SP 800-186 section 3.2.1), and the encodings of its points and scalars that are common to all fills.</summary>
public sealed class NistCurve
{
    private readonly byte[] _prime, _order;

    private NistCurve(
        string name,
        string prime,
        string order,
        ECCurve platform,
        int openSslNumber,
        HashAlgorithmName hash,
        IHash managedHash,
        IMac managedMac,
        Func<byte[], byte[], NistArithmetic> arithmetic)
    {
        (Name, Platform, OpenSslNumber, Hash, ManagedHash, ManagedMac) = (name, platform, openSslNumber, hash, managedHash, managedMac);
        (_prime, _order) = (Convert.FromHexString(prime), Convert.FromHexString(order));
        Arithmetic = arithmetic(_prime, _order);
    }

    /// <summary>NIST P-256, secp256r1; its signatures take SHA-256.</summary>
    public static NistCurve P256 { get; } = new(
        "P-256",
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ECCurve.NamedCurves.nistP256,
        415,
        HashAlgorithmName.SHA256,
        new ManagedSha256(),
        new ManagedHmacSha256(),
        static (prime, order) => new NistArithmetic<Residue5<P256Prime>, Residue5<P256Order>>(
            prime,
            order,
            Convert.FromHexString("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
            Convert.FromHexString(
                "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")));

    /// <summary>NIST P-384, secp384r1; its signatures take SHA-384.</summary>
    public static NistCurve P384 { get; } = new(
        "P-384",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ECCurve.NamedCurves.nistP384,
        715,
        HashAlgorithmName.SHA384,
        new ManagedSha384(),
        new ManagedHmacSha384(),
        static (prime, order) => new NistArithmetic<Residue8<P384Prime>, Residue8<P384Order>>(
            prime,
            order,
            Convert.FromHexString("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef"),
            Convert.FromHexString(
                "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
                + "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f")));

    /// <summary>The curve's common name.</summary>
    public string Name { get; }

    /// <summary>Length of a coordinate and of a scalar, in bytes.</summary>
    public int ScalarBytes => _order.Length;

    /// <summary>Length of an uncompressed point (SEC 1 section 2.3.3), in bytes.</summary>
    public int PointBytes => 1 + (2 * _prime.Length);

    /// <summary>The managed arithmetic, of which every fill takes the judgement of points.</summary>
    internal NistArithmetic Arithmetic { get; }

    /// <summary>The platform's name of the curve.</summary>
    internal ECCurve Platform { get; }

    /// <summary>OpenSSL's number of the curve (NID_X9_62_prime256v1, NID_secp384r1).</summary>
    internal int OpenSslNumber { get; }

    /// <summary>The hash that signatures of this curve take in TLS (RFC 8446 section 4.2.3).</summary>
    internal HashAlgorithmName Hash { get; }

    /// <summary>The same hash in C#.</summary>
    internal IHash ManagedHash { get; }

    /// <summary>HMAC with the same hash in C#: what nonces are derived with.</summary>
    internal IMac ManagedMac { get; }

    /// <summary>The order n, big-endian.</summary>
    internal ReadOnlySpan<byte> Order => _order;

    /// <summary>The curve's common name.</summary>
    public override string ToString() => Name;

    /// <summary>Whether the bytes are an uncompressed point with coordinates below p that lies on the curve, hence not infinity (SP 800-56A section 5.6.2.3.4; the order is prime, so that is full validation). For public points.</summary>
    internal bool IsPoint(ReadOnlySpan<byte> point) =>
        point.Length == PointBytes
        && point[0] == 4
        && point.Slice(1, ScalarBytes).SequenceCompareTo(_prime) < 0
        && point[(1 + ScalarBytes)..].SequenceCompareTo(_prime) < 0
        && Arithmetic.Contains(point[1..]);

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

    /// <summary>A number from 1 to n - 1 in pinned memory, all alike likely (FIPS 186-5 section A.2.2: rejection).</summary>
    /// <exception cref="InvalidOperationException">The entropy is broken: 64 draws in a row were out of range, each of which is by chance once in 2^32.</exception>
    internal byte[] Draw(KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        var scalar = GC.AllocateUninitializedArray<byte>(ScalarBytes, pinned: true);
        for (var draws = 0; draws < 64; draws++)
        {
            entropy.Fill(scalar);
            if (IsScalar(scalar))
            {
                return scalar;
            }
        }

        throw new InvalidOperationException("The source of entropy is broken.");
    }

    /// <summary>Copies a private key into pinned memory; false if it is not from 1 to n - 1.</summary>
    /// <exception cref="ArgumentException">The key has a wrong length.</exception>
    internal bool TryTake(ReadOnlySpan<byte> privateKey, out byte[] scalar)
    {
        if (privateKey.Length != ScalarBytes)
        {
            throw new ArgumentException($"{ScalarBytes} bytes are needed, not {privateKey.Length}.", nameof(privateKey));
        }

        scalar = [];
        if (!IsScalar(privateKey))
        {
            return false;
        }

        scalar = GC.AllocateUninitializedArray<byte>(ScalarBytes, pinned: true);
        privateKey.CopyTo(scalar);
        return true;
    }

    /// <summary>The public key of a number from 1 to n - 1, as an uncompressed point.</summary>
    internal byte[] PublicKeyOf(ReadOnlySpan<byte> scalar)
    {
        var point = new byte[PointBytes];
        point[0] = 4;
        Arithmetic.MultiplyGenerator(scalar, point.AsSpan(1));
        return point;
    }

    /// <summary>Reads a signature in DER into r and s; false for another form, and for numbers that are not from 1 to n - 1.</summary>
    internal bool TryReadSignature(ReadOnlySpan<byte> der, Span<byte> numbers) =>
        EcdsaSignature.TryReadDer(der, numbers) && IsScalar(numbers[..ScalarBytes]) && IsScalar(numbers[ScalarBytes..]);

    /// <summary>The platform's form of a point that passed <see cref="IsPoint"/>.</summary>
    internal ECParameters PlatformPoint(ReadOnlySpan<byte> point) => new()
    {
        Curve = Platform,
        Q = new() { X = point.Slice(1, ScalarBytes).ToArray(), Y = point[(1 + ScalarBytes)..].ToArray() },
    };

    /// <summary>A point of the platform, uncompressed (SEC 1 section 2.3.3).</summary>
    internal static byte[] EncodePoint(in ECPoint point) => [4, .. point.X!, .. point.Y!];
}
