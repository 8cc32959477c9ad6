using Kadath.Kademlia;
using Kadath.Mainline.Addresses;
using Kadath.Mainline.Lookups;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Rpc;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Nodes;

/// <summary>
/// The DHT node of one socket address: id, routing table, outstanding queries and maintenance of its own (BEP 45). What it serves lies in the
/// <see cref="MainlineContext"/> that it shares with the machine's other nodes.
/// </summary>
internal sealed class SocketNode
{
    private readonly NodeMaintenance _maintenance;
    private RpcTable? _rpc;
    private List<LookupRun>? _runs;
    private RoundTripEstimator? _roundTrips;
    private NetworkSizeEstimate? _size;
    private MethodMarks? _marks;
    private NodePolicy? _policy;

    public SocketNode(MainlineContext context, int socket, in Endpoint local, AddressScope scope, in Id160 id)
    {
        Context = context;
        Socket = socket;
        Local = local;
        Scope = scope;
        Rules = context.Memory.RulesOf(local.IsV6, scope, context.Tree);
        MainlineConstants constants = context.Options.Constants;
        RoutingTableOptions shape = context.Options.Profile == MainlineProfile.Bootstrap ? constants.BootstrapTable : constants.Table;
        Table = new(id, shape, Rules, local.IsV6 ? context.Memory.V6 : context.Memory.V4);
        Identity = new(this);
        _maintenance = new(this, new(Table, constants.Maintenance, context.Tree.Stream((ulong)socket + 1)));
    }

    public MainlineContext Context { get; }

    /// <summary>The machine's number of the socket address.</summary>
    public int Socket { get; }

    public Endpoint Local { get; }

    public AddressScope Scope { get; }

    public bool IsV6 => Local.IsV6;

    public Id160 Id => Table.Self;

    public MainlineContactRules Rules { get; }

    public RoutingTable<Id160, Endpoint> Table { get; }

    /// <summary>Outstanding queries; a node that asks nobody has no memory for them.</summary>
    public RpcTable Rpc => _rpc ??= Context.Memory.RentCalls(this);

    /// <summary>Round trips that this node has seen.</summary>
    public RoundTripEstimator RoundTrips => _roundTrips ??= new();

    /// <summary>What lookups of this node vary; made with the first one.</summary>
    public NodePolicy Policy => _policy ??= new(this);

    /// <summary>How many nodes the network has, as this node's lookups saw it; 0 while there is no estimate.</summary>
    public double NetworkSize => _size?.Nodes ?? 0;

    public NodeMaintenance Maintenance => _maintenance;

    /// <summary>Our id's fitness for our address, and the votes on that.</summary>
    public NodeIdentity Identity { get; }

    /// <summary>Whether lookups run.</summary>
    public int LookupCount => _runs?.Count ?? 0;

    public Instant NextDeadline
    {
        get
        {
            Instant next = _rpc is null ? _maintenance.NextDeadline : Instant.Min(_maintenance.NextDeadline, _rpc.NextDeadline);
            for (int i = 0; i < LookupCount; i++)
            {
                next = Instant.Min(next, _runs![i].NextDeadline);
            }

            return next;
        }
    }

    /// <summary>Whether the endpoint may be a contact of this node: of its family and scope, with a port.</summary>
    public bool Accepts(in Endpoint endpoint) => endpoint.IsV6 == IsV6 && endpoint.Port != 0 && endpoint.Scope == Scope;

    /// <summary>Takes one datagram.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, in Endpoint from, Instant now)
    {
        if (from.Port == 0 || from.IsV6 != IsV6 || from.Scope == AddressScope.None || !KrpcParser.TryParse(datagram, out KrpcMessage message))
        {
            Context.Counters.Dropped++;
            return;
        }

        if (message.Kind == KrpcKind.Query)
        {
            Context.Counters.QueriesIn++;
            QueryHandler.Handle(this, message, from, now);
        }
        else if (_rpc is null || !_rpc.Receive(message, from, now))
        {
            Context.Counters.Dropped++;
        }
    }

    /// <summary>Does what is due.</summary>
    public void Wake(Instant now)
    {
        _rpc?.Wake(now);
        _maintenance.Wake(now);
        for (int i = LookupCount - 1; i >= 0; i--)
        {
            if (_runs![i].NextDeadline <= now)
            {
                _runs[i].Wake(now);
            }
        }

        // A lookup that has just ended may have been maintenance: what follows from it is due now.
        if (_maintenance.NextDeadline <= now)
        {
            _maintenance.Wake(now);
        }

        if (_rpc is { } rpc && rpc.IsAtRest(now))
        {
            _rpc = null;
            Context.Memory.Return(rpc);
        }
    }

    /// <summary>Forgets every query of an owner that has ended.</summary>
    public void Forget(IRpcOwner owner) => _rpc?.Forget(owner);

    /// <summary>Starts a lookup from the table's closest contacts and, where it has none, from the extra endpoints.</summary>
    public LookupRun StartLookup(in LookupSpec spec, ReadOnlySpan<Endpoint> nameless, ILookupClient client, Instant now)
    {
        LookupRun run = new(this, spec, client);
        (_runs ??= []).Add(run);
        run.Start(nameless, now);
        return run;
    }

