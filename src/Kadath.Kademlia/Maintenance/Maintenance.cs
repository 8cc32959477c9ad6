using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// Decides what a node does next to keep its routing table true: it joins (saved contacts first, then the routers, with backoff for ever),
/// refreshes buckets, pings contacts that have been silent, and joins again when nobody answers, the network changes or the machine slept.
/// A machine without effects: the network asks <see cref="TryNext"/>, does what it says, and reports the end of each task.
/// </summary>
/// <remarks>
/// Intervals adapt to churn: a bucket in which contacts entered or failed is refreshed twice as often, one in which nothing happened half as
/// often, between <see cref="MaintenanceOptions.MinRefresh"/> and <see cref="MaintenanceOptions.MaxRefresh"/>; so do the rounds of pings.
/// </remarks>
public sealed partial class Maintenance<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    // More unanswered pings than this at a time add nothing: the answers to the first tell enough. A large map goes on while the dead among
    // its contacts run into their timeouts, as far as the queries outstanding at once (1,024 on Mainline) leave room for lookups.
    private const int FewestPings = 8, MostPings = 400;

    // The longest that a network waits for the answer to a ping.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    // What follows the end of a task waits a moment, so that a wake-up in which a task ends never asks for itself again.
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(10);

    // Two buckets of the usual width: below that, every candidate counts.
    private const int YoungTable = 16;

    // Tells the lookup of our id with which a node joins from the one that refreshes its own bucket.
    private const int JoinDepth = -1;

    // Ten pings in a row without an answer are no accident of single contacts, where half of all contacts of the real network are dead, if they
    // left after the last answer came: where many are on their way at once, the timeouts of the dead come in rows.
    private const int SilenceLimit = 10;

    private readonly RoutingTable<TId, THandle> _table;
    private readonly MaintenanceOptions _options;
    private readonly EntropyStream _entropy;
    private Instant _promised = Instant.Never;
    private Instant _nextJoin;
    private Instant _nextRefresh;
    private Instant _nextRound;
    private Instant _nextPing;
    private Instant _nextLost;
    private Instant _nextReunion;
    private TId _asked;
    private TimeSpan _backoff;
    private ushort _roundPings;
    private ushort _roundFails;
    private byte _roundMinutes;
    private ushort _pings;
    private byte _silent;
    private bool _joining;
    private bool _refreshing;
    private bool _askRouters;
    private bool _asksLost;

    /// <summary>The maintenance of one table; it joins at the first <see cref="TryNext"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="options">The intervals; throws <see cref="ArgumentException"/> naming one that is out of its bounds.</param>
    /// <param name="entropy">Randomness for targets and jitter; may be shared with the node's other machines.</param>
    public Maintenance(RoutingTable<TId, THandle> table, MaintenanceOptions options, EntropyStream entropy)
    {
        options.Validate();
        _table = table;
        _options = options;
        _entropy = entropy;
        _backoff = options.MinBackoff;
        _roundMinutes = Minutes(3 * options.MinRefresh);
    }

    /// <summary>True if the node has joined: a lookup of its own id was answered, and since then somebody has kept answering.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>
    /// When <see cref="TryNext"/> has something to do; may be too early. Depends on the table too, so read it after every input to the node.
    /// </summary>
    public Instant NextDeadline
    {
        get
        {
            Instant join = _joining ? Instant.Never : IsConnected && _table.LiveCount == 0 ? Instant.Min(_nextJoin, _nextPing) : _nextJoin;
            Instant ping = _pings >= MaxPings || !MayCheck ? Instant.Never : Instant.Max(_nextPing, _table.NextCheck);
            if (!IsConnected)
            {
                return Instant.Min(join, ping);
            }

            Instant refresh = _refreshing ? Instant.Never : _nextRefresh;
            Instant lost = _asksLost || _table.LostCount == 0 ? Instant.Never : _nextLost;
            Instant round = _pings >= MaxPings ? Instant.Never : Instant.Max(_nextPing, Instant.Min(_nextRound, lost));
            return Instant.Min(Instant.Min(join, ping), Instant.Min(refresh, round));
        }
    }

    /// <summary>The next thing to do, if one is due. Ask at every wake-up until it returns false.</summary>
    public bool TryNext(Instant now, out MaintenanceTask<TId, THandle> task)
    {
        if (!_promised.IsNever && now - _promised > _options.ClockGap)
        {
            NetworkChanged(now);
        }

        bool due = TryJoin(now, out task) || TryPing(now, out task) || (IsConnected && TryRefresh(now, out task));
        _promised = due ? Instant.Never : NextDeadline;
        return due;
    }

    /// <summary>A task has ended.</summary>
    /// <param name="task">The task, as it was given.</param>
    /// <param name="answered">How many nodes answered in its course: for a ping 0 or 1.</param>
    /// <param name="now">The time.</param>
    public void Completed(in MaintenanceTask<TId, THandle> task, int answered, Instant now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(answered);
        switch (task.Kind)
        {
            case MaintenanceKind.Ping:
                _pings -= _pings > 0 ? (ushort)1 : (ushort)0;
                if (_asksLost && task.Contact.Id.Equals(_asked))
                {
                    EndLost(answered > 0, now);
                    return;
                }

                _roundFails += answered == 0 ? (ushort)1 : (ushort)0;
                if (answered > 0 && !IsConnected)
                {
                    // Somebody came to us: through him we join.
                    _nextJoin = Instant.Min(_nextJoin, now);
                    _askRouters = false;
                    _promised = Instant.Never;
                }

                break;
            case MaintenanceKind.Refresh:
            case MaintenanceKind.LookupSelf when task.Depth != JoinDepth:
                EndRefresh(task.Depth, now);
                break;
            default:
                EndJoin(task.Kind, answered, now);
                return;
        }

        // A lookup asks several nodes: its silence weighs as much as the limit.
        int silence = task.Kind == MaintenanceKind.Ping ? 1 : SilenceLimit;
        _silent = (byte)(answered > 0 ? 0 : Math.Min(SilenceLimit, _silent + silence));
        if (_silent == SilenceLimit && IsConnected && now - _table.LastAnswer > s_patience)
        {
            Rejoin(now + s_breath);
        }
    }

    /// <summary>A task was not done, for lack of capacity or because the network has no key in that bucket. It says nothing, and comes again later.</summary>
    public void Declined(in MaintenanceTask<TId, THandle> task, Instant now)
    {
        switch (task.Kind)
        {
            case MaintenanceKind.Ping:
                _pings -= _pings > 0 ? (ushort)1 : (ushort)0;
                _asksLost &= !task.Contact.Id.Equals(_asked);
                break;
            case MaintenanceKind.Refresh:
            case MaintenanceKind.LookupSelf when task.Depth != JoinDepth:
                EndRefresh(task.Depth, now);
                break;
            default:
                _joining = false;
                _nextJoin = now + Jitter(_options.MinBackoff);
                break;
        }
    }

    /// <summary>
    /// The network changed (interface, address, own id) or the machine slept: the node joins again from the contacts it has, and verifies
    /// them in a round of pings.
    /// </summary>
    public void NetworkChanged(Instant now)
    {
        _backoff = _options.MinBackoff;
        Rejoin(now);
    }

    // A node that has not joined pings who comes to it, or the first node of a network, which has nobody to join, would never know anybody.
    private bool MayCheck => IsConnected || _table.Count < YoungTable;

    /// <summary>The time between two pings: the longest, unless the whole table could not be asked within the hour then.</summary>
    private TimeSpan PingInterval => TimeSpan.FromTicks(
        Math.Clamp(_options.MaxRefresh.Ticks / Math.Max(1, _table.Count), _options.MinPingInterval.Ticks, _options.PingInterval.Ticks));

    /// <summary>Pings that may await their answers at once: as many as leave within the time that one is awaited.</summary>
    private int MaxPings => (int)Math.Clamp(s_patience.Ticks / PingInterval.Ticks, FewestPings, MostPings);

    private TimeSpan Jitter(TimeSpan span) => (span * 0.75) + _entropy.NextBelow(span * 0.5);

    private static byte Minutes(TimeSpan span) => (byte)Math.Clamp(span.TotalMinutes, 1, byte.MaxValue);
}
