using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>
/// Memory that the Mainline machines of one loop share, so that a process can hold a hundred thousand of them: rows of routing tables and
/// idle lookups. Single-threaded, like the machines.
/// </summary>
public sealed class MainlineMemory
{
    internal ContactSlab<Id160, Endpoint> V4 { get; } = new(Endpoint.CompactSizeV4);

    internal ContactSlab<Id160, Endpoint> V6 { get; } = new(Endpoint.CompactSizeV6);

    internal LookupPool<Id160, Endpoint> Lookups { get; } = new();
}
