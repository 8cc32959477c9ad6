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

    /// <summary>Experimental: X25519, then BIKE-L1 of round 4. The private code point of the Open Quantum Safe provider, whose layout is the same.</summary>
    X25519BIKEL1 = 0xfe12,

    /// <summary>Experimental: X25519, then FrodoKEM-640-AES, salted. The private code point of the Open Quantum Safe provider, whose layout is the same.</summary>
    X25519FrodoKEM640AES = 0xfe25,

    /// <summary>Experimental: X25519, then FrodoKEM-640-SHAKE, salted. The private code point of the Open Quantum Safe provider, whose layout is the same.</summary>
    X25519FrodoKEM640SHAKE = 0xfe28,

    /// <summary>Experimental: X25519, then FrodoKEM-976-SHAKE, salted. A code point of our own, which may change with every release.</summary>
    X25519FrodoKEM976SHAKE = 0xfee0,

    /// <summary>Experimental: X25519, then eFrodoKEM-640-SHAKE, which is for keys of one use as these are. A code point of our own, which may change with every release.</summary>
    X25519EFrodoKEM640SHAKE = 0xfee1,
}

/// <summary>What kind of group a code point is.</summary>
public static class NamedGroups
{
    /// <summary>Whether a group is a hybrid of RFC 10024: what the floors above <see cref="SecurityFloor.Classical"/> ask for.</summary>
    public static bool IsHybrid(NamedGroup group) => group is NamedGroup.X25519MLKEM768 or NamedGroup.SecP256r1MLKEM768 or NamedGroup.SecP384r1MLKEM1024;

    /// <summary>Whether a group has no standard: it is off unless a policy names it, satisfies no floor, and its code point may change.</summary>
    public static bool IsExperimental(NamedGroup group) => (ushort)group is >= 0xfe00 and <= 0xfeff;
}
