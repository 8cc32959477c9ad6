using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Rpc;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Lookups;

/// <summary>What a lookup asks every node.</summary>
/// <param name="Method">find_node, get_peers, get or sample_infohashes.</param>
/// <param name="Target">Target or info-hash.</param>
internal readonly record struct LookupSpec(KrpcMethod Method, Id160 Target)
{
    /// <summary>Families of nodes to ask for.</summary>
    public KrpcWant Want { get; init; }

    /// <summary>get_peers without seeds (BEP 33).</summary>
    public bool NoSeed { get; init; }

    /// <summary>get_peers with filters (BEP 33).</summary>
    public bool Scrape { get; init; }

    /// <summary>The maintenance task that it serves.</summary>
    public MaintenanceTask<Id160, Endpoint>? Task { get; init; }
}

/// <summary>Who started a lookup.</summary>
internal interface ILookupClient
{
    /// <summary>
    /// A node answered (its contacts are taken by the run itself). <see cref="RpcCall.Method"/> is what it was asked: find_node where it does
    /// not speak the lookup's method. To end the lookup from here, call <c>run.Lookup.End</c>. Returns the ticket that <see cref="LookupAnswer{TId,THandle}.Ticket"/> gives back.
    /// </summary>
    ulong Answered(LookupRun run, in RpcCall call, in KrpcMessage reply, Instant now);

    /// <summary>A node was asked and did not answer, or refused; it may be asked again, plainly, where it does not speak the method.</summary>
    void Unanswered(LookupRun run, in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now)
    {
    }

    /// <summary>The lookup has ended: its answers can be read during this call, and never again.</summary>
    void Completed(LookupRun run, Instant now);
}

/// <summary>One lookup of the engine, carried by queries of one node. The answers go to its client, the contacts back into the lookup.</summary>
internal sealed class LookupRun : IRpcOwner
{
    // What one reply may name: bittorrent-dht sends its whole table, sorted; the closest 64 are more than a lookup takes.
    private const int MaxContacts = 64;

    // A lookup begins with at least twice BEP 5's k, since some of a table are dead or crowd one subnet.
    private const int LeastSeeds = 16;

    private readonly SocketNode _node;
    private readonly LookupSpec _spec;
    private readonly ILookupClient _client;
    private LookupMachine<Id160, Endpoint>? _lookup;

    public LookupRun(SocketNode node, in LookupSpec spec, ILookupClient client)
    {
        _node = node;
        _spec = spec;
        _client = client;
        _lookup = node.Context.Memory.Lookups.Rent();
    }

    public SocketNode Node => _node;

    public MaintenanceTask<Id160, Endpoint>? Task => _spec.Task;

    /// <summary>The engine's lookup; gone once the client was told of the end.</summary>
    public LookupMachine<Id160, Endpoint> Lookup => _lookup ?? throw new InvalidOperationException("The lookup has ended.");

    public Instant NextDeadline => _lookup is not { } lookup ? Instant.Never : lookup.IsDone ? Instant.Zero : lookup.NextDeadline;

    /// <summary>Starts from the table's closest contacts and the nameless endpoints.</summary>
    public void Start(ReadOnlySpan<Endpoint> nameless, Instant now)
    {
        Span<Contact<Id160, Endpoint>> seeds = stackalloc Contact<Id160, Endpoint>[Math.Max(LeastSeeds, _node.Context.Options.Constants.Lookup.Width)];
        int count = _node.Table.Closest(_spec.Target, seeds, ContactUse.Ask);
        (LookupOptions plain, LookupOptions extended) = _node.Context.Memory.LookupsOf(_node.Context.Options.Constants, _node.Context.Options.Paths);
        LookupOptions options = _spec.Method is KrpcMethod.FindNode or KrpcMethod.GetPeers ? plain : extended;
        Lookup.Start(
            new()
            {
                Target = _spec.Target, Self = _node.Id, Options = options, Rules = _node.Rules, RoundTrips = _node.RoundTrips, Policy = _node.Policy,
            },
            seeds[..count],
            now);
        foreach (ref readonly Endpoint endpoint in nameless)
        {
            if (_node.Accepts(endpoint))
            {
                Lookup.AddNameless(endpoint);
            }
        }

        // Nothing may end inside the call that starts it: what has nobody to ask ends at the next wake-up.
        Pump(now, mayEnd: false);
    }

    public void Wake(Instant now)
    {
        _lookup?.Wake(now);
        Pump(now, mayEnd: true);
    }

    /// <summary>Ends it early; the client is told.</summary>
    public void End(LookupEnd end, Instant now)
    {
        _lookup?.End(end, now);
        Pump(now, mayEnd: true);
    }

    void IRpcOwner.Sent(in RpcCall call, Instant now) => _lookup?.Sent((int)call.Tag, now, SoftTimeoutOf(call.To));

