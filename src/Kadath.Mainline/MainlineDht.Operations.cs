using Kadath.Mainline.Lookups;
using Kadath.Mainline.Operations;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline;

/// <content>The operations of the user: each begins here, tells its observer what it finds, and ends with one report.</content>
public sealed partial class MainlineDht
{
    private static readonly TimeSpan AnnounceInterval = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan PublishInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeastFollowInterval = TimeSpan.FromSeconds(1);

    private OperationTable? _operations;

    private OperationTable Operations => _operations ??= new(_context);

    /// <summary>Begins a ping of one endpoint.</summary>
    public OperationId Ping(in Endpoint endpoint, TimeSpan timeout, IMainlineObserver observer, Instant now) =>
        Begin(new SingleQueryOperation(Operations, KrpcMethod.Ping, endpoint, default, timeout, observer, now), now);

    /// <summary>Asks one node for a sample of its info-hashes (BEP 51).</summary>
    public OperationId Sample(in Endpoint endpoint, in Id160 target, TimeSpan timeout, IMainlineObserver observer, Instant now) =>
        Begin(new SingleQueryOperation(Operations, KrpcMethod.SampleInfohashes, endpoint, target, timeout, observer, now), now);

    /// <summary>Begins a search for the nodes closest to a target.</summary>
    public OperationId FindNode(in Id160 target, TimeSpan timeout, IMainlineObserver observer, Instant now)
    {
        var plan = new StorePlan { Kind = StoreKind.None };
        return Begin(new SearchOperation(Operations, new(KrpcMethod.FindNode, target), plan, null, null, timeout, observer, now), now);
    }

    /// <summary>Begins a search for peers, with or without a scrape.</summary>
    public OperationId GetPeers(in GetPeersRequest request, IMainlineObserver observer, Instant now)
    {
        var spec = new LookupSpec(KrpcMethod.GetPeers, request.InfoHash) { NoSeed = request.NoSeed, Scrape = request.Scrape };
        var plan = new StorePlan { Kind = StoreKind.None };
        return Begin(new SearchOperation(Operations, spec, plan, new(observer, _context.Entropy), null, request.Timeout, observer, now), now);
    }

    /// <summary>Begins one announce: a search, then a store at the closest nodes.</summary>
    public OperationId Announce(in AnnounceRequest request, IMainlineObserver observer, Instant now) => Begin(AnnounceOf(request, observer, now), now);

    /// <summary>Begins a search for an item.</summary>
    public OperationId Get(in GetRequest request, IMainlineObserver observer, Instant now)
    {
        CheckSalt(request.Salt);
        var items = new ItemHarvest(_context, observer, request.Target, request.Salt, request.Mutable);
        var plan = new StorePlan { Kind = StoreKind.None };
        return Begin(new SearchOperation(Operations, new(KrpcMethod.Get, request.Target), plan, null, items, request.Timeout, observer, now), now);
    }

    /// <summary>Begins a store of an item: a search, for mutable items a pause until <see cref="Provide"/>, then a store at the closest nodes.</summary>
    public OperationId Put(in PutRequest request, IMainlineObserver observer, Instant now)
    {
        CheckSalt(request.Salt);
        var items = new ItemHarvest(_context, observer, request.Target, request.Salt, request.Mutable);
        var plan = new StorePlan { Kind = StoreKind.Item, Item = request.Item };
        return Begin(new SearchOperation(Operations, new(KrpcMethod.Get, request.Target), plan, null, items, request.Timeout, observer, now), now);
    }

    /// <summary>Gives a waiting put its signed item; without effect if the operation has ended.</summary>
    public void Provide(OperationId operation, SignedItem item, Instant now) => (_operations?.Find(operation) as SearchOperation)?.Provide(item, now);

    /// <summary>Announces at once and again every 15 minutes, until cancelled.</summary>
    public OperationId KeepAnnounced(in AnnounceRequest request, IMainlineObserver observer, Instant now)
    {
        AnnounceRequest kept = request;
        return Begin(new RepeatingOperation(Operations, (rounds, at) => AnnounceOf(kept, rounds, at), AnnounceInterval, newItemsOnly: false, observer, now), now);
    }

    /// <summary>Stores an item at once and again every hour (BEP 44), sparing nodes that hold it already, until cancelled.</summary>
    public OperationId KeepPublished(SignedItem item, IMainlineObserver observer, Instant now)
    {
        bool mutable = !item.PublicKey.IsEmpty;
        Id160 target = mutable ? ItemRules.TargetOf(item.PublicKey.Span, item.Salt.Span) : ItemRules.TargetOf(item.Value.Span);
        return Begin(
            new RepeatingOperation(
                Operations,
                (rounds, at) => PublishOf(target, item.Salt, mutable, new() { Kind = StoreKind.Republish, Item = item }, rounds, at),
                PublishInterval,
                newItemsOnly: true,
                observer,
                now),
            now);
    }

    /// <summary>Searches for a mutable item again and again and reports each higher sequence number, until cancelled (BEP 46).</summary>
    public OperationId Follow(in FollowRequest request, IMainlineObserver observer, Instant now)
    {
        Id160 target = ItemRules.TargetOf(request.PublicKey.Span, request.Salt.Span);
        ReadOnlyMemory<byte> salt = request.Salt;
        StoreKind kind = request.Republish ? StoreKind.RepublishFound : StoreKind.None;
        TimeSpan interval = request.Interval <= TimeSpan.Zero ? FollowInterval : request.Interval < LeastFollowInterval ? LeastFollowInterval : request.Interval;
        return Begin(
            new RepeatingOperation(
                Operations, (rounds, at) => PublishOf(target, salt, mutable: true, new() { Kind = kind }, rounds, at), interval, newItemsOnly: true, observer, now),
            now);
    }

    /// <summary>Walks the network with sample_infohashes, honouring the interval that each node asks for, until cancelled (BEP 51).</summary>
    public OperationId Index(in IndexRequest request, IMainlineObserver observer, Instant now) => Begin(new IndexOperation(Operations, request, observer, now), now);

    /// <summary>Ends an operation early; its observer's completion comes with <see cref="OperationEnd.Cancelled"/>.</summary>
    public void Cancel(OperationId operation, Instant now) => _operations?.Find(operation)?.Finish(OperationEnd.Cancelled, now);

    private static void CheckSalt(ReadOnlyMemory<byte> salt)
    {
        if (salt.Length > ItemRules.MaxSalt)
        {
            throw new ArgumentException($"a salt has at most {ItemRules.MaxSalt} bytes (BEP 44)");
        }
    }

    private OperationId Begin(Operation operation, Instant now) => Operations.Start(operation, now);

    private SearchOperation AnnounceOf(in AnnounceRequest request, IMainlineObserver observer, Instant now)
    {
        var plan = new StorePlan { Kind = StoreKind.Announce, Port = request.Port, Seed = request.Seed };
        var peers = new PeerHarvest(observer, _context.Entropy);
        return new(Operations, new(KrpcMethod.GetPeers, request.InfoHash), plan, peers, null, request.Timeout, observer, now);
    }

    private SearchOperation PublishOf(in Id160 target, ReadOnlyMemory<byte> salt, bool mutable, StorePlan plan, IMainlineObserver observer, Instant now)
    {
        var items = new ItemHarvest(_context, observer, target, salt, mutable);
        return new(Operations, new(KrpcMethod.Get, target), plan, null, items, TimeSpan.Zero, observer, now);
    }
}
