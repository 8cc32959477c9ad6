namespace Kadath.Primitives;

/// <summary>How far an address reaches. A socket accepts contacts of its own scope only.</summary>
public enum AddressScope : byte
{
    /// <summary>No unicast address at all: unspecified, multicast, broadcast, reserved, IPv4-mapped IPv6.</summary>
    None,

    /// <summary>127.0.0.0/8 and ::1.</summary>
    Loopback,

    /// <summary>169.254.0.0/16 and fe80::/10.</summary>
    LinkLocal,

    /// <summary>RFC 1918, RFC 6598 (100.64.0.0/10) and fc00::/7.</summary>
    Private,

    /// <summary>Everything else: reachable, as far as the address tells, from the whole Internet.</summary>
    Global,
}
