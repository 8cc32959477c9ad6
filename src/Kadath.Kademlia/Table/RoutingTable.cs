using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// The contacts of one node, in buckets by their distance from its id. What stands in a bucket has answered us, or was restored and is
/// still to be verified; whoever has only been heard of waits in the bucket's replacement cache. There is no duplicate id, no duplicate
/// handle, and not our own id. A live contact is displaced only by a preference that the network states, see <see cref="Answered"/>.
/// </summary>
/// <remarks>
/// A machine without clock or effects: its network pings whom <see cref="TryGetCheck"/> and <see cref="Maintenance{TId,THandle}"/> name, and
/// tells what came of every query through <see cref="Answered"/> and <see cref="Failed"/>. Times are kept in whole seconds.
/// </remarks>
public sealed partial class RoutingTable<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    // How long a live bucket, or a full replacement cache, keeps its members after one was displaced: who floods us changes little.
    private const uint SettleSeconds = 60;

    // Where nobody has answered for this long, our own connection is the likelier cause, and the contacts are what it will be rebuilt from.
    private const uint OutageSeconds = 60;

    private readonly IContactRules<TId, THandle> _rules;
    private readonly int _rowSize;
    private readonly bool _splitsAll;
    private int _count;
    private int _live;
    private uint _lastAnswer;

    /// <summary>An empty table.</summary>
    /// <param name="self">Our id.</param>
    /// <param name="options">Shape and limits; throws <see cref="ArgumentException"/> naming an option that is out of its bounds.</param>
    /// <param name="rules">What the network says about contacts.</param>
    /// <param name="slab">Where the contacts are kept; its row size must fit the rules.</param>
    public RoutingTable(in TId self, RoutingTableOptions options, IContactRules<TId, THandle> rules, ContactSlab<TId, THandle> slab)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfNotEqual(slab.RowSize, TId.Size + rules.PackedSize, nameof(slab));
        Self = self;
        Options = options;
        Slab = slab;
        _rules = rules;
        _rowSize = slab.RowSize;
        _splitsAll = options.SplitsEveryBucket;
        _chunksPerLeaf = (options.Widths[0] + RowsPerChunk - 1) / RowsPerChunk;
        _index = _splitsAll ? new() : null;
        Reset();
    }

    /// <summary>The id around which the table is built.</summary>
    public TId Self { get; private set; }

    /// <summary>The options.</summary>
    public RoutingTableOptions Options { get; }

    /// <summary>Where the contacts are kept.</summary>
    public ContactSlab<TId, THandle> Slab { get; }

    /// <summary>Contacts in buckets, replacement caches apart.</summary>
    public int Count => _count;

    /// <summary>Contacts that have answered us and have not failed since.</summary>
    public int LiveCount => _live;

    /// <summary>When somebody last answered us, in whole seconds; zero if nobody has.</summary>
    public Instant LastAnswer => Instant.FromSeconds(_lastAnswer);

    /// <summary>True if the table holds the id, replacement caches apart.</summary>
    public bool Contains(in TId id) => FindRow(Locate(id), id) >= 0;

    /// <summary>The contact with this id; false if the table does not hold it.</summary>
    public bool TryFind(in TId id, out ContactView<TId, THandle> view)
    {
        ref Bucket bucket = ref Locate(id);
        int index = FindRow(bucket, id);
        view = index < 0 ? default : ViewOf(bucket, index);
        return index >= 0;
    }

    /// <summary>
    /// A contact that others named, or that queried us. It never displaces anybody: it waits in the replacement cache of its bucket until a
    /// ping that it answers admits it. <see cref="Admission.Check"/> says that there is room for it, so that <see cref="TryGetCheck"/> names it next.
    /// </summary>
    public Admission Heard(in TId id, in THandle handle, Instant now)
    {
        if (id.Equals(Self))
        {
            return Admission.Rejected;
        }

        int home = LocateIndex(id);
        ref Bucket bucket = ref _buckets[home];
        int index = FindRow(bucket, id);
        if (index >= 0)
        {
            // Another handle for a known id is hearsay; only where the known one fails is the claim worth a ping.
            return HasHandle(RowSpan(bucket, index), handle) ? Admission.Known
                : Meta(bucket, index).IsLive ? Admission.Rejected : Admission.Check;
        }

        Admission waits = HasRoom(home, id) ? Admission.Check : Admission.Cached;
        if (FindCandidate(bucket, id) >= 0)
        {
            return waits;
        }

        if (bucket.Candidates == CandidatesPerBucket && now.Seconds < bucket.CandidatesUntil)
        {
            return waits == Admission.Check ? waits : Admission.Rejected;
        }

        if (!IsAdmissible(bucket, handle))
        {
            return Admission.Rejected;
        }

        AddCandidate(ref bucket, id, handle, now);
        return waits;
    }

    /// <summary>
    /// A contact has answered a query of ours. A known one is refreshed. A new one takes a free place, or that of a contact that has failed
    /// <see cref="RoutingTableOptions.FailsBeforeReplacement"/> times; it displaces a live one only by the network's preference (or, where
    /// switched on, a clearly lower round-trip time), never one of the older half of the bucket, and at most one per bucket and minute.
    /// </summary>
    /// <param name="id">The id under which it answered.</param>
    /// <param name="handle">Where it answered from.</param>
    /// <param name="roundTrip">The round-trip time, or null if it was not measured.</param>
    /// <param name="now">The time.</param>
    public Admission Answered(in TId id, in THandle handle, TimeSpan? roundTrip, Instant now)
    {
        if (id.Equals(Self))
        {
            return Admission.Rejected;
        }

        _lastAnswer = now.Seconds;
        ref Bucket bucket = ref Locate(id);
        int index = FindRow(bucket, id);
        if (index < 0)
        {
            return Admit(id, handle, roundTrip, now);
        }

        if (!HasHandle(RowSpan(bucket, index), handle) && !TryMove(ref bucket, index, handle))
        {
            return Admission.Rejected;
        }

        ref RowMeta meta = ref Meta(bucket, index);
        bool lived = meta.IsLive;
        meta.Succeed(now.Seconds, roundTrip);
        CountLive(ref bucket, lived ? 0 : 1);
        return Admission.Known;
    }

    /// <summary>
    /// A query of ours to the contact has failed. Only <see cref="RpcFailure.Unreachable"/> and <see cref="RpcFailure.TimedOut"/> count
    /// against it: after one it is no longer named to others, after a few a newcomer that answers may take its place, and after
    /// <see cref="RoutingTableOptions.MaxFails"/> it leaves, unless nobody else has answered for a minute either.
    /// </summary>
    public void Failed(in TId id, in THandle handle, RpcFailure failure, Instant now)
    {
        if (failure is not (RpcFailure.Unreachable or RpcFailure.TimedOut))
        {
            return;
        }

        ref Bucket bucket = ref Locate(id);
        int index = FindRow(bucket, id);
        if (index < 0)
        {
            int candidate = FindCandidate(bucket, id);
            if (candidate >= 0 && HasHandle(CandidateSpan(bucket, candidate), handle))
            {
                RemoveCandidate(ref bucket, candidate);
                ScheduleCheck(ref bucket, now.Seconds);
            }

            return;
        }

        if (!HasHandle(RowSpan(bucket, index), handle))
        {
            return;
        }

        ref RowMeta meta = ref Meta(bucket, index);
        CountLive(ref bucket, meta.IsLive ? -1 : 0);
        meta.Fail();
        bucket.AddChurn();
        if (meta.Fails >= Options.MaxFails && now.Seconds <= _lastAnswer + OutageSeconds)
        {
            if (meta.Answered)
            {
                Remember(RowSpan(bucket, index));
            }

            Evict(ref bucket, index, now);
        }

        ScheduleCheck(ref bucket, now.Seconds);
    }

    /// <summary>
    /// The network has caught a contact in a lie. It lives, so that it stays as long as nobody else wants its place, but it is no longer named
    /// to others, and the next candidate of its bucket that answers takes the place, unless the contact is heard out again first (<see cref="Answered"/>).
    /// </summary>
    public void Distrust(in TId id, in THandle handle, Instant now)
    {
        ref Bucket bucket = ref Locate(id);
        int index = FindRow(bucket, id);
        if (index < 0 || !HasHandle(RowSpan(bucket, index), handle))
        {
            return;
        }

        ref RowMeta meta = ref Meta(bucket, index);
        CountLive(ref bucket, meta.IsLive ? -1 : 0);
        while (meta.Fails < Options.FailsBeforeReplacement)
        {
            meta.Fail();
        }

        ScheduleCheck(ref bucket, now.Seconds);
    }

    private ContactView<TId, THandle> ViewOf(in Bucket bucket, int index)
    {
        RowMeta meta = Meta(bucket, index);
        return new(ContactOf(RowSpan(bucket, index)), Instant.FromSeconds(meta.LastSeen), TimeSpan.FromMilliseconds(meta.RoundTrip), meta.Fails, meta.Answered);
    }
}
