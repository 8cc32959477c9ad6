using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// Where a node begins, and which scope its sockets take: a loopback or link-local address has its own scope; a wildcard or private one is
/// global, unless every bootstrap endpoint that was given has one narrower scope.
/// </summary>
internal sealed class BootstrapPlan
{
    /// <summary>Routers of the public network known to live.</summary>
    public static readonly string[] PublicRouters = ["dht.libtorrent.org:25401", "dht.transmissionbt.com:6881", "router.bt.ouinet.work:6881"];

    private readonly AddressScope _given;

    private BootstrapPlan(IReadOnlyList<HostPort> hosts, AddressScope given, bool mayResolve)
    {
        (Hosts, _given, MayResolve) = (hosts, given, mayResolve);
    }

    /// <summary>What to ask, in the order given.</summary>
    public IReadOnlyList<HostPort> Hosts { get; }

    /// <summary>False if names are not to be resolved, because no socket could reach what they stand for.</summary>
    public bool MayResolve { get; }

    /// <summary>Makes the plan of a node.</summary>
    public static BootstrapPlan Of(MainlineNodeOptions options)
    {
        IEnumerable<Endpoint> bound = options.Bind.Concat(options.SharedSockets.Select(shared => shared.Local));
        bool local = bound.All(endpoint => endpoint.Scope is AddressScope.Loopback or AddressScope.LinkLocal);
        IReadOnlyList<string> given = options.Bootstrap ?? (local ? [] : PublicRouters);
        List<HostPort> hosts = [];
        foreach (string text in given)
        {
            if (HostPort.TryParse(text, out HostPort host))
            {
                hosts.AddRange(Expand(host));
            }
        }

        return new(hosts, CommonScope(hosts), mayResolve: !local);
    }

    /// <summary>The scope of a socket bound to <paramref name="local"/>.</summary>
    public AddressScope ScopeOf(in Endpoint local) => local.Scope switch
    {
        AddressScope.Loopback => AddressScope.Loopback,
        AddressScope.LinkLocal => AddressScope.LinkLocal,
        AddressScope.Global => AddressScope.Global,
        // Wildcard (no unicast address) and private.
        _ => _given is AddressScope.None ? AddressScope.Global : _given,
    };

    // "localhost" needs no resolver, and must work where none may be asked.
    private static IEnumerable<HostPort> Expand(HostPort host) =>
        string.Equals(host.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            ? [host with { Literal = Endpoint.V4(0x7F000001, host.Port) }, host with { Literal = Endpoint.V6(0, 1, host.Port) }]
            : [host];

    private static AddressScope CommonScope(List<HostPort> hosts)
    {
        AddressScope common = AddressScope.None;
        foreach (HostPort host in hosts)
        {
            AddressScope scope = host.Literal.IsValid ? host.Literal.Scope : AddressScope.Global;
            if (scope == AddressScope.None || (common != AddressScope.None && common != scope))
            {
                return AddressScope.Global;
            }

            common = scope;
        }

        return common;
    }
}
