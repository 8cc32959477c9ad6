using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>
/// What Mainline tells the engine about its contacts, whose handles are endpoints. Stateless: four instances, by family and by whether
/// BEP 42 exempts the scope, serve every node of a process.
/// </summary>
internal sealed class MainlineContactRules : IContactRules<Id160, Endpoint>
{
    private static readonly MainlineContactRules GlobalV4 = new(v6: false, exempt: false), GlobalV6 = new(v6: true, exempt: false);
    private static readonly MainlineContactRules LocalV4 = new(v6: false, exempt: true), LocalV6 = new(v6: true, exempt: true);

    private readonly bool _exempt;

    private MainlineContactRules(bool v6, bool exempt)
    {
        PackedSize = v6 ? Endpoint.CompactSizeV6 : Endpoint.CompactSizeV4;
        _exempt = exempt;
    }

    /// <inheritdoc/>
    public int PackedSize { get; }

    /// <inheritdoc/>
    public bool IdMayMove => false;

    /// <summary>The rules of a family and scope.</summary>
    public static MainlineContactRules Of(bool v6, AddressScope scope) => scope.IsLocal() ? v6 ? LocalV6 : LocalV4 : v6 ? GlobalV6 : GlobalV4;

    /// <inheritdoc/>
    public void Pack(in Endpoint handle, Span<byte> destination) => handle.WriteCompact(destination);

    /// <inheritdoc/>
    public Endpoint Unpack(ReadOnlySpan<byte> packed)
    {
        Endpoint.TryReadCompact(packed[..PackedSize], out Endpoint endpoint);
        return endpoint;
    }

    /// <inheritdoc/>
    public GroupKeys GroupsOf(in Endpoint handle) => _exempt ? new(SourceKey(handle, exempt: true), 0) : new(SourceKey(handle, exempt: false), SubnetKey(handle));

    /// <inheritdoc/>
    public int Preference(in Id160 id, in Endpoint handle) => !_exempt && SecureId.IsValid(id, handle, CryptoProvider.Default.Crc32C) ? 1 : 0;

    /// <inheritdoc/>
    public void Retain(in Endpoint handle)
    {
    }

    /// <inheritdoc/>
    public void Release(in Endpoint handle)
    {
    }

    /// <summary>One number per IP address, or per endpoint in scopes that BEP 42 exempts; never 0.</summary>
    public static ulong SourceKey(in Endpoint endpoint, bool exempt)
    {
        ulong port = exempt ? (ulong)endpoint.Port << 40 : 0;
        return endpoint.IsV4
            ? (1UL << 63) | port | endpoint.AddressV4
            : NotZero((endpoint.AddressHigh * 0x9E3779B97F4A7C15UL) ^ endpoint.AddressLow ^ port);
    }

    /// <summary>One number per /24 (IPv4) or /64 (IPv6); never 0.</summary>
    public static ulong SubnetKey(in Endpoint endpoint) =>
        endpoint.IsV4 ? (1UL << 62) | (endpoint.AddressV4 >> 8) : NotZero(endpoint.AddressHigh);

    // Every bit tells neighbours apart, the lowest too.
    private static ulong NotZero(ulong key) => key == 0 ? 1 : key;
}
