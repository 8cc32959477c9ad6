namespace Kadath.Tls;

/// <summary>Groups for key exchange by their code points (RFC 9846 section 4.2.7; RFC 10024 for the hybrids). Any other number is a group that is not supported.</summary>
public enum NamedGroup : ushort
{
    /// <summary>P-256, uncompressed points only.</summary>
    Secp256r1 = 0x0017,

    /// <summary>P-384, uncompressed points only.</summary>
    Secp384r1 = 0x0018,

    /// <summary>X25519 (RFC 7748).</summary>
    X25519 = 0x001d,

    /// <summary>P-256, then ML-KEM-768.</summary>
    SecP256r1MLKEM768 = 0x11eb,

    /// <summary>ML-KEM-768, then X25519: the group that is preferred.</summary>
    X25519MLKEM768 = 0x11ec,

    /// <summary>P-384, then ML-KEM-1024.</summary>
    SecP384r1MLKEM1024 = 0x11ed,
}
