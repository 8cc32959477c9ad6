using System.Buffers.Binary;
using System.Runtime.Versioning;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// At which of this machine's addresses the latest peers asked a wildcard socket: what they are sent leaves from there, since a reply that
/// comes from another address answers nothing. Control messages of Linux (ip(7), RFC 3542) carry both.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class AskedAddresses
{
    /// <summary>Bytes of a control message at most: header, address and interface of IPv6, padded.</summary>
    public const int ControlSize = 40;

    // Those that may still wait for a reply, even one that waits for the disk; one that is forgotten is answered as the kernel sees fit. 48 KB.
    private const int Kept = 1024;

    private const int Header = 16, LevelV4 = 0, LevelV6 = 41, InfoV4 = 8, InfoV6 = 50, ReceiveInfoV6 = 49;
    private const int LengthV4 = Header + 12, LengthV6 = Header + 20, SpaceV4 = 32;

    private readonly (Endpoint Peer, Endpoint Asked)[] _latest = new (Endpoint, Endpoint)[Kept];

    /// <summary>The option that has a wildcard socket tell at which address a datagram came in.</summary>
    public static (int Level, int Name) Option(bool v6) => v6 ? (LevelV6, ReceiveInfoV6) : (LevelV4, InfoV4);

    /// <summary>Takes note of where a datagram came in.</summary>
    public void Remember(in Endpoint peer, ReadOnlySpan<byte> control)
    {
        if (TryRead(control, out Endpoint asked))
        {
            _latest[SlotOf(peer)] = (peer, asked);
        }
    }

    /// <summary>Writes the control message for a datagram to a peer; returns its size, or 0 where the kernel shall choose.</summary>
    public int Write(in Endpoint peer, Span<byte> control)
    {
        ref readonly (Endpoint Peer, Endpoint Asked) entry = ref _latest[SlotOf(peer)];
        if (entry.Peer != peer)
        {
            return 0;
        }

        control[..ControlSize].Clear();
        bool v6 = entry.Asked.IsV6;
        BinaryPrimitives.WriteInt64LittleEndian(control, v6 ? LengthV6 : LengthV4);
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], v6 ? LevelV6 : LevelV4);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], v6 ? InfoV6 : InfoV4);
        // The interface stays open: routing decides. IPv4 has it first, then the local address.
        entry.Asked.WriteAddress(control[(v6 ? Header : Header + 4)..]);
        return v6 ? ControlSize : SpaceV4;
    }

    /// <summary>An address has gone: better the kernel's choice than none.</summary>
    public void Forget() => Array.Clear(_latest);

    private static bool TryRead(ReadOnlySpan<byte> control, out Endpoint asked)
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

        // What came to a multicast address cannot leave from it; link-local ones would need their interface, which the kernel knows.
        return asked.Scope is AddressScope.Loopback or AddressScope.Private or AddressScope.Global;
    }

    private static int SlotOf(in Endpoint peer) => peer.GetHashCode() & (Kept - 1);
}
