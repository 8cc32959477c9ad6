using Kadath.Kademlia;
using Kadath.Mainline.Addresses;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Operations;
using Kadath.Mainline.Queries;
using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>
/// The Mainline DHT of one process as a machine: one node per socket address (each with an id, a routing table and a vote on its external
/// address of its own; BEP 42, BEP 45), one shared store of announces and items, and the operations of the user.
/// </summary>
public sealed partial class MainlineDht : IDatagramMachine
{
    // A wildcard, a private and a public address of either family are six; more sockets than this are a mistake.
    private const int MaxSockets = 64;

    // Three well-known names of two families each resolve to a dozen at most.
    private const int MaxRouters = 32;

    private readonly MainlineContext _context;
    private SavedState? _saved;

    /// <summary>Creates the machine, with no socket yet.</summary>
    /// <param name="options">The network's options, validated here; throws <see cref="ArgumentException"/> naming the option that is wrong.</param>
    /// <param name="entropy">The root of this machine's randomness.</param>
    /// <param name="effects">Where effects go.</param>
    /// <param name="memory">What the machines of one loop share; null for a machine that has it to itself.</param>
    public MainlineDht(MainlineOptions options, EntropyTree entropy, IMainlineEffects effects, MainlineMemory? memory = null)
    {
        ArgumentNullException.ThrowIfNull(effects);
        options.Validate();
        _context = new(options, entropy, effects, memory ?? new());
    }

    /// <summary>The options with which the machine was made.</summary>
    public MainlineOptions Options => _context.Options;

    /// <inheritdoc/>
    public Instant NextDeadline
    {
        get
        {
            Instant next = Instant.Min(_context.Records.NextDeadline, _operations?.NextDeadline ?? Instant.Never);
            IReadOnlyList<SocketNode> nodes = _context.Nodes;
            for (int i = 0; i < nodes.Count; i++)
            {
                next = Instant.Min(next, nodes[i].NextDeadline);
            }

            return next;
        }
    }

    /// <summary>
    /// Adds a socket address and returns its number: 0, 1, 2, … The scope is decided by the driver, from the bound address and the bootstrap endpoints.
    /// </summary>
    /// <param name="local">The bound address and port; may be a wildcard address.</param>
    /// <param name="scope">The scope whose contacts the socket accepts.</param>
    /// <param name="id">The id; null for the restored one of this endpoint (<see cref="Restore"/>), or a fresh one.</param>
    /// <param name="now">The time.</param>
    public int AddSocket(in Endpoint local, AddressScope scope, Id160? id, Instant now)
    {
        if (!local.IsValid || scope == AddressScope.None)
        {
            throw new ArgumentException("A socket needs an address and a scope.", local.IsValid ? nameof(scope) : nameof(local));
        }

        int socket = _context.Nodes.Count;
        if (socket == MaxSockets)
        {
            throw new InvalidOperationException($"A machine has at most {MaxSockets} sockets.");
        }

        Id160 fresh = local.Scope == AddressScope.Global
            ? SecureId.Create(local, _context.Entropy, _context.Crypto.Crc32C)
            : NodeIds.Random<Id160>(_context.Entropy);
        Endpoint external = default;
        if (id is null && _saved is not null && _saved.TryTake(local, out Id160 saved, out external))
        {
            id = saved;
        }

        SocketNode node = new(_context, socket, local, scope, id ?? fresh);
        node.Identity.Restore(external);
        _context.Add(node);
        return socket;
    }

    /// <inheritdoc/>
    public void Receive(int socket, ReadOnlySpan<byte> datagram, in Endpoint from, Instant now) => _context.Nodes[socket].Receive(datagram, from, now);

    /// <summary>
    /// Tells how a receive batch of the driver went: one that filled all its slots means that more is waiting, and when that lasts, capacity
    /// is shared among those who ask. Call it once a batch, after its datagrams.
    /// </summary>
    public void ReceivedBatch(int datagrams, int slots, Instant now) => _context.Budget.Received(datagrams, slots, now);

