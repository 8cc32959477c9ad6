using Kadath.Kademlia;
using Kadath.Mainline.Lookups;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Records;
using Kadath.Mainline.Rpc;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>
/// A search on every socket at once, and what follows from it: nothing (find node, get peers, get), an announce, or a put. The states are
/// searching, verifying signatures, awaiting the item of a mutable put, and storing.
/// </summary>
internal sealed class SearchOperation : Operation, ILookupClient
{
    /// <summary>When a search with its stores ends at the latest, if the user does not say.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    // Fewer live contacts than this, and the bootstrap endpoints are asked as well.
    private const int ThinTable = 8;

    private readonly LookupSpec _spec;
    private readonly PeerHarvest? _peers;
    private readonly ItemHarvest? _items;
    private readonly StorePlan _plan;
    private readonly TokenPool _tokens = new();
    private readonly OwnStore _own;
    private readonly List<LookupRun> _runs = [];
    private readonly List<StoreTarget> _targets = [];
    private StoreRound? _stores;
    private State _state = State.Searching;
    private int _hops;
    private int _messages;
    private int _answered;
    private bool _tookOwn;

    public SearchOperation(
        OperationTable table, in LookupSpec spec, StorePlan plan, PeerHarvest? peers, ItemHarvest? items, TimeSpan timeout, IMainlineObserver observer, Instant now)
        : base(table, observer, timeout > TimeSpan.Zero ? timeout : DefaultTimeout, now)
    {
        _spec = spec;
        _plan = plan;
        _peers = peers;
        _items = items;
        _own = new(this, table.Context);
    }

    private enum State : byte
    {
        Searching,
        Verifying,
        AwaitingItem,
        Storing,
    }

    /// <inheritdoc/>
    public override void Start(Instant now)
    {
        IReadOnlyList<SocketNode> nodes = Context.Nodes;
        for (int i = 0; i < nodes.Count; i++)
        {
            KrpcWant want = Context.Sibling(nodes[i]) is null ? KrpcWant.None : KrpcWant.V4 | KrpcWant.V6;
            bool thin = nodes[i].Table.LiveCount < ThinTable;
            _runs.Add(nodes[i].StartLookup(_spec with { Want = want }, thin ? Context.Routers : [], this, now));
        }

        if (_runs.Count == 0)
        {
            FinishSoon(OperationEnd.NoNodes);
        }
    }

    /// <summary>The item of a put that waits for it.</summary>
    public void Provide(SignedItem item, Instant now)
    {
        if (_state == State.AwaitingItem)
        {
            _plan.Item = item;
            BeginStores(now);
        }
    }

    /// <summary>The ticket of the operation's verification or write with this number.</summary>
    public long TicketFor(int number) => Table.TicketFor(this, number);

    /// <summary>Tells of one node's outcome.</summary>
    public void Tell(in NodeOutcome outcome) => Observer.OnNode(outcome);

    /// <inheritdoc/>
    public override void Persisted(int number, bool durable, Instant now)
    {
        if (number == OwnStore.PersistNumber && _own.Pending)
        {
            _own.Persisted(durable);
            Settle(now);
        }
    }

    /// <inheritdoc/>
    public override void Verified(int number, bool valid, Instant now)
    {
        if (number == OwnStore.VerifyNumber && _own.Pending)
        {
            _own.Verified(valid, now);
            Settle(now);
            return;
        }

        _items?.Verified(number, valid, now);
        if (_state == State.Verifying)
        {
            Proceed(now);
        }
    }

    ulong ILookupClient.Answered(LookupRun run, in RpcCall call, in KrpcMessage reply, Instant now)
    {
        NodeOutcome outcome = Answered(NodeResult.Answered, call, reply, now);
        _peers?.Take(reply, run.Node.Scope);
        if (_items is { } items && call.Method == KrpcMethod.Get)
        {
            ItemJudgement judgement = items.Take(reply, run.Node, new(reply.Id, call.To.Handle), number => Table.TicketFor(this, number));
            outcome = judgement <= ItemJudgement.Taken ? outcome : outcome with { Result = NodeResult.Invalid };
            if (judgement == ItemJudgement.Forged)
            {
                Context.Conduct.Lied(run.Node, new(reply.Id, call.To.Handle), now);
            }

            // What the key hashes to cannot be bettered.
            if (_plan.Kind == StoreKind.None && items.Best is { PublicKey.IsEmpty: true })
            {
                run.Lookup.End(LookupEnd.Satisfied, now);
            }
        }

        Observer.OnNode(outcome);
        return _tokens.Add(reply.Token);
    }

