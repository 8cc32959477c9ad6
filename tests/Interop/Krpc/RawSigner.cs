using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Kadath.Tests.Interop.Krpc;

/// <summary>
/// Signs BEP 44 items with Ed25519 straight from RFC 8032 section 5.1, in big integers: slow, and independent of Kadath's own.
/// </summary>
internal sealed class RawSigner
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly BigInteger D = Mod(-121665 * BigInteger.ModPow(121666, P - 2, P));
    private static readonly Point Base = BasePoint();

    private readonly BigInteger _scalar;
    private readonly byte[] _prefix;

    public RawSigner(byte[] seed)
    {
        byte[] hash = SHA512.HashData(seed);
        hash[0] &= 248;
        hash[31] = (byte)((hash[31] & 63) | 64);
        _scalar = Number(hash.AsSpan(0, 32));
        _prefix = hash[32..];
        Seed = seed;
        PublicKey = Encode(Multiply(_scalar, Base));
    }

    /// <summary>A signer with a random key.</summary>
    public static RawSigner Random() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The 32-byte seed.</summary>
    public byte[] Seed { get; }

    /// <summary>The 32-byte public key.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The public key in hex.</summary>
    public string PublicKeyHex => Convert.ToHexStringLower(PublicKey);

    /// <summary>The arguments of a put of a mutable item, but for the token.</summary>
    public BencodeMap Item(string text, long sequence, string? salt = null, long? cas = null)
    {
        List<byte> signed = [];
        if (salt is not null)
        {
            signed.AddRange(Encoding.UTF8.GetBytes($"4:salt{Encoding.UTF8.GetByteCount(salt)}:{salt}"));
        }

        signed.AddRange(Encoding.ASCII.GetBytes($"3:seqi{sequence}e1:v"));
        signed.AddRange(Bencode.Encode(text));
        BencodeMap item = new() { ["k"] = PublicKey, ["seq"] = sequence, ["sig"] = Sign([.. signed]), ["v"] = text };
        if (salt is not null)
        {
            item["salt"] = salt;
        }

        if (cas is { } expected)
        {
            item["cas"] = expected;
        }

        return item;
    }

    private byte[] Sign(byte[] message)
    {
        BigInteger r = Number(SHA512.HashData([.. _prefix, .. message])) % Order;
        byte[] point = Encode(Multiply(r, Base));
        BigInteger challenge = Number(SHA512.HashData([.. point, .. PublicKey, .. message])) % Order;
        return [.. point, .. Bytes((r + (challenge * _scalar)) % Order)];
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;

    private static byte[] Bytes(BigInteger value)
    {
        byte[] bytes = new byte[32];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static byte[] Encode(Point point)
    {
        BigInteger inverse = BigInteger.ModPow(point.Z, P - 2, P);
        BigInteger x = Mod(point.X * inverse);
        byte[] bytes = Bytes(Mod(point.Y * inverse));
        bytes[31] |= (byte)(x.IsEven ? 0 : 0x80);
        return bytes;
    }

    private static Point BasePoint()
    {
        BigInteger y = Mod(4 * BigInteger.ModPow(5, P - 2, P));
        BigInteger square = Mod(((y * y) - 1) * BigInteger.ModPow((D * y * y) + 1, P - 2, P));
        BigInteger x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (Mod((x * x) - square) != 0)
        {
            x = Mod(x * BigInteger.ModPow(2, (P - 1) / 4, P));
        }

        x = x.IsEven ? x : P - x;
        return new Point(x, y, 1, Mod(x * y));
    }

    private static Point Add(Point p, Point q)
    {
        BigInteger a = (p.Y - p.X) * (q.Y - q.X);
        BigInteger b = (p.Y + p.X) * (q.Y + q.X);
        BigInteger c = 2 * p.T * q.T * D;
        BigInteger d = 2 * p.Z * q.Z;
        BigInteger e = b - a, f = d - c, g = d + c, h = b + a;
        return new Point(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
    }

    private static Point Multiply(BigInteger scalar, Point point)
    {
        Point sum = new(0, 1, 1, 0);
        for (; scalar > 0; scalar >>= 1)
        {
            if (!scalar.IsEven)
            {
                sum = Add(sum, point);
            }

            point = Add(point, point);
        }

        return sum;
    }

    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T);
}
