using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>Decides what a node does next to keep its routing table true. First build: bootstrap and a lookup of our own id.</summary>
public sealed class Maintenance<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    private readonly RoutingTable<TId, THandle> _table;
    private Instant _next;

    /// <summary>The maintenance of one table.</summary>
    public Maintenance(RoutingTable<TId, THandle> table, MaintenanceOptions options, EntropyStream entropy)
    {
        _table = table;
    }

    /// <summary>When <see cref="TryNext"/> should be asked again.</summary>
    public Instant NextDeadline => Instant.Min(_next, _table.NextCheck);

    /// <summary>The next thing to do, if one is due. Ask until it returns false.</summary>
    public bool TryNext(Instant now, out MaintenanceTask<TId, THandle> task)
    {
        task = default;
        if (now >= _table.NextCheck && _table.TryGetCheck(now, out Contact<TId, THandle> contact))
        {
            task = new(MaintenanceKind.Ping, contact, default, 0);
            return true;
        }

        if (now < _next)
        {
            return false;
        }

        // A thin table looks around again soon; a fuller one has others who find it.
        _next = now + TimeSpan.FromSeconds(_table.LiveCount == 0 ? 5 : _table.LiveCount < 8 ? 15 : 300);
        task = new(_table.Count == 0 ? MaintenanceKind.Bootstrap : MaintenanceKind.LookupSelf, default, _table.Self, 0);
        return true;
    }

    /// <summary>A task has ended.</summary>
    /// <param name="task">The task.</param>
    /// <param name="answered">Nodes that answered in its course.</param>
    /// <param name="now">The time.</param>
    public void Completed(in MaintenanceTask<TId, THandle> task, int answered, Instant now)
    {
    }

    /// <summary>The network has changed (interface, address) or the machine slept: the table must be verified anew.</summary>
    public void NetworkChanged(Instant now) => _next = now;
}
