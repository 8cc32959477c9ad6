using System.Buffers.Binary;
using System.Runtime.Versioning;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>The control messages of Linux (ip(7), RFC 3542) in which a wildcard socket learns where it was asked, and says where a datagram shall leave from.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxPacketInfo
{
    /// <summary>Bytes of a control message at most: header, address and interface of IPv6, padded.</summary>
    public const int ControlSize = 40;

    private const int Header = 16, LevelV4 = 0, LevelV6 = 41, InfoV4 = 8, InfoV6 = 50, ReceiveInfoV6 = 49;
    private const int LengthV4 = Header + 12, LengthV6 = Header + 20, SpaceV4 = 32;

    /// <summary>The option that has a wildcard socket tell at which address a datagram came in.</summary>
    public static (int Level, int Name) Option(bool v6) => v6 ? (LevelV6, ReceiveInfoV6) : (LevelV4, InfoV4);

    /// <summary>Where a datagram came in, if a reply can leave from there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> control, out Endpoint asked)
    {
        asked = default;
        if (control.Length < LengthV4)
        {
            return false;
        }

        int level = BinaryPrimitives.ReadInt32LittleEndian(control[8..]), kind = BinaryPrimitives.ReadInt32LittleEndian(control[12..]);
        if (level == LevelV4 && kind == InfoV4)
        {
            asked = Endpoint.V4(BinaryPrimitives.ReadUInt32BigEndian(control[(Header + 4)..]), 0);
        }
        else if (level == LevelV6 && kind == InfoV6 && control.Length >= LengthV6)
        {
            asked = Endpoint.V6(BinaryPrimitives.ReadUInt64BigEndian(control[Header..]), BinaryPrimitives.ReadUInt64BigEndian(control[(Header + 8)..]), 0);
        }

        return AskedAddresses<Endpoint>.CanAnswer(asked);
    }

    /// <summary>Writes the control message that has a datagram leave from an address; returns its size.</summary>
    public static int Write(in Endpoint from, Span<byte> control)
    {
        control[..ControlSize].Clear();
        bool v6 = from.IsV6;
        BinaryPrimitives.WriteInt64LittleEndian(control, v6 ? LengthV6 : LengthV4);
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], v6 ? LevelV6 : LevelV4);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], v6 ? InfoV6 : InfoV4);
        // The interface stays open: routing decides. IPv4 has it first, then the local address.
        from.WriteAddress(control[(v6 ? Header : Header + 4)..]);
        return v6 ? ControlSize : SpaceV4;
    }
}