    void ILookupClient.Unanswered(LookupRun run, in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now) =>
        Observer.OnNode(Unanswered(call, failure, error, now));

    void ILookupClient.Completed(LookupRun run, Instant now)
    {
        LookupReport report = run.Lookup.Report;
        _hops = Math.Max(_hops, report.Hops);
        _messages += report.Messages;
        _answered += report.Answered;
        if (_plan.Kind != StoreKind.None)
        {
            CollectTargets(run);
            _own.Consider(run.Node, _spec.Target, run.Lookup);
        }

        _runs.Remove(run);
        if (_runs.Count == 0 && _state == State.Searching)
        {
            _state = State.Verifying;
            Proceed(now);
        }
    }

    /// <inheritdoc/>
    protected override OperationReport Sum(OperationEnd end, Instant now)
    {
        TakeOwn(now);
        foreach (LookupRun run in _runs)
        {
            LookupReport report = run.Lookup.Report;
            _hops = Math.Max(_hops, report.Hops);
            _messages += report.Messages;
            _answered += report.Answered;
        }

        int messages = _messages + (_stores?.Sent ?? 0);
        ScrapeSum? scrape = _peers?.Scrape;
        return new(Id, end, _hops, messages, _answered, (_stores?.Stored ?? 0) + _own.Stored, now - Started, scrape?.Seeds ?? -1, scrape?.Peers ?? -1);
    }

    /// <inheritdoc/>
    protected override void Close(Instant now)
    {
        // The client is told of each end: the operation is done by then and passes over it.
        while (_runs.Count > 0)
        {
            LookupRun run = _runs[^1];
            _runs.RemoveAt(_runs.Count - 1);
            run.End(LookupEnd.Cancelled, now);
        }

        _stores?.Forget();
    }

    private void CollectTargets(LookupRun run)
    {
        Span<LookupAnswer<Id160, Endpoint>> holders = stackalloc LookupAnswer<Id160, Endpoint>[Context.Options.Constants.Replication];
        int count = run.Lookup.Holders(holders);
        for (int i = 0; i < count; i++)
        {
            _targets.Add(new(run.Node, holders[i].Contact, holders[i].Ticket));
        }
    }

    private void Proceed(Instant now)
    {
        if (IsDone || _items is { PendingCount: > 0 })
        {
            return;
        }

        TakeOwn(now);
        if (_plan.Kind == StoreKind.RepublishFound)
        {
            _plan.Item = _items?.Best;
        }

        bool awaited = _plan.Kind == StoreKind.Item && _plan.Item is null;
        bool nothing = _plan.Kind == StoreKind.None || (_plan.Item is null && _plan.Kind == StoreKind.RepublishFound);
        bool anywhere = _targets.Count > 0 || _own.Any;
        bool found = _answered > 0 || _items?.Best is not null || _peers is { Count: > 0 };
        if (nothing || (!anywhere && !(awaited && _answered > 0)) || IsPlentiful())
        {
            Finish(found ? OperationEnd.Done : OperationEnd.NoNodes, now);
        }
        else if (awaited)
        {
            _state = State.AwaitingItem;
            Observer.OnAwaitingItem(_items?.HighestSequence ?? -1);
        }
        else
        {
            BeginStores(now);
        }
    }

    /// <summary>What we hold ourselves is found as well: last, and whatever ends the search.</summary>
    private void TakeOwn(Instant now)
    {
        if (_tookOwn)
        {
            return;
        }

        _tookOwn = true;
        _peers?.TakeOwn(Context, _spec, now);
        if (_items is not null && Context.Records.TryGet(_spec.Target, now, out StoredItem held))
        {
            _items.TakeOwn(held);
        }
    }

    // BEP 44: no republishing while more than k copies were seen and all of the closest hold the newest.
    private bool IsPlentiful()
    {
        if (_plan.Kind is not (StoreKind.Republish or StoreKind.RepublishFound) || !(_items?.Copies > Context.Options.Constants.Replication))
        {
            return false;
        }

        foreach (StoreTarget target in _targets)
        {
            if (!Holds(target))
            {
                return false;
            }
        }

        return true;
    }

