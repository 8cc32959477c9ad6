using System.Net;
using System.Text;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>Makes self-signed end-entity certificates: for tests, for pinned peers, and as the carrier of a libp2p identity.</summary>
public static class CertificateMaker
{
    // RFC 5280 section 4.1.2.2 allows twenty bytes; sixteen random ones never repeat.
    private const int SerialNumberBytes = 16;

    /// <summary>A certificate of our own key, signed by itself: CA:FALSE, digitalSignature, for servers and clients.</summary>
    /// <param name="key">The key that is certified and signs.</param>
    /// <param name="names">DNS names and IP addresses of the subject; the first also becomes its common name. None for a certificate without names.</param>
    /// <param name="validity">From when to when it is valid, by the calendar.</param>
    /// <param name="entropy">Makes the serial number, and hedges the signature.</param>
    /// <param name="extension">One more extension, already in DER; empty for none.</param>
    /// <exception cref="ArgumentException">A name is neither a DNS name nor an address.</exception>
    public static byte[] SelfSigned(
        SigningKey key, IReadOnlyList<string> names, (DateTimeOffset NotBefore, DateTimeOffset NotAfter) validity, KeyEntropy entropy, ReadOnlySpan<byte> extension = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(entropy);
        SignatureScheme scheme = key.Schemes[0];
        byte[] algorithm = CertificateSignatures.AlgorithmOf(key.Kind);
        byte[] subject = Name(names.Count > 0 ? names[0] : null);
        Span<byte> serial = stackalloc byte[SerialNumberBytes];
        entropy.Fill(serial);
        DerWriter body = new DerWriter().Begin(DerTag.Sequence)
            .Begin(DerTag.ContextConstructed(0)).Natural([2]).End()
            .Natural(serial)
            .Raw(algorithm)
            .Raw(subject)
            .Begin(DerTag.Sequence).Time(validity.NotBefore).Time(validity.NotAfter).End()
            .Raw(subject)
            .Raw(key.PublicKeyInfo.Span)
            .Begin(DerTag.ContextConstructed(3)).Begin(DerTag.Sequence);
        Extensions(body, names);
        byte[] toBeSigned = body.Raw(extension).End().End().End().ToArray();

        byte[] signature = new byte[SigningKey.MaxSignatureLength];
        int length = key.Kind == PublicKeyKind.Rsa
            ? throw new ArgumentException("certificates with RSA keys come from elsewhere", nameof(key))
            : key.Sign(scheme, toBeSigned, entropy, signature);
        return new DerWriter().Begin(DerTag.Sequence).Raw(toBeSigned).Raw(algorithm).BitString(signature.AsSpan(0, length)).End().ToArray();
    }

    private static byte[] Name(string? commonName)
    {
        DerWriter name = new DerWriter().Begin(DerTag.Sequence);
        if (commonName is not null)
        {
            name.Begin(DerTag.Set).Begin(DerTag.Sequence)
                .ObjectIdentifier(ObjectIdentifiers.CommonName).Element(DerTag.Utf8String, Encoding.UTF8.GetBytes(commonName))
                .End().End();
        }

        return name.End().ToArray();
    }

    private static void Extensions(DerWriter body, IReadOnlyList<string> names)
    {
        // An empty sequence says CA:FALSE. rustls and webpki refuse an authority as an end entity.
        Extension(body, ObjectIdentifiers.BasicConstraints, critical: true, new DerWriter().Begin(DerTag.Sequence).End());
        Extension(body, ObjectIdentifiers.KeyUsage, critical: true, new DerWriter().Element(DerTag.BitString, [7, 0x80]));
        Extension(body, ObjectIdentifiers.ExtendedKeyUsage, critical: false, new DerWriter().Begin(DerTag.Sequence)
            .ObjectIdentifier(ObjectIdentifiers.ServerAuthentication).ObjectIdentifier(ObjectIdentifiers.ClientAuthentication).End());
        if (names.Count == 0)
        {
            return;
        }

        DerWriter list = new DerWriter().Begin(DerTag.Sequence);
        foreach (string name in names)
        {
            if (HostNames.IsAddress(name, out IPAddress? address))
            {
                list.Element(DerTag.Context(7), address!.GetAddressBytes());
            }
            else if (HostNames.IsDnsName(name.StartsWith("*.", StringComparison.Ordinal) ? name.AsSpan(2) : name))
            {
                list.Element(DerTag.Context(2), Encoding.ASCII.GetBytes(name));
            }
            else
            {
                throw new ArgumentException($"'{name}' is neither a DNS name nor an address", nameof(names));
            }
        }

        Extension(body, ObjectIdentifiers.SubjectAltName, critical: false, list.End());
    }

    internal static void Extension(DerWriter body, ReadOnlySpan<byte> identifier, bool critical, DerWriter value)
    {
        body.Begin(DerTag.Sequence).ObjectIdentifier(identifier);
        if (critical)
        {
            body.Element(DerTag.Boolean, [0xff]);
        }

        body.Element(DerTag.OctetString, value.ToArray()).End();
    }
}
