namespace Kadath.Tls;

/// <summary>What a Certificate message carries (RFC 7250).</summary>
public enum CertificateType : byte
{
    /// <summary>A chain of X.509 certificates, the end entity's first.</summary>
    X509 = 0,

    /// <summary>One SubjectPublicKeyInfo and nothing else.</summary>
    RawPublicKey = 2,
}
