using Kadath.Kademlia;
using Kadath.Mainline.Addresses;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Rpc;
using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>
/// Memory that the Mainline machines of one loop share, so that a process can hold a hundred thousand of them: rows of routing tables and
/// idle lookups. Single-threaded, like the machines.
/// </summary>
public sealed class MainlineMemory
{
    private readonly MainlineContactRules?[] _rules = new MainlineContactRules?[4];
    // 64 queries at once are two busy lookups; together at most some 20 MB are kept for nodes that will ask again.
    private const int LargestKept = 64, MostKept = 4096;

    private readonly Stack<RpcTable> _calls = new();
    private MainlineConstants? _constants;
    private (LookupOptions Plain, LookupOptions Extended)[] _byPaths = [];

    internal ContactSlab<Id160, Endpoint> V4 { get; } = new(Endpoint.CompactSizeV4);

    internal ContactSlab<Id160, Endpoint> V6 { get; } = new(Endpoint.CompactSizeV6);

    internal LookupPool<Id160, Endpoint> Lookups { get; } = new();

    /// <summary>The rules of a family and scope; their secret comes from the first machine that needs them.</summary>
    internal MainlineContactRules RulesOf(bool v6, AddressScope scope, EntropyTree entropy)
    {
        int number = (v6 ? 1 : 0) + (scope.IsLocal() ? 2 : 0);
        return _rules[number] ??= new(v6, scope.IsLocal(), entropy.Child(3).Stream((ulong)number));
    }

    /// <summary>A table of queries for a node that begins to ask.</summary>
    internal RpcTable RentCalls(SocketNode node) => _calls.TryPop(out RpcTable? calls) ? calls.Attach(node) : new(node);

    /// <summary>Takes back a table of queries that is at rest; large ones, which few need, are given up.</summary>
    internal void Return(RpcTable calls)
    {
        if (calls.Capacity <= LargestKept && _calls.Count < MostKept)
        {
            _calls.Push(calls);
        }
    }

    /// <summary>
    /// The options of lookups with so many paths: for methods that every node speaks, and for those to which nodes of BEP 5 alone are silent.
    /// Kept for the constants that were asked for last, since the machines of a loop have the same.
    /// </summary>
    internal (LookupOptions Plain, LookupOptions Extended) LookupsOf(MainlineConstants constants, int paths)
    {
        if (!ReferenceEquals(_constants, constants))
        {
            _constants = constants;
            _byPaths = new (LookupOptions, LookupOptions)[MainlineOptions.MaxPaths];
            for (int i = 0; i < _byPaths.Length; i++)
            {
                LookupOptions plain = constants.Lookup with { Paths = i + 1 };
                _byPaths[i] = (plain, plain with { PlainAfterSilence = true });
            }
        }

        return _byPaths[paths - 1];
    }
}
