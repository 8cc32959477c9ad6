using System.Buffers.Binary;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>
/// SHA-256 of a peer's SubjectPublicKeyInfo: names a key whatever certificate it comes in, so that a raw or self-signed key can be trusted
/// without an authority. What HTTP public key pinning called a pin (RFC 7469 section 2.4), written in hexadecimal.
/// </summary>
public readonly record struct SpkiPin
{
    /// <summary>Length of a pin, in bytes.</summary>
    public const int Length = 32;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>A pin from its bytes.</summary>
    /// <exception cref="ArgumentException">There are not <see cref="Length"/> bytes.</exception>
    public SpkiPin(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Length)
        {
            throw new ArgumentException($"a pin has {Length} bytes", nameof(hash));
        }

        _high = BinaryPrimitives.ReadUInt128BigEndian(hash);
        _low = BinaryPrimitives.ReadUInt128BigEndian(hash[16..]);
    }

    /// <summary>The pin of an encoded key.</summary>
    public static SpkiPin Of(ReadOnlySpan<byte> encodedKey, IHash sha256)
    {
        Span<byte> hash = stackalloc byte[Length];
        sha256.Hash(encodedKey, hash);
        return new SpkiPin(hash);
    }

    /// <summary>Reads 64 hexadecimal digits; colons between bytes, as OpenSSL prints fingerprints, are allowed.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SpkiPin pin)
    {
        pin = default;
        Span<char> digits = stackalloc char[2 * Length];
        int count = 0;
        foreach (char next in text)
        {
            if (next == ':')
            {
                continue;
            }

            if (count == digits.Length)
            {
                return false;
            }

            digits[count++] = next;
        }

        Span<byte> hash = stackalloc byte[Length];
        if (count != digits.Length || Convert.FromHexString(digits, hash, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        pin = new SpkiPin(hash);
        return true;
    }

    /// <summary>Writes the bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[Length];
        CopyTo(hash);
        return Convert.ToHexStringLower(hash);
    }
}