    /// <summary>Takes the closest nodes that a lookup confirmed into the estimate of the network's size.</summary>
    public void Estimate(in Id160 target, ReadOnlySpan<Id160> closest) => (_size ??= new()).Add(target, closest);

    /// <summary>A lookup has ended.</summary>
    public void Remove(LookupRun run) => _runs!.Remove(run);

    /// <summary>What every answer to a query of ours tells of the peer and of us, whoever asked.</summary>
    public void Observe(in RpcCall call, in KrpcMessage message, Instant now)
    {
        Identity.Observe(call.To.Handle, message.External, now);
        bool named = message.HasId;
        if (message.Kind == KrpcKind.Error && message.ErrorCode == (int)KrpcError.UnknownMethod)
        {
            Marks.Refused(new(named ? message.Id : call.To.Id, call.To.Handle), call.Method, message.Version, now);
        }
        else if (named)
        {
            _marks?.Answered(new(message.Id, call.To.Handle), message.Kind == KrpcKind.Response ? call.Method : KrpcMethod.None, message.Version);
        }

        bool known = call.To.Id != default;
        if (known && named && message.Id != call.To.Id)
        {
            // Whom we asked is no longer there: somebody else answers at the endpoint.
            Fail(call.To, now);
        }

        if (message.Kind == KrpcKind.Response && (!named || message.Id == Id) && !IsOurselves(call.To.Handle))
        {
            Context.Conduct.Lied(this, call.To, now);
            return;
        }

        if (named)
        {
            Context.Conduct.Behaved(this, call.To.Handle, PeerConduct.Answered, now);
        }

        if (named || (known && message.Kind == KrpcKind.Error))
        {
            Admit(named ? message.Id : call.To.Id, call.To.Handle, now - call.SentAt, now);
        }
    }

    /// <summary>Silence to a method of BEP 5 counts against liveness; to any other it may only mean that the peer does not speak it.</summary>
    public void ObserveSilence(in RpcCall call, Instant now)
    {
        if (call.Method is KrpcMethod.Ping or KrpcMethod.FindNode or KrpcMethod.GetPeers or KrpcMethod.AnnouncePeer && call.To.Id != default)
        {
            Fail(call.To, now);
        }
    }

    /// <summary>False if the contact is known not to speak the method: a lookup passes through it with find_node.</summary>
    public bool Speaks(in Contact<Id160, Endpoint> contact, KrpcMethod method, Instant now) => _marks is null || !_marks.IsMarked(contact, method, now);

    /// <summary>The peer answered find_node where it had not answered the method of the lookup: it is remembered as not speaking it.</summary>
    public void PassedOver(in RpcCall call, in KrpcMessage reply, KrpcMethod method, Instant now)
    {
        Contact<Id160, Endpoint> contact = new(reply.Id, call.To.Handle);
        if (Speaks(contact, method, now))
        {
            Marks.Silent(contact, method, reply.Version, now);
        }
    }

    /// <summary>Moves the node to another id: the contacts are sorted anew, and the new neighbourhood is looked up.</summary>
    public void Rename(in Id160 id, in Endpoint external, Instant now)
    {
        Table.Rebase(id, now);
        Context.Effects.Emit(new(MainlineEventKind.IdChanged, Socket, id, external, 0));
        SaveIdentity();
        _maintenance.LookAround(now);
    }

    /// <summary>The network under the socket has changed: votes and contacts are doubted.</summary>
    public void NetworkChanged(Instant now)
    {
        Identity.Doubt();
        _maintenance.Restart(now);
    }

    /// <summary>Has the identity made durable.</summary>
    public void SaveIdentity() => SavedState.SaveIdentity(this);

    private MethodMarks Marks => _marks ??= new(Context.Crypto.SipHash, new(Context.Entropy.NextUInt64(), Context.Entropy.NextUInt64()));

    private void Fail(in Contact<Id160, Endpoint> contact, Instant now)
    {
        bool held = Table.Contains(contact.Id);
        Table.Failed(contact.Id, contact.Handle, RpcFailure.TimedOut, now);
        if (held && !Table.Contains(contact.Id))
        {
            Context.Effects.Emit(new(MainlineEventKind.NodeLost, Socket, contact.Id, contact.Handle, Table.Count));
        }
    }

    private bool IsOurselves(in Endpoint endpoint) => endpoint == Local || endpoint == Identity.External;

    private void Admit(in Id160 id, in Endpoint endpoint, TimeSpan roundTrip, Instant now)
    {
        if (Context.Conduct.Distrusts(this, endpoint, now))
        {
            return;
        }

        bool first = Table.LiveCount == 0;
        if (Table.Answered(id, endpoint, roundTrip, now) == Admission.Added)
        {
            Context.Effects.Emit(new(MainlineEventKind.NodeDiscovered, Socket, id, endpoint, Table.Count));
            if (first)
            {
                _maintenance.LookAround(now);
            }
        }
    }
}
