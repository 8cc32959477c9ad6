using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Primitives;

namespace Kadath.Mainline;

public sealed partial class MainlineDht
{
    /// <summary>How many socket addresses were added: their numbers are 0 to this − 1.</summary>
    public int SocketCount => _context.Nodes.Count;

    /// <summary>Counters since the machine was made, and what it holds now.</summary>
    public MainlineCounters Counters => new(
        _context.Counters.QueriesIn, _context.Counters.QueriesOut, _context.Counters.Dropped, _context.Records.Announces?.Count ?? 0, _context.Records.Items?.Count ?? 0)
    {
        Lies = _context.Conduct.Lies,
    };

    /// <summary>The state of one socket address. Throws for a number that was never given.</summary>
    public MainlineSocketState StateOf(int socket)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)socket, (uint)_context.Nodes.Count, nameof(socket));
        SocketNode node = _context.Nodes[socket];
        return new(node.Local, node.Scope, node.Id, node.Identity.External, node.Table.Count, node.Maintenance.Bootstrapped) { NetworkSize = node.NetworkSize, Candidates = node.Table.CandidateCount };
    }

    /// <summary>
    /// Tells what the wall clock shows, so that the token windows of sister nodes begin together (<see cref="MainlineOptions.TokenSecret"/>): at
    /// the start and now and then. False, and without effect, for a time outside 2020 to 2199, or more than a day behind what was told before.
    /// </summary>
    /// <param name="unixMilliseconds">Milliseconds since 1970-01-01 UTC.</param>
    /// <param name="now">The time.</param>
    public bool AlignTokens(long unixMilliseconds, Instant now) => _context.Tokens.Align(unixMilliseconds, now);

    /// <summary>
    /// The driver has seen that the network changed under a socket (an address came or went, the link was down): saved contacts and votes on
    /// the external address are doubted, and bootstrapping begins again where nobody answers.
    /// </summary>
    public void NetworkChanged(int socket, Instant now) => _context.Nodes[socket].NetworkChanged(now);

    /// <summary>The routing table of a socket, for simulations: to be looked at, or filled as if by joining.</summary>
    internal RoutingTable<Id160, Endpoint> TableOf(int socket) => _context.Nodes[socket].Table;

    /// <summary>Whether an item is held now, for simulations that count holders.</summary>
    internal bool HoldsItem(in Id160 target, Instant now) => _context.Records.TryGet(target, now, out _);

    /// <summary>Has a socket do no maintenance, no verification of strangers included, for simulations that measure what is left without.</summary>
    internal void SuspendMaintenance(int socket, bool suspended) => _context.Nodes[socket].Maintenance.Suspended = suspended;
}

/// <summary>The state of one socket address, as a value.</summary>
/// <param name="Local">The bound address.</param>
/// <param name="Scope">The scope whose contacts it accepts.</param>
/// <param name="Id">Its present id.</param>
/// <param name="External">Its external endpoint as agreed on by others, or none.</param>
/// <param name="Contacts">Contacts in its routing table.</param>
/// <param name="Bootstrapped">It has enough live contacts to work.</param>
public readonly record struct MainlineSocketState(
    Endpoint Local, AddressScope Scope, Id160 Id, Endpoint External, int Contacts, bool Bootstrapped)
{
    /// <summary>How many nodes the network has, estimated from the distances of the closest nodes that lookups found; 0 without an estimate.</summary>
    public double NetworkSize { get; init; }

    /// <summary>Entries of the replacement caches of its routing table.</summary>
    public int Candidates { get; init; }
}

/// <summary>Counters of a Mainline machine, over all its socket addresses.</summary>
/// <param name="QueriesIn">Queries that came in and were judged well-formed.</param>
/// <param name="QueriesOut">Queries sent.</param>
/// <param name="Dropped">Datagrams and queries that were dropped: malformed, over a budget, of a wrong scope, for lack of capacity.</param>
/// <param name="Announces">Announces held now.</param>
/// <param name="Items">Items held now (BEP 44).</param>
public readonly record struct MainlineCounters(long QueriesIn, long QueriesOut, long Dropped, int Announces, int Items)
{
    /// <summary>Replies to our queries that no honest node sends: without an id or with ours, a value that its target does not name, a false signature.</summary>
    public long Lies { get; init; }
}
