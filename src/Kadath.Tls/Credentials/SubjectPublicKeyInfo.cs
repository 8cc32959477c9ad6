using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>
/// A public key as certificates and RFC 7250 carry it (SubjectPublicKeyInfo, RFC 5280 section 4.1). Named curves with uncompressed points
/// only: explicit parameters and compressed points are refused, as TLS has no use for them and parsers go wrong over them.
/// Parsing judges the shape; whether a point lies on its curve is judged where a signature is verified.
/// </summary>
public readonly ref struct SubjectPublicKeyInfo
{
    /// <summary>No key is longer: an ML-DSA-87 key of 2592 bytes is the longest kind.</summary>
    public const int MaxLength = 4096;

    private const int MinRsaBits = 2048;

    // What a strange key may cost a verifier: an RSA exponentiation grows with the square of the length.
    private const int MaxRsaBits = 8192;
    private const int MaxRsaExponentBytes = 4;

    private SubjectPublicKeyInfo(PublicKeyKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> encoded)
    {
        Kind = kind;
        Key = key;
        Encoded = encoded;
    }

    /// <summary>What kind of key it is.</summary>
    public PublicKeyKind Kind { get; }

    /// <summary>The key itself: an uncompressed point (65 or 97 bytes), 32 bytes of Ed25519, an RSAPublicKey in DER, or an ML-DSA key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The whole structure in DER: what a pin is the hash of.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Reads a key; false for anything that is not exactly one key of a known kind.</summary>
    public static bool TryParse(ReadOnlySpan<byte> encoded, out SubjectPublicKeyInfo info)
    {
        info = default;
        DerReader reader = new(encoded);
        if (encoded.Length > MaxLength || !reader.TryEnter(DerTag.Sequence, out DerReader body) || !reader.AtEnd
            || !body.TryEnter(DerTag.Sequence, out DerReader algorithm) || !algorithm.TryRead(DerTag.ObjectIdentifier, out ReadOnlySpan<byte> identifier)
            || !body.TryReadBitString(out ReadOnlySpan<byte> key) || !body.AtEnd
            || !TryKind(identifier, ref algorithm, out PublicKeyKind kind) || !algorithm.AtEnd || !HasShape(kind, key))
        {
            return false;
        }

        info = new SubjectPublicKeyInfo(kind, key, encoded);
        return true;
    }

    /// <summary>Writes a key as SubjectPublicKeyInfo.</summary>
    /// <param name="kind">What kind of key it is.</param>
    /// <param name="key">The key in the form of <see cref="Key"/>.</param>
    /// <exception cref="ArgumentException">The key does not have the shape of its kind.</exception>
    public static byte[] Encode(PublicKeyKind kind, ReadOnlySpan<byte> key)
    {
        if (!HasShape(kind, key))
        {
            throw new ArgumentException($"this is no {kind} key", nameof(key));
        }

        DerWriter writer = new DerWriter().Begin(DerTag.Sequence).Begin(DerTag.Sequence);
        switch (kind)
        {
            case PublicKeyKind.P256: writer.ObjectIdentifier(ObjectIdentifiers.EcPublicKey).ObjectIdentifier(ObjectIdentifiers.Secp256r1); break;
            case PublicKeyKind.P384: writer.ObjectIdentifier(ObjectIdentifiers.EcPublicKey).ObjectIdentifier(ObjectIdentifiers.Secp384r1); break;
            case PublicKeyKind.Rsa: writer.ObjectIdentifier(ObjectIdentifiers.RsaEncryption).Element(DerTag.Null, []); break;
            case PublicKeyKind.Ed25519: writer.ObjectIdentifier(ObjectIdentifiers.Ed25519); break;
            case PublicKeyKind.MlDsa44: writer.ObjectIdentifier(ObjectIdentifiers.MlDsa44); break;
            case PublicKeyKind.MlDsa65: writer.ObjectIdentifier(ObjectIdentifiers.MlDsa65); break;
            default: writer.ObjectIdentifier(ObjectIdentifiers.MlDsa87); break;
        }

        return writer.End().BitString(key).End().ToArray();
    }

    /// <summary>The pin of this key.</summary>
    public SpkiPin Pin(IHash sha256) => SpkiPin.Of(Encoded, sha256);

    private static bool TryKind(ReadOnlySpan<byte> identifier, ref DerReader parameters, out PublicKeyKind kind)
    {
        kind = default;
        if (identifier.SequenceEqual(ObjectIdentifiers.EcPublicKey))
        {
            bool named = parameters.TryRead(DerTag.ObjectIdentifier, out ReadOnlySpan<byte> curve);
            kind = curve.SequenceEqual(ObjectIdentifiers.Secp256r1) ? PublicKeyKind.P256 : PublicKeyKind.P384;
            return named && (kind == PublicKeyKind.P256 || curve.SequenceEqual(ObjectIdentifiers.Secp384r1));
        }

        if (identifier.SequenceEqual(ObjectIdentifiers.RsaEncryption))
        {
            kind = PublicKeyKind.Rsa;
            return parameters.TryRead(DerTag.Null, out ReadOnlySpan<byte> nothing) && nothing.IsEmpty;
        }

        (bool known, kind) = identifier.SequenceEqual(ObjectIdentifiers.Ed25519) ? (true, PublicKeyKind.Ed25519)
            : identifier.SequenceEqual(ObjectIdentifiers.MlDsa44) ? (true, PublicKeyKind.MlDsa44)
            : identifier.SequenceEqual(ObjectIdentifiers.MlDsa65) ? (true, PublicKeyKind.MlDsa65)
            : identifier.SequenceEqual(ObjectIdentifiers.MlDsa87) ? (true, PublicKeyKind.MlDsa87)
            : (false, default);
        return known;
    }

    /// <summary>Length of a key of this kind in the form of <see cref="Key"/>; zero for RSA, whose keys vary.</summary>
    internal static int KeyLengthOf(PublicKeyKind kind) => kind switch
    {
        PublicKeyKind.P256 => 65,
        PublicKeyKind.P384 => 97,
        PublicKeyKind.Ed25519 => 32,
        PublicKeyKind.MlDsa44 => 1312,
        PublicKeyKind.MlDsa65 => 1952,
        PublicKeyKind.MlDsa87 => 2592,
        _ => 0,
    };

    private static bool HasShape(PublicKeyKind kind, ReadOnlySpan<byte> key) => kind switch
    {
        PublicKeyKind.P256 or PublicKeyKind.P384 => key.Length == KeyLengthOf(kind) && key[0] == 4,
        PublicKeyKind.Rsa => IsRsaKey(key),
        _ => key.Length == KeyLengthOf(kind) && !key.IsEmpty,
    };

    private static bool IsRsaKey(ReadOnlySpan<byte> key)
    {
        DerReader reader = new(key);
        if (!reader.TryEnter(DerTag.Sequence, out DerReader body) || !reader.AtEnd
            || !body.TryReadNatural(out ReadOnlySpan<byte> modulus) || !body.TryReadNatural(out ReadOnlySpan<byte> exponent) || !body.AtEnd)
        {
            return false;
        }

        int bits = (8 * modulus.Length) - System.Numerics.BitOperations.LeadingZeroCount((uint)modulus[0]) + 24;
        return bits is >= MinRsaBits and <= MaxRsaBits && (modulus[^1] & 1) == 1
            && exponent.Length <= MaxRsaExponentBytes && (exponent[^1] & 1) == 1 && (exponent.Length > 1 || exponent[0] > 1);
    }
}