    void IRpcOwner.Replied(in RpcCall call, in KrpcMessage reply, Instant now)
    {
        if (_lookup is not { } lookup)
        {
            return;
        }

        int slot = (int)call.Tag;
        _node.Policy.Now = now;
        if (lookup.Named(slot, reply.Id, now))
        {
            if (call.Method == KrpcMethod.FindNode && _spec.Method != KrpcMethod.FindNode)
            {
                _node.PassedOver(call, reply, _spec.Method, now);
            }

            Span<Contact<Id160, Endpoint>> contacts = stackalloc Contact<Id160, Endpoint>[MaxContacts];
            int count = Read(reply, contacts, now);
            ulong ticket = _client.Answered(this, call, reply, now);
            lookup.Replied(slot, contacts[..count], now - call.SentAt, ticket, now);
        }
        else if (call.Method == _spec.Method && lookup.AnsweredPlainly(slot))
        {
            // It does speak the method, and is slow, or the packets passed each other: what it holds is not lost.
            lookup.Amend(slot, _client.Answered(this, call, reply, now), now);
        }

        Pump(now, mayEnd: true);
    }

    void IRpcOwner.Failed(in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now)
    {
        bool beyondBep5 = call.Method is KrpcMethod.Get or KrpcMethod.SampleInfohashes;
        if (beyondBep5 && (failure == RpcFailure.TimedOut || error.ErrorCode == (int)KrpcError.UnknownMethod))
        {
            _lookup?.Unspoken((int)call.Tag, now);
        }
        else
        {
            _lookup?.Failed((int)call.Tag, failure, now);
        }

        if (_lookup is not null)
        {
            _client.Unanswered(this, call, failure, error, now);
        }

        Pump(now, mayEnd: true);
    }

    /// <summary>What the table knows of a peer's round trip; null for a stranger, of whom the lookup expects what this node's peers at large do.</summary>
    private TimeSpan? SoftTimeoutOf(in Contact<Id160, Endpoint> contact) =>
        _node.Table.TryFind(contact.Id, out ContactView<Id160, Endpoint> view) && view.Contact.Handle == contact.Handle
            ? PeerRoundTrip.SoftTimeoutOf(view.RoundTrip)
            : null;

    private void Pump(Instant now, bool mayEnd)
    {
        if (_lookup is not { } lookup)
        {
            return;
        }

        while (lookup.TryNext(now, out LookupQuery<Id160, Endpoint> query))
        {
            bool plain = query.Plain || (!query.Nameless && !_node.Speaks(query.Contact, _spec.Method, now));
            if (plain && !query.Plain)
            {
                lookup.AskPlainly(query.Slot);
            }

            KrpcMethod method = plain ? KrpcMethod.FindNode : _spec.Method;
            KrpcQuery message = new()
            {
                Method = method, Target = _spec.Target, Want = _spec.Want, NoSeed = _spec.NoSeed, Scrape = _spec.Scrape,
            };
            Contact<Id160, Endpoint> to = query.Nameless ? new(default, query.Contact.Handle) : query.Contact;
            if (!_node.Rpc.TrySend(message, to, this, query.Slot, RpcTable.DefaultTimeout, now))
            {
                lookup.Failed(query.Slot, RpcFailure.BusyHere, now);
            }
        }

        if (mayEnd && lookup.IsDone)
        {
            _node.Policy.Now = now;
            Estimate(lookup);
            _client.Completed(this, now);
            _lookup = null;
            _node.Remove(this);
            _node.Context.Memory.Lookups.Return(lookup);
        }
    }

    private void Estimate(LookupMachine<Id160, Endpoint> lookup)
    {
        if (lookup.Report.End != LookupEnd.Converged)
        {
            return;
        }

        Span<LookupAnswer<Id160, Endpoint>> answers = stackalloc LookupAnswer<Id160, Endpoint>[8];
        Span<Id160> ids = stackalloc Id160[8];
        int count = lookup.Closest(answers);
        for (int i = 0; i < count; i++)
        {
            ids[i] = answers[i].Contact.Id;
        }

        _node.Estimate(_spec.Target, ids[..count]);
    }

    private int Read(in KrpcMessage reply, Span<Contact<Id160, Endpoint>> contacts, Instant now)
    {
        int count = 0;
        var own = new CompactNodes(_node.IsV6 ? reply.Nodes6 : reply.Nodes, _node.IsV6);
        while (count < contacts.Length && own.TryNext(out Contact<Id160, Endpoint> contact))
        {
            if (_node.Accepts(contact.Handle))
            {
                contacts[count++] = contact;
            }
        }

        if ((_node.IsV6 ? reply.NodesSlice : reply.Nodes6Slice).Present && _node.Context.Sibling(_node) is { } sibling)
        {
            var others = new CompactNodes(_node.IsV6 ? reply.Nodes : reply.Nodes6, !_node.IsV6);
            for (int left = 8; left > 0 && others.TryNext(out Contact<Id160, Endpoint> contact); left--)
            {
                if (sibling.Accepts(contact.Handle))
                {
                    sibling.Table.Heard(contact.Id, contact.Handle, now);
                }
            }
        }

        return count;
    }
}
