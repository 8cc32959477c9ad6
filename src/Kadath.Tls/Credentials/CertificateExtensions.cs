namespace Kadath.Tls;

/// <summary>The extensions of a certificate that matter to TLS (RFC 5280 section 4.2).</summary>
internal ref struct CertificateExtensions
{
    // Certificates in use have about ten; each costs a look-up.
    private const int MaxExtensions = 64;

    public bool IsAuthority;
    public KeyUsages? KeyUsage;
    public ExtendedKeyUsages? ExtendedKeyUsage;
    public ReadOnlySpan<byte> SubjectNames;
    public ReadOnlySpan<byte> LibP2p;
    public bool HasUnknownCritical;

    [Flags]
    private enum Seen
    {
        None = 0,
        BasicConstraints = 1,
        KeyUsage = 2,
        ExtendedKeyUsage = 4,
        SubjectNames = 8,
        LibP2p = 16,
    }

    /// <summary>Reads the list: at least one extension, none of those known here twice.</summary>
    public static bool TryParse(DerReader list, out CertificateExtensions extensions)
    {
        extensions = default;
        Seen seen = Seen.None;
        int count = 0;
        do
        {
            if (++count > MaxExtensions || !list.TryEnter(DerTag.Sequence, out DerReader extension)
                || !extension.TryRead(DerTag.ObjectIdentifier, out ReadOnlySpan<byte> identifier))
            {
                return false;
            }

            bool critical = false;
            if (extension.PeekTag == DerTag.Boolean && (!extension.TryReadBoolean(out critical) || !critical))
            {
                return false;
            }

            if (!extension.TryRead(DerTag.OctetString, out ReadOnlySpan<byte> value) || !extension.AtEnd || !extensions.TryTake(identifier, value, critical, ref seen))
            {
                return false;
            }
        }
        while (!list.AtEnd);
        return true;
    }

    private bool TryTake(ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> value, bool critical, ref Seen seen)
    {
        Seen which = identifier.SequenceEqual(ObjectIdentifiers.BasicConstraints) ? Seen.BasicConstraints
            : identifier.SequenceEqual(ObjectIdentifiers.KeyUsage) ? Seen.KeyUsage
            : identifier.SequenceEqual(ObjectIdentifiers.ExtendedKeyUsage) ? Seen.ExtendedKeyUsage
            : identifier.SequenceEqual(ObjectIdentifiers.SubjectAltName) ? Seen.SubjectNames
            : identifier.SequenceEqual(ObjectIdentifiers.LibP2pPublicKey) ? Seen.LibP2p
            : Seen.None;
        if ((seen & which) != 0)
        {
            return false;
        }

        seen |= which;
        switch (which)
        {
            case Seen.BasicConstraints: return TryTakeBasicConstraints(value);
            case Seen.KeyUsage: return TryTakeKeyUsage(value);
            case Seen.ExtendedKeyUsage: return TryTakeExtendedKeyUsage(value);
            case Seen.SubjectNames:
                SubjectNames = value;
                return Tls.SubjectNames.IsWellFormed(value);
            case Seen.LibP2p:
                LibP2p = value;
                return !value.IsEmpty;
            default:
                HasUnknownCritical |= critical;
                return true;
        }
    }

    private bool TryTakeBasicConstraints(ReadOnlySpan<byte> value)
    {
        DerReader reader = new(value);
        if (!reader.TryEnter(DerTag.Sequence, out DerReader body) || !reader.AtEnd)
        {
            return false;
        }

        // FALSE is the default; DER does not write it, though some makers do.
        if (body.PeekTag == DerTag.Boolean && !body.TryReadBoolean(out IsAuthority))
        {
            return false;
        }

        return body.AtEnd || (IsAuthority && body.TryReadSmall(out _) && body.AtEnd);
    }

    private bool TryTakeKeyUsage(ReadOnlySpan<byte> value)
    {
        DerReader reader = new(value);
        bool ok = reader.TryReadNamedBits(out ushort bits) && reader.AtEnd;
        KeyUsage = (KeyUsages)bits;
        return ok;
    }

    private bool TryTakeExtendedKeyUsage(ReadOnlySpan<byte> value)
    {
        DerReader reader = new(value);
        ExtendedKeyUsages purposes = ExtendedKeyUsages.None;
        if (!reader.TryEnter(DerTag.Sequence, out DerReader list) || !reader.AtEnd || list.AtEnd)
        {
            return false;
        }

        while (!list.AtEnd)
        {
            if (!list.TryRead(DerTag.ObjectIdentifier, out ReadOnlySpan<byte> purpose))
            {
                return false;
            }

            purposes |= purpose.SequenceEqual(ObjectIdentifiers.ServerAuthentication) ? ExtendedKeyUsages.Server
                : purpose.SequenceEqual(ObjectIdentifiers.ClientAuthentication) ? ExtendedKeyUsages.Client
                : purpose.SequenceEqual(ObjectIdentifiers.AnyPurpose) ? ExtendedKeyUsages.Any
                : ExtendedKeyUsages.Other;
        }

        ExtendedKeyUsage = purposes;
        return true;
    }
}
