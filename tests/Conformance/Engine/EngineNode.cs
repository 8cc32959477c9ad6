using Kadath.Kademlia;
using Kadath.Primitives;
using Kadath.Tests.Support;

namespace Kadath.Tests.Conformance.Engine;

internal enum SearchKind
{
    Find,
    Put,
    Get,
}

/// <summary>A search of a test network: a lookup of the engine and what the network wants of it.</summary>
internal sealed class Search<THandle>(SearchKind kind, int key, Action<SearchResult>? done)
    where THandle : unmanaged, IEquatable<THandle>
{
    public SearchKind Kind { get; } = kind;

    /// <summary>The key's number: its preimage, which the engine carries as an opaque tag.</summary>
    public int Key { get; } = key;

    public Action<SearchResult>? Done { get; } = done;

    public LookupMachine<Id256, THandle> Lookup { get; set; } = null!;

    public MaintenanceTask<Id256, THandle>? Task { get; set; }

    public byte[]? Value { get; set; }

    public int StoresPending { get; set; }

    public int Stored { get; set; }

    public SearchResult? Result { get; set; }

    public bool Ended { get; set; }
}

/// <summary>
/// The part of a network that is the same for every wire: it composes table, maintenance and lookups, asks when they want to ask, and tells them
/// what came of it. A network derives from it once and adds how a query travels.
/// </summary>
internal abstract class EngineNode<THandle> : IMachine
    where THandle : unmanaged, IEquatable<THandle>
{
    private readonly List<Search<THandle>> _searches = [];
    private readonly LookupPool<Id256, THandle> _pool;
    private readonly LookupOptions _options;
    private readonly RoundTripEstimator _roundTrips = new();

    protected EngineNode(
        int number, in Id256 id, VirtualNetwork net, IContactRules<Id256, THandle> rules, RoutingTableOptions table, LookupOptions options,
        ContactSlab<Id256, THandle> slab, LookupPool<Id256, THandle> pool)
    {
        Number = number;
        Net = net;
        Rules = rules;
        _options = options;
        _pool = pool;
        Entropy = net.Entropy.Child(1000 + (ulong)number).Stream(0);
        Table = new(id, table, rules, slab);
        Maintenance = new(Table, new(), net.Entropy.Child(1000 + (ulong)number).Stream(1));
    }

    public int Number { get; }

    public Id256 Id => Table.Self;

    public VirtualNetwork Net { get; }

    public RoutingTable<Id256, THandle> Table { get; }

    public bool IsSearching => _searches.Count > 0;

    protected IContactRules<Id256, THandle> Rules { get; }

    protected Maintenance<Id256, THandle> Maintenance { get; }

    protected EntropyStream Entropy { get; }

    public Instant NextDeadline
    {
        get
        {
            Instant earliest = Maintenance.NextDeadline;
            foreach (Search<THandle> search in _searches)
            {
                earliest = search.Ended ? earliest : Instant.Min(earliest, search.Lookup.NextDeadline);
            }

            return earliest;
        }
    }

    public void Wake(Instant now)
    {
        for (int i = _searches.Count - 1; i >= 0; i--)
        {
            _searches[i].Lookup.Wake(now);
            Pump(_searches[i]);
        }

        while (Maintenance.TryNext(now, out MaintenanceTask<Id256, THandle> task))
        {
            Begin(task);
        }
    }

    public void Start(Search<THandle> search, in Id256 target)
    {
        search.Lookup = _pool.Rent();
        _searches.Add(search);
        Contact<Id256, THandle>[] seeds = new Contact<Id256, THandle>[2 * _options.Width];
        int count = Table.Closest(target, seeds, ContactUse.Ask);
        search.Lookup.Start(
            new() { Target = target, Self = Id, Options = _options, Rules = Rules, RoundTrips = _roundTrips, Tag = (ulong)search.Key },
            seeds.AsSpan(0, count), Net.Now);
        if (count == 0 || search.Task is { Kind: MaintenanceKind.Bootstrap })
        {
            Introduce(search.Lookup);
        }

        Net.Timer(Number, TimeSpan.Zero, () => Pump(search));
    }

    /// <summary>Gives a lookup that knows nobody the introducer.</summary>
    protected abstract void Introduce(LookupMachine<Id256, THandle> lookup);

    /// <summary>Sends a lookup's query, and in time calls <see cref="Answered"/> or <see cref="Unanswered"/>.</summary>
    protected abstract void Ask(Search<THandle> search, in LookupQuery<Id256, THandle> query);

    /// <summary>Pings a contact, and tells the table.</summary>
    protected abstract void Ping(in Contact<Id256, THandle> contact, Action<bool>? ended);

    /// <summary>Stores the search's value at a holder, and in time counts it.</summary>
    protected virtual void Store(Search<THandle> search, in LookupAnswer<Id256, THandle> holder) => throw new NotSupportedException("a network without records begins no search that stores");

    /// <summary>A point that serves the task; false where the network cannot make one: ids are hashes of preimages.</summary>
    protected virtual bool TryTarget(in MaintenanceTask<Id256, THandle> task, out Id256 target)
    {
        target = task.Target;
        return true;
    }

    protected abstract int NumberOf(in THandle handle);

    /// <summary>A peer answered a query of ours: what every answer means to the table.</summary>
    protected void Heard(in Id256 id, in THandle handle, TimeSpan roundTrip)
    {
        Table.Answered(id, handle, roundTrip, Net.Now);
    }

    protected void Answered(Search<THandle> search, int slot, ReadOnlySpan<Contact<Id256, THandle>> contacts, TimeSpan roundTrip, ulong ticket)
    {
        foreach (ref readonly Contact<Id256, THandle> contact in contacts)
        {
            Table.Heard(contact.Id, contact.Handle, Net.Now);
        }

        if (!search.Ended)
        {
            search.Lookup.Replied(slot, contacts, roundTrip, ticket, Net.Now);
            Pump(search);
        }
    }

    protected void Unanswered(Search<THandle> search, int slot, in Contact<Id256, THandle> contact, RpcFailure failure)
    {
        Table.Failed(contact.Id, contact.Handle, failure, Net.Now);
        if (!search.Ended)
        {
            search.Lookup.Failed(slot, failure, Net.Now);
            Pump(search);
        }
    }

    /// <summary>Sends what the lookup wants sent, and ends the search when it is done.</summary>
    protected void Pump(Search<THandle> search)
    {
        if (search.Ended)
        {
            return;
        }

        while (search.Lookup.TryNext(Net.Now, out LookupQuery<Id256, THandle> query))
        {
            Ask(search, query);
        }

        if (search.Lookup.IsDone && !search.Ended)
        {
            End(search);
        }
    }

    protected void Finish(Search<THandle> search)
    {
        if (search.StoresPending == 0 && search.Result is { } result)
        {
            search.Result = null;
            search.Done?.Invoke(result with { Stored = search.Stored });
        }
    }

    private void Begin(in MaintenanceTask<Id256, THandle> task)
    {
        MaintenanceTask<Id256, THandle> begun = task;
        if (task.Kind == MaintenanceKind.Ping)
        {
            Ping(task.Contact, alive => Maintenance.Completed(begun, alive ? 1 : 0, Net.Now));
        }
        else if (TryTarget(task, out Id256 target))
        {
            Start(new(SearchKind.Find, key: -1, null) { Task = task }, target);
        }
        else
        {
            Maintenance.Completed(task, 0, Net.Now);
        }
    }

    private void End(Search<THandle> search)
    {
        search.Ended = true;
        LookupReport report = search.Lookup.Report;
        LookupAnswer<Id256, THandle>[] closest = new LookupAnswer<Id256, THandle>[_options.Width];
        int count = search.Lookup.Closest(closest);
        search.Result = new(
            [.. closest.Take(count).Select(a => NumberOf(a.Contact.Handle))], search.Value, 0, report.Hops, report.Messages, report.End == LookupEnd.Converged);
        if (search.Kind == SearchKind.Put)
        {
            search.StoresPending = count;
            foreach (LookupAnswer<Id256, THandle> holder in closest.Take(count))
            {
                Store(search, holder);
            }
        }

        _searches.Remove(search);
        _pool.Return(search.Lookup);
        if (search.Task is { } task)
        {
            Maintenance.Completed(task, report.Answered, Net.Now);
        }

        Finish(search);
    }
}
