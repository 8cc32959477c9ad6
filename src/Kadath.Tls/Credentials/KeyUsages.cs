namespace Kadath.Tls;

/// <summary>What a certificate permits its key to do (RFC 5280 section 4.2.1.3).</summary>
[Flags]
public enum KeyUsages
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Signing other things than certificates: what TLS 1.3 asks for.</summary>
    DigitalSignature = 0x8000,

    /// <summary>Signing what shall not be denied.</summary>
    NonRepudiation = 0x4000,

    /// <summary>Transporting keys, as RSA did in earlier TLS.</summary>
    KeyEncipherment = 0x2000,

    /// <summary>Enciphering data.</summary>
    DataEncipherment = 0x1000,

    /// <summary>Agreeing on keys.</summary>
    KeyAgreement = 0x0800,

    /// <summary>Signing certificates.</summary>
    CertificateSign = 0x0400,

    /// <summary>Signing revocation lists.</summary>
    RevocationListSign = 0x0200,

    /// <summary>Only enciphering, in key agreement.</summary>
    EncipherOnly = 0x0100,

    /// <summary>Only deciphering, in key agreement.</summary>
    DecipherOnly = 0x0080,
}

/// <summary>The purposes a certificate limits its key to (RFC 5280 section 4.2.1.12).</summary>
[Flags]
public enum ExtendedKeyUsages
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Authenticating a TLS server.</summary>
    Server = 1,

    /// <summary>Authenticating a TLS client.</summary>
    Client = 2,

    /// <summary>Any purpose.</summary>
    Any = 4,

    /// <summary>A purpose that TLS does not know.</summary>
    Other = 8,
}