    /// <inheritdoc/>
    public void Wake(Instant now)
    {
        // Operations begin lookups, lookups end and let operations go on: both have their say in one wake-up.
        _operations?.Wake(now);
        IReadOnlyList<SocketNode> nodes = _context.Nodes;
        for (int i = 0; i < nodes.Count; i++)
        {
            nodes[i].Wake(now);
        }

        _operations?.Wake(now);
        _context.Records.Wake(now);
    }

    /// <summary>The completion of <see cref="IMainlineEffects.Verify"/>.</summary>
    public void Verified(long ticket, bool valid, Instant now)
    {
        if (OperationTable.IsOperationTicket(ticket))
        {
            _operations?.Verified(ticket, valid, now);
        }
        else
        {
            ItemQueries.Verified(_context.Puts, ticket, valid, now);
        }
    }

    /// <summary>The completion of <see cref="IMainlineEffects.Persist"/>: false means that it was not (or not in time) made durable.</summary>
    public void Persisted(long ticket, bool durable, Instant now)
    {
        if (OperationTable.IsOperationTicket(ticket))
        {
            _operations?.Persisted(ticket, durable, now);
        }
        else
        {
            ItemQueries.Persisted(_context.Puts, ticket, durable, now);
        }
    }

    /// <summary>
    /// Puts a saved record back; false if it was not valid, no longer fits, or is no newer than what is held. Identities come before the
    /// sockets are added, everything else after: before the machine starts serving or, if the driver gets at its store only then, later.
    /// </summary>
    /// <param name="collection">The collection it was saved in.</param>
    /// <param name="key">Its key, as it was given to <see cref="IMainlineEffects.Persist"/>.</param>
    /// <param name="value">Its value.</param>
    /// <param name="source">The group whose quota it counts against, or 0.</param>
    /// <param name="expires">When it expires.</param>
    /// <param name="now">The time.</param>
    public bool Restore(MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires, Instant now) => collection switch
    {
        MainlineCollection.Identity => (_saved ??= new()).RestoreIdentity(key, value),
        MainlineCollection.Contacts => SavedState.RestoreContacts(_context.Nodes, key, value, now),
        _ => RestoreRecord(collection, key, value, source, expires, now),
    };

    private bool RestoreRecord(MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires, Instant now)
    {
        if (expires <= now || key.Length < Id160.Size)
        {
            return false;
        }

        Id160 id = Id160.Read(key);
        PutOrigin origin = new(source, _context.WorthOf(id), expires - now);
        return collection == MainlineCollection.Announces
            ? _context.Records.RestoreAnnounce(id, key[Id160.Size..], value, origin, now)
            : key.Length == Id160.Size && _context.Records.RestoreItem(id, value, origin, now);
    }

    /// <summary>Emits the state that a restart wants back (identity, contacts, external address) through <see cref="IMainlineEffects.Persist"/>.</summary>
    public void Checkpoint(Instant now)
    {
        foreach (SocketNode node in _context.Nodes)
        {
            SavedState.SaveIdentity(node);
            SavedState.SaveContacts(node);
        }
    }

    /// <summary>Tells of a node that may be worth knowing (a PORT message, a torrent's "nodes", a bootstrap endpoint): it is pinged, and enters the table if it answers.</summary>
    public void AddNode(in Endpoint endpoint, Instant now)
    {
        foreach (SocketNode node in _context.Nodes)
        {
            if (node.Accepts(endpoint))
            {
                node.Maintenance.Greet(endpoint, now);
            }
        }
    }

    /// <summary>Bootstrap endpoints, resolved by the driver; asked when the table is too thin. Replaces those given before.</summary>
    public void SetRouters(ReadOnlySpan<Endpoint> routers, Instant now)
    {
        _context.Routers = routers[..Math.Min(routers.Length, MaxRouters)].ToArray();
        foreach (SocketNode node in _context.Nodes)
        {
            if (node.Table.LiveCount == 0)
            {
                node.Maintenance.Restart(now);
            }
        }
    }
}
