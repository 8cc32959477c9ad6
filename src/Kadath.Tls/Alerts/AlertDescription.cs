namespace Kadath.Tls;

/// <summary>Why a connection ends (RFC 9846 section 6). Every alert but the first two is fatal whatever level it carries.</summary>
public enum AlertDescription : byte
{
    /// <summary>The sender will write no more; not an error.</summary>
    CloseNotify = 0,

    /// <summary>The sender cancels the handshake for a reason of its own.</summary>
    UserCanceled = 90,

    /// <summary>A message came that the receiver does not await.</summary>
    UnexpectedMessage = 10,

    /// <summary>A record did not open under the key of its sender.</summary>
    BadRecordMac = 20,

    /// <summary>A record is longer than allowed.</summary>
    RecordOverflow = 22,

    /// <summary>No acceptable set of parameters.</summary>
    HandshakeFailure = 40,

    /// <summary>A certificate is corrupt, or its signature wrong.</summary>
    BadCertificate = 42,

    /// <summary>A certificate of an unsupported type.</summary>
    UnsupportedCertificate = 43,

    /// <summary>A certificate was revoked.</summary>
    CertificateRevoked = 44,

    /// <summary>A certificate is out of its time.</summary>
    CertificateExpired = 45,

    /// <summary>A certificate is unacceptable for another reason.</summary>
    CertificateUnknown = 46,

    /// <summary>A field is out of range or contradicts another.</summary>
    IllegalParameter = 47,

    /// <summary>A chain leads to no trusted authority, or a key is not pinned.</summary>
    UnknownCa = 48,

    /// <summary>A valid certificate whose holder may not connect.</summary>
    AccessDenied = 49,

    /// <summary>A message cannot be decoded: a length is wrong, or a field out of its syntax.</summary>
    DecodeError = 50,

    /// <summary>A signature or Finished is wrong, or a binder does not verify.</summary>
    DecryptError = 51,

    /// <summary>The peer speaks no version that is supported.</summary>
    ProtocolVersion = 70,

    /// <summary>The peer's parameters are all weaker than the floor.</summary>
    InsufficientSecurity = 71,

    /// <summary>An error on the sender's side that has nothing to do with the peer.</summary>
    InternalError = 80,

    /// <summary>A client fell back to an older version for no reason.</summary>
    InappropriateFallback = 86,

    /// <summary>An extension is missing that the message must have.</summary>
    MissingExtension = 109,

    /// <summary>An extension stands in a message that must not have it, or answers nothing.</summary>
    UnsupportedExtension = 110,

    /// <summary>The server knows no such name.</summary>
    UnrecognizedName = 112,

    /// <summary>A certificate status is invalid.</summary>
    BadCertificateStatusResponse = 113,

    /// <summary>No such pre-shared key.</summary>
    UnknownPskIdentity = 115,

    /// <summary>The server demands a certificate of the client.</summary>
    CertificateRequired = 116,

    /// <summary>No application protocol in common (RFC 7301).</summary>
    NoApplicationProtocol = 120,
}
