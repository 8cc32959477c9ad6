namespace Kadath.Tls;

/// <summary>The fields of a TBSCertificate (RFC 5280 section 4.1.2).</summary>
internal ref struct CertificateFields
{
    // RFC 5280 section 4.1.2.2: at most twenty bytes.
    private const int MaxSerialNumber = 20;

    public ReadOnlySpan<byte> SerialNumber;
    public ReadOnlySpan<byte> Issuer;
    public ReadOnlySpan<byte> Subject;
    public ReadOnlySpan<byte> PublicKeyInfo;
    public DateTimeOffset NotBefore;
    public DateTimeOffset NotAfter;
    public CertificateExtensions Extensions;

    /// <summary>Reads the fields; the algorithm named inside must be the one named outside (RFC 5280 section 4.1.1.2).</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, ReadOnlySpan<byte> signatureAlgorithm, out CertificateFields fields)
    {
        fields = default;
        DerReader reader = new(body);
        if (!TryReadVersion(ref reader, out int version)
            || !reader.TryReadNatural(out fields.SerialNumber) || fields.SerialNumber.Length > MaxSerialNumber
            || !reader.TryRead(DerTag.Sequence, out _, out ReadOnlySpan<byte> algorithm) || !algorithm.SequenceEqual(signatureAlgorithm)
            || !reader.TryRead(DerTag.Sequence, out _, out fields.Issuer)
            || !reader.TryEnter(DerTag.Sequence, out DerReader validity)
            || !validity.TryReadTime(out fields.NotBefore) || !validity.TryReadTime(out fields.NotAfter) || !validity.AtEnd
            || !reader.TryRead(DerTag.Sequence, out _, out fields.Subject)
            || !reader.TryRead(DerTag.Sequence, out _, out fields.PublicKeyInfo))
        {
            return false;
        }

        // Unique identifiers: obsolete, and of no meaning to anybody; only version 2 and 3 may have them.
        for (int number = 1; number <= 2; number++)
        {
            if (reader.PeekTag == DerTag.Context(number) && (version == 0 || !reader.TryReadAny(out _, out _, out _)))
            {
                return false;
            }
        }

        if (reader.AtEnd)
        {
            return true;
        }

        return version == 2 && reader.TryEnter(DerTag.ContextConstructed(3), out DerReader wrapper) && reader.AtEnd
            && wrapper.TryEnter(DerTag.Sequence, out DerReader list) && wrapper.AtEnd
            && CertificateExtensions.TryParse(list, out fields.Extensions);
    }

    private static bool TryReadVersion(ref DerReader reader, out int version)
    {
        version = 0;
        if (reader.PeekTag != DerTag.ContextConstructed(0))
        {
            return true;
        }

        // Version 1 is the default, which DER does not write.
        return reader.TryEnter(DerTag.ContextConstructed(0), out DerReader wrapper) && wrapper.TryReadSmall(out version) && wrapper.AtEnd && version is 1 or 2;
    }
}
