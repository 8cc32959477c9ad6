namespace Kadath.Tls;

/// <summary>What the layer below adds to a handshake.</summary>
public sealed record TlsTransportOptions
{
    /// <summary>TLS records over a stream.</summary>
    public static TlsTransportOptions Records { get; } = new();

    /// <summary>What carries the handshake.</summary>
    public TlsTransport Kind { get; init; }

    /// <summary>The largest plaintext of a record that we take, type included (RFC 8449): 64 to 16385 bytes; null: the extension is not sent. Records only.</summary>
    public int? RecordSizeLimit { get; init; }

    /// <summary>Our transport parameters (RFC 9000 section 18). QUIC only, and needed there.</summary>
    public ReadOnlyMemory<byte> QuicParameters { get; init; }

    /// <summary>Whether secrets leave as <see cref="TlsEvent.SecretLogged"/>.</summary>
    public bool LogSecrets { get; init; }

    internal bool IsQuic => Kind == TlsTransport.Quic;

    internal void Validate()
    {
        if (RecordSizeLimit is < 64 or > 16385)
        {
            throw new ArgumentException("A record size limit is 64 to 16385 bytes.");
        }

        if (RecordSizeLimit is not null && IsQuic)
        {
            throw new ArgumentException("QUIC has no records.");
        }
    }
}

/// <summary>Rules that the options of both sides share.</summary>
internal static class OptionRules
{
    public static void RequireProtocols(IReadOnlyList<string> protocols)
    {
        if (protocols.Count > 64 || protocols.Any(name => name.Length is 0 or > 255 || !name.All(char.IsAscii)))
        {
            throw new ArgumentException("An application protocol has 1 to 255 ASCII characters, and there are at most 64.");
        }
    }

    public static void RequireTypes(IReadOnlyList<CertificateType> types)
    {
        if (types.Count is 0 or > 2 || types.Any(type => !Enum.IsDefined(type)) || types.Distinct().Count() != types.Count)
        {
            throw new ArgumentException("Certificate types are one or both of X509 and RawPublicKey.");
        }
    }
}
