using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// At which of this machine's addresses the latest peers asked a wildcard socket: what they are sent leaves from there, since a reply that
/// comes from another address answers nothing.
/// </summary>
/// <typeparam name="TAddress">How a pump names one of the machine's addresses.</typeparam>
internal sealed class AskedAddresses<TAddress>
{
    // Those that may still wait for a reply, even one that waits for the disk; one that is forgotten is answered as the kernel sees fit. 48 KB.
    private const int Kept = 1024;

    private readonly (Endpoint Peer, TAddress Asked)[] _latest = new (Endpoint, TAddress)[Kept];

    /// <summary>
    /// Whether a reply can leave from this address as it stands: what came to a multicast address cannot, and a link-local one would need its
    /// interface, which the kernel knows.
    /// </summary>
    public static bool CanAnswer(in Endpoint asked) => asked.Scope is AddressScope.Loopback or AddressScope.Private or AddressScope.Global;

    /// <summary>Takes note of where a peer asked.</summary>
    public void Remember(in Endpoint peer, TAddress asked) => _latest[SlotOf(peer)] = (peer, asked);

    /// <summary>Where a peer asked the last time, if that is known.</summary>
    public bool TryGet(in Endpoint peer, out TAddress asked)
    {
        ref readonly (Endpoint Peer, TAddress Asked) entry = ref _latest[SlotOf(peer)];
        asked = entry.Asked;
        return entry.Peer == peer;
    }

    /// <summary>An address has gone: better the kernel's choice than none.</summary>
    public void Forget() => Array.Clear(_latest);

    private static int SlotOf(in Endpoint peer) => peer.GetHashCode() & (Kept - 1);
}
