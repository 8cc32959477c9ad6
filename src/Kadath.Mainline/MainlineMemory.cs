using Kadath.Kademlia;
using Kadath.Mainline.Addresses;
using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>
/// Memory that the Mainline machines of one loop share, so that a process can hold a hundred thousand of them: rows of routing tables and
/// idle lookups. Single-threaded, like the machines.
/// </summary>
public sealed class MainlineMemory
{
    private readonly MainlineContactRules?[] _rules = new MainlineContactRules?[4];

    internal ContactSlab<Id160, Endpoint> V4 { get; } = new(Endpoint.CompactSizeV4);

    internal ContactSlab<Id160, Endpoint> V6 { get; } = new(Endpoint.CompactSizeV6);

    internal LookupPool<Id160, Endpoint> Lookups { get; } = new();

    /// <summary>The rules of a family and scope; their secret comes from the first machine that needs them.</summary>
    internal MainlineContactRules RulesOf(bool v6, AddressScope scope, EntropyTree entropy)
    {
        int number = (v6 ? 1 : 0) + (scope.IsLocal() ? 2 : 0);
        return _rules[number] ??= new(v6, scope.IsLocal(), entropy.Child(3).Stream((ulong)number));
    }
}
