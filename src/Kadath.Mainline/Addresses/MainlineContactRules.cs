using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>
/// What Mainline tells the engine about its contacts, whose handles are endpoints. Four instances, by family and by whether BEP 42 exempts
/// the scope, serve every node of a loop: <see cref="MainlineMemory"/> keeps them.
/// </summary>
internal sealed class MainlineContactRules : IContactRules<Id160, Endpoint>
{
    private readonly bool _exempt;
    private readonly AddressHash _hash;

    /// <param name="v6">The family.</param>
    /// <param name="exempt">Whether BEP 42 exempts the scope.</param>
    /// <param name="entropy">The secret under which an IPv6 address becomes a number.</param>
    public MainlineContactRules(bool v6, bool exempt, EntropyStream entropy)
    {
        _hash = new(entropy);
        PackedSize = v6 ? Endpoint.CompactSizeV6 : Endpoint.CompactSizeV4;
        _exempt = exempt;
    }

    /// <inheritdoc/>
    public int PackedSize { get; }

    /// <inheritdoc/>
    public bool IdMayMove => false;

    /// <inheritdoc/>
    public void Pack(in Endpoint handle, Span<byte> destination) => handle.WriteCompact(destination);

    /// <inheritdoc/>
    public Endpoint Unpack(ReadOnlySpan<byte> packed)
    {
        Endpoint.TryReadCompact(packed[..PackedSize], out Endpoint endpoint);
        return endpoint;
    }

    /// <inheritdoc/>
    public GroupKeys GroupsOf(in Endpoint handle) => new(SourceKey(handle), _exempt ? 0 : SubnetKey(handle));

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

    /// <summary>
    /// One number per IP address, or per endpoint in scopes that BEP 42 exempts; never 0. An IPv4 endpoint is its own number, an IPv6 one
    /// has 128 bits and more, and is hashed under a secret, so that nobody can take another address's place.
    /// </summary>
    public ulong SourceKey(in Endpoint endpoint)
    {
        ushort port = _exempt ? endpoint.Port : (ushort)0;
        return endpoint.IsV4 ? (1UL << 63) | ((ulong)port << 40) | endpoint.AddressV4 : NotZero(_hash.Of(endpoint, port));
    }

    /// <summary>One number per /24 (IPv4) or /64 (IPv6); never 0.</summary>
    public static ulong SubnetKey(in Endpoint endpoint) =>
        endpoint.IsV4 ? (1UL << 62) | (endpoint.AddressV4 >> 8) : NotZero(endpoint.AddressHigh);

    // Every bit tells neighbours apart, the lowest too.
    private static ulong NotZero(ulong key) => key == 0 ? 1 : key;
}