    private bool Holds(in StoreTarget target) => _items?.HeldBy(target.Contact.Handle) >= (_plan.Item?.Sequence ?? 0);

    private void BeginStores(Instant now)
    {
        _state = State.Storing;
        // A refresh at those who hold it keeps it alive there; a found item is only put where it is missing.
        if (_plan.Kind == StoreKind.RepublishFound)
        {
            _targets.RemoveAll(target => Holds(target));
        }

        _stores = new(this, _spec.Target, _plan, _targets, _tokens);
        bool sent = _stores.Begin(now);
        if (_plan.Item is { } item)
        {
            _own.Put(item, now);
        }
        else
        {
            _own.Announce(_spec.Target, _plan, now);
        }

        if (!sent && !_own.Pending)
        {
            FinishSoon(OperationEnd.Done);
        }
    }

    private void Settle(Instant now)
    {
        if (_stores is not { Open: > 0 } && !_own.Pending)
        {
            Finish(OperationEnd.Done, now);
        }
    }

    /// <summary>One node at which to store.</summary>
    internal readonly record struct StoreTarget(SocketNode Node, Contact<Id160, Endpoint> Contact, ulong Ticket);

    /// <summary>The stores of one operation, all at once.</summary>
    private sealed class StoreRound(SearchOperation operation, Id160 target, StorePlan plan, List<StoreTarget> targets, TokenPool tokens) : IRpcOwner
    {
        // Tags: the number of the target, and whether it is the second try.
        private const long Second = 1L << 32;

        // An acknowledgement later than this is rare: nodes answer within eight round trips of the slowest peers, or not at all.
        private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(2);

        private bool _closed;

        /// <summary>Stores that await an answer.</summary>
        public int Open { get; private set; }

        public int Sent { get; private set; }

        public int Stored { get; private set; }

        /// <summary>Sends all; false if none could be sent.</summary>
        public bool Begin(Instant now)
        {
            for (int i = 0; i < targets.Count; i++)
            {
                if (!Send(i, second: false, now))
                {
                    StoreTarget at = targets[i];
                    operation.Observer.OnNode(new(NodeResult.NotSent, at.Contact.Id, at.Contact.Handle, TimeSpan.Zero, 0, null, default, 0));
                }
            }

            return Open > 0;
        }

        public void Forget()
        {
            _closed = true;
            foreach (StoreTarget at in targets)
            {
                at.Node.Forget(this);
            }
        }

        void IRpcOwner.Sent(in RpcCall call, Instant now) => Sent++;

        void IRpcOwner.Replied(in RpcCall call, in KrpcMessage reply, Instant now)
        {
            Stored++;
            operation.Observer.OnNode(Answered(NodeResult.Stored, call, reply, now));
            Settle(now);
        }

        void IRpcOwner.Failed(in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now)
        {
            // The Go nodes refuse an immutable item without a sequence number.
            bool wantsSequence = error.ErrorCode == (int)KrpcError.Protocol && plan.Item is { PublicKey.IsEmpty: true } && call.Tag < Second;
            if (failure == RpcFailure.Refused && wantsSequence && Send((int)call.Tag, second: true, now))
            {
                Open--;
                return;
            }

            operation.Observer.OnNode(Unanswered(call, failure, error, now));
            Settle(now);
        }

        private bool Send(int index, bool second, Instant now)
        {
            StoreTarget at = targets[index];
            bool returned = operation._items?.HeldBy(at.Contact.Handle) is not null;
            KrpcQuery query = plan.QueryFor(target, tokens[at.Ticket], at.Node, returned, second);
            TimeSpan patience = TimeSpan.FromTicks(Math.Max(8 * at.Node.RoundTrips.SoftTimeout.Ticks, LeastPatience.Ticks));
            patience = patience < RpcTable.DefaultTimeout ? patience : RpcTable.DefaultTimeout;
            if (!at.Node.Rpc.TrySend(query, at.Contact, this, second ? index + Second : index, patience, now))
            {
                return false;
            }

            Open++;
            return true;
        }

        private void Settle(Instant now)
        {
            Open--;
            if (!_closed)
            {
                operation.Settle(now);
            }
        }
    }
}
