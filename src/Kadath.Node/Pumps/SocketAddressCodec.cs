using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>Converts between endpoints and the socket addresses of the operating system, without allocating.</summary>
internal static class SocketAddressCodec
{
    /// <summary>Bytes of the larger structure, sockaddr_in6.</summary>
    public const int MaxSize = 28;

    private const int SizeV4 = 16;
    private const ushort LinuxFamilyV4 = 2;
    private const ushort LinuxFamilyV6 = 10;

    /// <summary>Reads address and port: both lie alike on every platform; only the family does not, so the caller gives it.</summary>
    public static Endpoint Read(ReadOnlySpan<byte> raw, bool v6)
    {
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(raw[2..]);
        return v6
            ? Endpoint.V6(BinaryPrimitives.ReadUInt64BigEndian(raw[8..]), BinaryPrimitives.ReadUInt64BigEndian(raw[16..]), port)
            : Endpoint.V4(BinaryPrimitives.ReadUInt32BigEndian(raw[4..]), port);
    }

    /// <summary>Reads what the Linux kernel wrote; false for a family other than the socket's own.</summary>
    public static bool TryReadLinux(ReadOnlySpan<byte> raw, out Endpoint endpoint)
    {
        ushort family = BinaryPrimitives.ReadUInt16LittleEndian(raw);
        bool known = family is LinuxFamilyV4 or LinuxFamilyV6;
        endpoint = known ? Read(raw, family == LinuxFamilyV6) : default;
        return known;
    }

    /// <summary>Writes for the Linux kernel and returns the size of the structure.</summary>
    public static int WriteLinux(in Endpoint endpoint, uint scopeId, Span<byte> raw)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(raw, endpoint.IsV6 ? LinuxFamilyV6 : LinuxFamilyV4);
        return WriteAddress(endpoint, scopeId, raw);
    }

    /// <summary>Writes port and address, leaving the family as it is, and returns the size of the structure.</summary>
    public static int WriteAddress(in Endpoint endpoint, uint scopeId, Span<byte> raw)
    {
        BinaryPrimitives.WriteUInt16BigEndian(raw[2..], endpoint.Port);
        if (!endpoint.IsV6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(raw[4..], endpoint.AddressV4);
            raw[8..SizeV4].Clear();
            return SizeV4;
        }

        BinaryPrimitives.WriteUInt32BigEndian(raw[4..], 0);
        BinaryPrimitives.WriteUInt64BigEndian(raw[8..], endpoint.AddressHigh);
        BinaryPrimitives.WriteUInt64BigEndian(raw[16..], endpoint.AddressLow);
        // A link-local address means nothing without the interface; the socket's own is the only one it can reach.
        bool linkLocal = endpoint.AddressHigh >> 54 == 0x3FA;
        BitConverter.TryWriteBytes(raw[24..], linkLocal ? scopeId : 0u);
        return MaxSize;
    }

    /// <summary>The endpoint for .NET's socket calls, with the interface of a link-local IPv6 address.</summary>
    public static IPEndPoint ToIPEndPoint(in Endpoint endpoint, uint scopeId)
    {
        Span<byte> bytes = stackalloc byte[16];
        int length = endpoint.WriteAddress(bytes);
        IPAddress address = endpoint.IsV6 && scopeId != 0 ? new(bytes[..length], scopeId) : new(bytes[..length]);
        return new(address, endpoint.Port);
    }

    /// <summary>The endpoint of an address of .NET.</summary>
    public static Endpoint FromIPAddress(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        return written == 4
            ? Endpoint.V4(BinaryPrimitives.ReadUInt32BigEndian(bytes), (ushort)port)
            : Endpoint.V6(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), (ushort)port);
    }

    /// <summary>The index of the interface that has this link-local IPv6 address, or 0.</summary>
    public static uint ScopeIdOf(in Endpoint local)
    {
        if (!local.IsV6 || local.Scope != AddressScope.LinkLocal)
        {
            return 0;
        }

        foreach (NetworkInterface nic in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (UnicastIPAddressInformation unicast in nic.GetIPProperties().UnicastAddresses)
            {
                if (unicast.Address.AddressFamily == AddressFamily.InterNetworkV6 && FromIPAddress(unicast.Address, 0).SameAddress(local))
                {
                    return (uint)unicast.Address.ScopeId;
                }
            }
        }

        return 0;
    }
}
