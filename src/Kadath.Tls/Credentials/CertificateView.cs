namespace Kadath.Tls;

/// <summary>
/// What an X.509 certificate says (RFC 5280), as slices of its bytes. Parsing judges the shape and trusts nothing: whoever asks for a chain,
/// a pin or a name checks that elsewhere. It never throws, allocates nothing, and accepts strict DER only.
/// </summary>
public readonly ref struct CertificateView
{
    /// <summary>No certificate is longer: what one handshake message may carry (64 KiB) would hold no second one.</summary>
    public const int MaxLength = 64 * 1024;

    private readonly CertificateExtensions _extensions;

    private CertificateView(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> toBeSigned, scoped in CertificateFields fields, ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> signature)
    {
        Encoded = encoded;
        ToBeSigned = toBeSigned;
        SerialNumber = fields.SerialNumber;
        Issuer = fields.Issuer;
        Subject = fields.Subject;
        PublicKeyInfo = fields.PublicKeyInfo;
        NotBefore = fields.NotBefore;
        NotAfter = fields.NotAfter;
        _extensions = fields.Extensions;
        SignatureAlgorithm = algorithm;
        Signature = signature;
    }

    /// <summary>The whole certificate.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>The part that is signed.</summary>
    public ReadOnlySpan<byte> ToBeSigned { get; }

    /// <summary>The serial number: a magnitude, without leading zeros.</summary>
    public ReadOnlySpan<byte> SerialNumber { get; }

    /// <summary>The issuer's Name in DER.</summary>
    public ReadOnlySpan<byte> Issuer { get; }

    /// <summary>The subject's Name in DER.</summary>
    public ReadOnlySpan<byte> Subject { get; }

    /// <summary>The public key in DER; <see cref="SubjectPublicKeyInfo.TryParse"/> says whether it is of a known kind.</summary>
    public ReadOnlySpan<byte> PublicKeyInfo { get; }

    /// <summary>The first second at which it is valid.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>The last second at which it is valid.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The AlgorithmIdentifier of the issuer's signature, in DER.</summary>
    public ReadOnlySpan<byte> SignatureAlgorithm { get; }

    /// <summary>The issuer's signature.</summary>
    public ReadOnlySpan<byte> Signature { get; }

    /// <summary>Whether the subject may issue certificates (basicConstraints); false where the extension is absent.</summary>
    public bool IsAuthority => _extensions.IsAuthority;

    /// <summary>What the key may be used for; null where the extension is absent, which permits everything.</summary>
    public KeyUsages? KeyUsage => _extensions.KeyUsage;

    /// <summary>The purposes the key is limited to; null where the extension is absent, which permits everything.</summary>
    public ExtendedKeyUsages? ExtendedKeyUsage => _extensions.ExtendedKeyUsage;

    /// <summary>The names of the subject (subjectAltName); empty where the extension is absent.</summary>
    public SubjectNames Names => new(_extensions.SubjectNames);

    /// <summary>The content of libp2p's extension 1.3.6.1.4.1.53594.1.1; empty where it is absent.</summary>
    public ReadOnlySpan<byte> LibP2pExtension => _extensions.LibP2p;

    /// <summary>Whether an extension that this parser does not know is marked critical: then the certificate must not be relied on (RFC 5280 section 4.2).</summary>
    public bool HasUnknownCriticalExtension => _extensions.HasUnknownCritical;

    /// <summary>Whether issuer and subject are the same name, as of a self-signed certificate.</summary>
    public bool IsSelfIssued => Issuer.SequenceEqual(Subject);

    /// <summary>Whether it is valid at this moment of the calendar.</summary>
    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now <= NotAfter;

    /// <summary>Whether the key may sign a TLS 1.3 handshake as server or as client: keyUsage and extendedKeyUsage permit it where they are present.</summary>
    public bool MayAuthenticate(bool server)
    {
        ExtendedKeyUsages wanted = ExtendedKeyUsages.Any | (server ? ExtendedKeyUsages.Server : ExtendedKeyUsages.Client);
        return (KeyUsage is not { } usage || usage.HasFlag(KeyUsages.DigitalSignature)) && (ExtendedKeyUsage is not { } purposes || (purposes & wanted) != 0);
    }

    /// <summary>Reads a certificate; false for anything that is not exactly one, in strict DER.</summary>
    public static bool TryParse(ReadOnlySpan<byte> encoded, out CertificateView certificate)
    {
        certificate = default;
        DerReader reader = new(encoded);
        if (encoded.Length > MaxLength || !reader.TryEnter(DerTag.Sequence, out DerReader outer) || !reader.AtEnd
            || !outer.TryRead(DerTag.Sequence, out ReadOnlySpan<byte> body, out ReadOnlySpan<byte> toBeSigned)
            || !outer.TryRead(DerTag.Sequence, out _, out ReadOnlySpan<byte> algorithm)
            || !outer.TryReadBitString(out ReadOnlySpan<byte> signature) || !outer.AtEnd
            || !CertificateFields.TryParse(body, algorithm, out CertificateFields fields))
        {
            return false;
        }

        certificate = new CertificateView(encoded, toBeSigned, fields, algorithm, signature);
        return true;
    }
}
