using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Kadath.Primitives;

/// <summary>
/// An IP address and a UDP or TCP port as a value of 20 bytes. The default value is no endpoint (<see cref="IsValid"/> is false).
/// IPv4 and IPv6 are different families: an IPv4-mapped IPv6 address stays IPv6 and has scope <see cref="AddressScope.None"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct Endpoint : IEquatable<Endpoint>, IComparable<Endpoint>
{
    /// <summary>Bytes of a compact IPv4 endpoint (BEP 5 "compact IP-address/port info").</summary>
    public const int CompactSizeV4 = 6;

    /// <summary>Bytes of a compact IPv6 endpoint (BEP 32).</summary>
    public const int CompactSizeV6 = 18;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ushort _port;
    private readonly byte _family;
    private readonly byte _reserved;

    private Endpoint(ulong high, ulong low, ushort port, byte family)
    {
        _high = high;
        _low = low;
        _port = port;
        _family = family;
        _reserved = 0;
    }

    /// <summary>An IPv4 endpoint from an address in host order (127.0.0.1 is 0x7f000001).</summary>
    public static Endpoint V4(uint address, ushort port) => new(0, address, port, 4);

    /// <summary>An IPv6 endpoint from the two halves of its address in host order.</summary>
    public static Endpoint V6(ulong high, ulong low, ushort port) => new(high, low, port, 6);

    /// <summary>True unless this is the default value.</summary>
    public bool IsValid => _family != 0;

    /// <summary>True for IPv4.</summary>
    public bool IsV4 => _family == 4;

    /// <summary>True for IPv6.</summary>
    public bool IsV6 => _family == 6;

    /// <summary>The port; 0 is a placeholder that nobody can be sent to.</summary>
    public ushort Port => _port;

    /// <summary>The IPv4 address in host order; meaningless for IPv6.</summary>
    public uint AddressV4 => (uint)_low;

    /// <summary>The upper 64 bits of an IPv6 address in host order; 0 for IPv4.</summary>
    public ulong AddressHigh => _high;

    /// <summary>The lower 64 bits of an IPv6 address, or the IPv4 address, in host order.</summary>
    public ulong AddressLow => _low;

    /// <summary>6 for IPv4, 18 for IPv6, 0 for no endpoint.</summary>
    public int CompactSize => _family switch { 4 => CompactSizeV4, 6 => CompactSizeV6, _ => 0 };

    /// <summary>How far the address reaches.</summary>
    public AddressScope Scope => AddressScopes.Of(this);

    /// <summary>The same address with another port.</summary>
    public Endpoint WithPort(ushort port) => new(_high, _low, port, _family);

    /// <summary>True if both have the same family and address, whatever their ports.</summary>
    public bool SameAddress(in Endpoint other) => _low == other._low && _high == other._high && _family == other._family;

    /// <summary>Reads a compact endpoint of 6 or 18 bytes; false for every other length.</summary>
    public static bool TryReadCompact(ReadOnlySpan<byte> compact, out Endpoint endpoint)
    {
        switch (compact.Length)
        {
            case CompactSizeV4:
                endpoint = V4(BinaryPrimitives.ReadUInt32BigEndian(compact), BinaryPrimitives.ReadUInt16BigEndian(compact[4..]));
                return true;
            case CompactSizeV6:
                endpoint = V6(BinaryPrimitives.ReadUInt64BigEndian(compact), BinaryPrimitives.ReadUInt64BigEndian(compact[8..]), BinaryPrimitives.ReadUInt16BigEndian(compact[16..]));
                return true;
            default:
                endpoint = default;
                return false;
        }
    }

    /// <summary>Writes <see cref="CompactSize"/> bytes in network order and returns their number.</summary>
    public int WriteCompact(Span<byte> destination)
    {
        switch (_family)
        {
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
                BinaryPrimitives.WriteUInt16BigEndian(destination[4..], _port);
                return CompactSizeV4;
            case 6:
                BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
                BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
                BinaryPrimitives.WriteUInt16BigEndian(destination[16..], _port);
                return CompactSizeV6;
            default:
                return 0;
        }
    }

    /// <summary>Writes the 4 or 16 bytes of the address in network order and returns their number.</summary>
    public int WriteAddress(Span<byte> destination)
    {
        if (_family == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        return 16;
    }

    /// <summary>Parses "127.0.0.1:6881" or "[::1]:6881". Host names, scope ids and missing ports are refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Endpoint endpoint)
    {
        endpoint = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        ReadOnlySpan<char> host = text[..colon];
        bool bracketed = host is ['[', .., ']'];
        return TryParseAddress(bracketed ? host[1..^1] : host, port, out endpoint) && endpoint.IsV6 == bracketed;
    }

    /// <summary>Parses a bare address ("127.0.0.1", "::1") and gives it a port. IPv4 must have four decimal parts.</summary>
    public static bool TryParseAddress(ReadOnlySpan<char> text, ushort port, out Endpoint endpoint)
    {
        endpoint = default;
        if (text.Contains('%') || !IPAddress.TryParse(text, out IPAddress? address) || (!text.Contains(':') && text.Count('.') != 3))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        endpoint = written == 4
            ? V4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port)
            : V6(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), port);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Endpoint other) =>
        _low == other._low && _high == other._high && _port == other._port && _family == other._family;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Endpoint other && Equals(other);

    /// <summary>A stable mix of address and port; bounded tables that face peers must key it with a secret first.</summary>
    public override int GetHashCode()
    {
        ulong mixed = (_high ^ (_low * 0x9E3779B97F4A7C15UL) ^ ((ulong)_port << 48)) * 0xD6E8FEB86659FD93UL;
        return (int)(mixed >> 32);
    }

    /// <summary>Orders by family, address, port.</summary>
    public int CompareTo(Endpoint other)
    {
        int order = _family.CompareTo(other._family);
        order = order != 0 ? order : _high.CompareTo(other._high);
        order = order != 0 ? order : _low.CompareTo(other._low);
        return order != 0 ? order : _port.CompareTo(other._port);
    }

    /// <summary>Equal family, address and port.</summary>
    public static bool operator ==(Endpoint a, Endpoint b) => a.Equals(b);

    /// <summary>Different family, address or port.</summary>
    public static bool operator !=(Endpoint a, Endpoint b) => !a.Equals(b);

    /// <summary>The bare address, without brackets or port.</summary>
    public string AddressText()
    {
        if (!IsValid)
        {
            return "none";
        }

        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..WriteAddress(bytes)]).ToString();
    }

    /// <summary>"127.0.0.1:6881" or "[::1]:6881"; "none" for no endpoint.</summary>
    public override string ToString() => _family switch
    {
        4 => string.Create(CultureInfo.InvariantCulture, $"{AddressText()}:{_port}"),
        6 => string.Create(CultureInfo.InvariantCulture, $"[{AddressText()}]:{_port}"),
        _ => "none",
    };
}
