namespace Kadath.Tls;

/// <summary>Private keys in files: PKCS #8 (RFC 5958; RFC 5915, RFC 8410 and RFC 9881 inside), and SEC 1 for ECDSA. Not encrypted ones.</summary>
internal static class PrivateKeyInfo
{
    private const int SeedLength = 32;

    /// <summary>Finds the kind of a key and its secret number or seed; false for RSA, which the platform reads, and for all that cannot be read.</summary>
    public static bool TryParse(ReadOnlySpan<byte> der, out PublicKeyKind kind, out ReadOnlySpan<byte> secret)
    {
        kind = default;
        secret = default;
        DerReader reader = new(der);
        if (!reader.TryEnter(DerTag.Sequence, out DerReader body) || !reader.AtEnd || !body.TryReadSmall(out int version))
        {
            return false;
        }

        if (body.PeekTag == DerTag.OctetString)
        {
            return version == 1 && TryEcPrivateKey(der, null, out kind, out secret);
        }

        if (version is not (0 or 1) || !body.TryEnter(DerTag.Sequence, out DerReader algorithm)
            || !algorithm.TryRead(DerTag.ObjectIdentifier, out ReadOnlySpan<byte> identifier) || !body.TryRead(DerTag.OctetString, out ReadOnlySpan<byte> content))
        {
            return false;
        }

        if (identifier.SequenceEqual(ObjectIdentifiers.EcPublicKey))
        {
            return algorithm.TryRead(DerTag.ObjectIdentifier, out ReadOnlySpan<byte> curve) && TryCurve(curve, out PublicKeyKind named)
                && TryEcPrivateKey(content, named, out kind, out secret);
        }

        if (identifier.SequenceEqual(ObjectIdentifiers.Ed25519))
        {
            kind = PublicKeyKind.Ed25519;
            DerReader inner = new(content);
            return inner.TryRead(DerTag.OctetString, out secret) && inner.AtEnd && secret.Length == SeedLength;
        }

        (bool mlDsa, kind) = identifier.SequenceEqual(ObjectIdentifiers.MlDsa44) ? (true, PublicKeyKind.MlDsa44)
            : identifier.SequenceEqual(ObjectIdentifiers.MlDsa65) ? (true, PublicKeyKind.MlDsa65)
            : identifier.SequenceEqual(ObjectIdentifiers.MlDsa87) ? (true, PublicKeyKind.MlDsa87)
            : (false, default);
        return mlDsa && TrySeed(content, out secret);
    }

    /// <summary>RFC 9881 section 6: the seed alone under [0], or seed and expanded key in a sequence. The expanded key alone is not taken.</summary>
    private static bool TrySeed(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> seed)
    {
        DerReader reader = new(content);
        if (reader.TryRead(DerTag.Context(0), out seed))
        {
            return reader.AtEnd && seed.Length == SeedLength;
        }

        return reader.TryEnter(DerTag.Sequence, out DerReader both) && both.TryRead(DerTag.OctetString, out seed) && seed.Length == SeedLength;
    }

    private static bool TryEcPrivateKey(ReadOnlySpan<byte> der, PublicKeyKind? named, out PublicKeyKind kind, out ReadOnlySpan<byte> secret)
    {
        kind = default;
        secret = default;
        DerReader reader = new(der);
        if (!reader.TryEnter(DerTag.Sequence, out DerReader body) || !reader.AtEnd || !body.TryReadSmall(out int version) || version != 1
            || !body.TryRead(DerTag.OctetString, out secret))
        {
            return false;
        }

        if (body.TryEnter(DerTag.ContextConstructed(0), out DerReader parameters))
        {
            if (!parameters.TryRead(DerTag.ObjectIdentifier, out ReadOnlySpan<byte> curve) || !TryCurve(curve, out PublicKeyKind inner) || (named ?? inner) != inner)
            {
                return false;
            }

            named = inner;
        }

        kind = named ?? default;
        return named is not null && secret.Length == (kind == PublicKeyKind.P256 ? 32 : 48);
    }

    private static bool TryCurve(ReadOnlySpan<byte> identifier, out PublicKeyKind kind)
    {
        kind = identifier.SequenceEqual(ObjectIdentifiers.Secp256r1) ? PublicKeyKind.P256 : PublicKeyKind.P384;
        return kind == PublicKeyKind.P256 || identifier.SequenceEqual(ObjectIdentifiers.Secp384r1);
    }
}
