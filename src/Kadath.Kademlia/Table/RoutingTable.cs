using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// The contacts of one node, in buckets by their distance from its id. First build: one list, same interface.
/// </summary>
public sealed class RoutingTable<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    private readonly IContactRules<TId, THandle> _rules;
    private readonly List<ContactView<TId, THandle>> _contacts = [];

    /// <summary>An empty table.</summary>
    public RoutingTable(in TId self, RoutingTableOptions options, IContactRules<TId, THandle> rules, ContactSlab<TId, THandle> slab)
    {
        options.Validate();
        Self = self;
        Options = options;
        _rules = rules;
        Slab = slab;
    }

    /// <summary>The id around which the table is built.</summary>
    public TId Self { get; private set; }

    /// <summary>The options.</summary>
    public RoutingTableOptions Options { get; }

    /// <summary>Where the contacts are kept.</summary>
    public ContactSlab<TId, THandle> Slab { get; }

    /// <summary>Contacts in buckets, replacement caches apart.</summary>
    public int Count => _contacts.Count;

    /// <summary>Contacts that have answered us and have not failed since.</summary>
    public int LiveCount => _contacts.Count(static c => c.IsLive);

    /// <summary>When <see cref="TryGetCheck"/> may have something; may be too early, never too late.</summary>
    public Instant NextCheck => Instant.Never;

    /// <summary>A contact that others named, or that queried us: it never displaces anybody who lives.</summary>
    public Admission Heard(in TId id, in THandle handle, Instant now) => Index(id) >= 0 ? Admission.Known : id.Equals(Self) ? Admission.Rejected : Admission.Check;

    /// <summary>A contact has answered a query of ours.</summary>
    public Admission Answered(in TId id, in THandle handle, TimeSpan? roundTrip, Instant now)
    {
        if (id.Equals(Self))
        {
            return Admission.Rejected;
        }

        int index = Index(id);
        ContactView<TId, THandle> view = new(new(id, handle), now, roundTrip ?? default, 0, true);
        if (index >= 0)
        {
            _contacts[index] = view;
            return Admission.Known;
        }

        if (_contacts.Count >= 400)
        {
            return Admission.Rejected;
        }

        _rules.Retain(handle);
        _contacts.Add(view);
        return Admission.Added;
    }

    /// <summary>A query of ours to the contact has failed. Only <see cref="RpcFailure.Unreachable"/> and <see cref="RpcFailure.TimedOut"/> count.</summary>
    public void Failed(in TId id, in THandle handle, RpcFailure failure, Instant now)
    {
        int index = Index(id);
        if (index >= 0 && failure is RpcFailure.Unreachable or RpcFailure.TimedOut)
        {
            _contacts[index] = _contacts[index] with { Fails = _contacts[index].Fails + 1 };
        }
    }

    /// <summary>The next contact that should be pinged before it is evicted or promoted; at most one per bucket at a time.</summary>
    public bool TryGetCheck(Instant now, out Contact<TId, THandle> contact)
    {
        contact = default;
        return false;
    }

    /// <summary>The contacts closest to a target, closest first; returns how many.</summary>
    public int Closest(in TId target, Span<Contact<TId, THandle>> into, ContactUse use)
    {
        TId t = target;
        var sorted = _contacts.Where(c => use == ContactUse.Ask || c.IsLive).ToList();
        sorted.Sort((a, b) => NodeIds.CompareDistance(t, a.Contact.Id, b.Contact.Id));
        int count = Math.Min(into.Length, sorted.Count);
        for (int i = 0; i < count; i++)
        {
            into[i] = sorted[i].Contact;
        }

        return count;
    }

    /// <summary>
    /// Copies the packed rows (id, then handle) of the live contacts closest to a target, closest first; returns how many rows.
    /// As many as <paramref name="max"/> and the room in <paramref name="rows"/> allow.
    /// </summary>
    public int CopyClosest(in TId target, int max, Span<byte> rows)
    {
        max = Math.Min(max, rows.Length / Slab.RowSize);
        var contacts = new Contact<TId, THandle>[max];
        int count = Closest(target, contacts, ContactUse.Name);
        for (int i = 0; i < count; i++)
        {
            contacts[i].Id.Write(rows[(i * Slab.RowSize)..]);
            _rules.Pack(contacts[i].Handle, rows[(i * Slab.RowSize + TId.Size)..]);
        }

        return count;
    }

    /// <summary>True if the table holds the id.</summary>
    public bool Contains(in TId id) => Index(id) >= 0;

    /// <summary>The contact with this id.</summary>
    public bool TryFind(in TId id, out ContactView<TId, THandle> view)
    {
        int index = Index(id);
        view = index < 0 ? default : _contacts[index];
        return index >= 0;
    }

    /// <summary>Our own id has changed: the contacts are sorted into buckets anew; none that fits is lost.</summary>
    public void Rebase(in TId self, Instant now) => Self = self;

    /// <summary>Puts a saved contact back, to be verified before it is named to others; false if there is no room for it.</summary>
    public bool Restore(in TId id, in THandle handle, Instant lastSeen, Instant now)
    {
        if (id.Equals(Self) || Index(id) >= 0)
        {
            return false;
        }

        _rules.Retain(handle);
        _contacts.Add(new(new(id, handle), lastSeen, default, 0, false));
        return true;
    }

    /// <summary>Buckets of the table.</summary>
    public int BucketCount => 1;

    /// <summary>A bucket, for telemetry.</summary>
    public BucketView Bucket(int index) => new(0, 400, Count, LiveCount, 0, default);

    /// <summary>Copies the contacts from number <paramref name="from"/> on (0 to <see cref="Count"/>), for snapshots; returns how many.</summary>
    public int CopyContacts(int from, Span<ContactView<TId, THandle>> into)
    {
        int count = Math.Clamp(_contacts.Count - from, 0, into.Length);
        for (int i = 0; i < count; i++)
        {
            into[i] = _contacts[from + i];
        }

        return count;
    }

    /// <summary>Forgets everything and gives the memory back to the slab.</summary>
    public void Clear()
    {
        foreach (ContactView<TId, THandle> view in _contacts)
        {
            _rules.Release(view.Contact.Handle);
        }

        _contacts.Clear();
    }

    private int Index(in TId id)
    {
        TId wanted = id;
        return _contacts.FindIndex(c => c.Contact.Id.Equals(wanted));
    }
}
