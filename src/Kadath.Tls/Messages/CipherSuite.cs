namespace Kadath.Tls;

/// <summary>Cipher suites of TLS 1.3 by their code points (RFC 9846 appendix B.4).</summary>
public enum CipherSuite : ushort
{
    /// <summary>AES-128-GCM with SHA-256.</summary>
    Aes128GcmSha256 = 0x1301,

    /// <summary>AES-256-GCM with SHA-384.</summary>
    Aes256GcmSha384 = 0x1302,

    /// <summary>ChaCha20-Poly1305 with SHA-256.</summary>
    ChaCha20Poly1305Sha256 = 0x1303,
}
