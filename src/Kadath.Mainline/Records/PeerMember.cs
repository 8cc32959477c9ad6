using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Mainline.Records;

/// <summary>A peer of a torrent as it announced itself: 24 bytes. One per IP address and info-hash, in every scope (BEP 33).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly struct PeerMember : IRecordMember<PeerMember>
{
    /// <summary>The classes of IPv4 and IPv6 downloaders and seeds.</summary>
    public const int PeerV4 = 0, SeedV4 = 1, PeerV6 = 2, SeedV6 = 3;

    // How an IPv4 address stands among IPv6 ones; no IPv4-mapped IPv6 address ever gets here.
    private const ulong MappedPrefix = 0xffff_0000_0000;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ushort _port;
    private readonly byte _class;

    /// <summary>A peer.</summary>
    /// <param name="endpoint">Its address and the port on which it takes peers.</param>
    /// <param name="seed">It has the whole torrent.</param>
    /// <param name="scrapeHash">The bits of its address in filters: <see cref="Queries.ScrapeFilter.HashOf"/>.</param>
    public PeerMember(in Endpoint endpoint, bool seed, uint scrapeHash)
    {
        _high = endpoint.AddressHigh;
        _low = endpoint.IsV4 ? MappedPrefix | endpoint.AddressLow : endpoint.AddressLow;
        _port = endpoint.Port;
        _class = (byte)((endpoint.IsV4 ? PeerV4 : PeerV6) + (seed ? 1 : 0));
        ScrapeHash = scrapeHash;
    }

    /// <inheritdoc/>
    public static int IdentitySize => 16;

    /// <inheritdoc/>
    public int Class => _class;

    public bool Seed => (_class & 1) != 0;

    public uint ScrapeHash { get; }

    public Endpoint Endpoint => _class < PeerV6 ? Endpoint.V4((uint)_low, _port) : Endpoint.V6(_high, _low, _port);

    /// <inheritdoc/>
    public void WriteIdentity(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, _high);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], _low);
    }

    /// <inheritdoc/>
    public bool SameIdentity(in PeerMember other) => _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public bool Equals(PeerMember other) => SameIdentity(other) && _port == other._port && _class == other._class;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PeerMember other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_low ^ (int)(_low >> 32) ^ (int)_high ^ _port;
}
