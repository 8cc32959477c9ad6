namespace Kadath.Tls;

/// <summary>Handshake messages (RFC 9846 section 4).</summary>
internal enum HandshakeType : byte
{
    ClientHello = 1,
    ServerHello = 2,
    NewSessionTicket = 4,
    EndOfEarlyData = 5,
    EncryptedExtensions = 8,
    Certificate = 11,
    CertificateRequest = 13,
    CertificateVerify = 15,
    Finished = 20,
    KeyUpdate = 24,
    MessageHash = 254,
}

/// <summary>Extensions that this library writes or reads. Every other one is skipped where it may stand, GREASE (RFC 8701) among them.</summary>
internal enum ExtensionType : ushort
{
    ServerName = 0,
    SupportedGroups = 10,
    SignatureAlgorithms = 13,
    Alpn = 16,
    ClientCertificateType = 19,
    ServerCertificateType = 20,
    RecordSizeLimit = 28,
    PreSharedKey = 41,
    EarlyData = 42,
    SupportedVersions = 43,
    Cookie = 44,
    PskKeyExchangeModes = 45,
    CertificateAuthorities = 47,
    PostHandshakeAuth = 49,
    SignatureAlgorithmsCert = 50,
    KeyShare = 51,
    QuicTransportParameters = 57,
}

internal static class Versions
{
    public const ushort Tls12 = 0x0303;
    public const ushort Tls13 = 0x0304;
}

/// <summary>Bounds on what a peer can make us keep before it has proven anything.</summary>
internal static class HandshakeLimits
{
    /// <summary>A ClientHello: two hybrid shares, a sealed ticket with a chain and room for others' extensions; experimental KEMs come to 32 kB.</summary>
    public const int ClientHello = 64 * 1024;

    /// <summary>A Certificate message: five certificates of ML-DSA-87 with signatures.</summary>
    public const int Certificate = 64 * 1024;

    /// <summary>Any other message.</summary>
    public const int Other = 20 * 1024;

    /// <summary>A ticket that a client keeps, to send it in a hello of at most 64 KiB; a longer one is forgotten. Servers with certificates of clients in them come to 4 KiB.</summary>
    public const int Ticket = 16 * 1024;

    /// <summary>A cookie that a client sends back in such a hello; servers need a hash and a little more.</summary>
    public const int Cookie = 8 * 1024;

    /// <summary>Certificates in a chain: as the platform's chain engine would not follow more either.</summary>
    public const int Chain = 10;

    /// <summary>Extensions in a message: browsers send 20.</summary>
    public const int Extensions = 64;

    /// <summary>Bytes that wait while the caller answers a pause.</summary>
    public const int Buffered = 128 * 1024;

    public static int Of(HandshakeType type) => type switch
    {
        HandshakeType.ClientHello => ClientHello,
        HandshakeType.Certificate => Certificate,
        _ => Other,
    };
}
