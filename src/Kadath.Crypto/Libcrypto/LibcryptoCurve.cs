using System.Runtime.InteropServices;

namespace Kadath.Crypto;

/// <summary>A NIST curve in libcrypto: its group, made once, and what fills do with it.</summary>
internal sealed unsafe class LibcryptoCurve
{
    /// <summary>The form of an uncompressed point (POINT_CONVERSION_UNCOMPRESSED).</summary>
    private const int Uncompressed = 4;

    private readonly nint _group;

    /// <exception cref="PlatformNotSupportedException">libcrypto 3 does not load, or lacks the curve.</exception>
    public LibcryptoCurve(NistCurve curve)
    {
        Curve = curve;
        _group = Libcrypto.IsAvailable ? Libcrypto.GroupNewByCurveName(curve.OpenSslNumber) : 0;
        if (_group == 0)
        {
            throw new PlatformNotSupportedException($"libcrypto 3 with {curve.Name} does not load here.");
        }
    }

    public NistCurve Curve { get; }

    /// <summary>Makes the key of a number from 1 to n - 1 and erases the number; the library keeps the key in memory that it erases.</summary>
    public Key ImportPrivate(byte[] scalar, out byte[] publicKey)
    {
        var key = NewKey();
        publicKey = new byte[Curve.PointBytes];
        var point = Libcrypto.PointNew(_group);
        fixed (byte* scalarBytes = scalar, publicBytes = publicKey)
        {
            var made = point != 0
                && Libcrypto.KeyReadPrivate(key.Address, scalarBytes, (nuint)scalar.Length) == 1
                && Libcrypto.PointMultiply(_group, point, Libcrypto.KeyPrivate(key.Address), 0, 0, 0) == 1
                && Libcrypto.KeySetPublic(key.Address, point) == 1
                && Libcrypto.PointWrite(_group, point, Uncompressed, publicBytes, (nuint)publicKey.Length, 0) == (nuint)publicKey.Length;
            Erase.Span<byte>(scalar);
            Libcrypto.PointFree(point);
            if (!made)
            {
                key.Dispose();
                throw Failure();
            }
        }

        return key;
    }

    /// <summary>Computes a shared secret with a point that has been judged already.</summary>
    public void Agree(Key key, ReadOnlySpan<byte> peerPublicKey, Span<byte> secret)
    {
        var point = ReadPoint(peerPublicKey);
        int length;
        fixed (byte* secretBytes = secret)
        {
            length = Libcrypto.EcdhCompute(secretBytes, (nuint)secret.Length, point, key.Address, 0);
        }

        Libcrypto.PointFree(point);
        if (length != secret.Length)
        {
            throw Failure();
        }
    }

    /// <summary>Signs a digest; returns the length of the signature in DER.</summary>
    public static int Sign(Key key, ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        uint length;
        fixed (byte* digestBytes = digest, signatureBytes = signature)
        {
            if (Libcrypto.EcdsaSign(0, digestBytes, digest.Length, signatureBytes, &length, key.Address) != 1)
            {
                throw Failure();
            }
        }

        return (int)length;
    }

    /// <summary>Verifies a signature in DER under a point that has been judged already.</summary>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        using var key = NewKey();
        var point = ReadPoint(publicKey);
        var set = Libcrypto.KeySetPublic(key.Address, point);
        Libcrypto.PointFree(point);
        if (set != 1)
        {
            throw Failure();
        }

        fixed (byte* digestBytes = digest, signatureBytes = signature)
        {
            var verdict = Libcrypto.EcdsaVerify(0, digestBytes, digest.Length, signatureBytes, signature.Length, key.Address);
            if (verdict != 1)
            {
                Libcrypto.ClearErrors();
            }

            return verdict == 1;
        }
    }

    private nint ReadPoint(ReadOnlySpan<byte> bytes)
    {
        var point = Libcrypto.PointNew(_group);
        fixed (byte* pointer = bytes)
        {
            if (point == 0 || Libcrypto.PointRead(_group, point, pointer, (nuint)bytes.Length, 0) != 1)
            {
                Libcrypto.PointFree(point);
                throw Failure();
            }
        }

        return point;
    }

    private Key NewKey()
    {
        var key = new Key(Libcrypto.KeyNew());
        if (key.IsInvalid || Libcrypto.KeySetGroup(key.Address, _group) != 1)
        {
            key.Dispose();
            throw Failure();
        }

        return key;
    }

    /// <summary>What was judged beforehand cannot fail but for want of memory.</summary>
    private static InvalidOperationException Failure()
    {
        Libcrypto.ClearErrors();
        return new("libcrypto failed on inputs that are in order.");
    }

    /// <summary>An EC_KEY. Freeing it erases the private key.</summary>
    internal sealed class Key : SafeHandle
    {
        public Key(nint address)
            : base(0, ownsHandle: true) => SetHandle(address);

        public override bool IsInvalid => handle == 0;

        /// <summary>The address. The owner keeps the key alive during the call.</summary>
        public nint Address => handle;

        protected override bool ReleaseHandle()
        {
            Libcrypto.KeyFree(handle);
            return true;
        }
    }
}
