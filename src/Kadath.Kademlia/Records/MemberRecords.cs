using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>A small member of a key's set: an announce, a provider.</summary>
/// <typeparam name="TSelf">The member type itself.</typeparam>
public interface IRecordMember<TSelf> : IEquatable<TSelf>
    where TSelf : unmanaged, IRecordMember<TSelf>
{
    /// <summary>Bytes of the identity by which a member is unique within its key; 1 to 64. Mainline: the IP address.</summary>
    static abstract int IdentitySize { get; }

    /// <summary>Writes <see cref="IdentitySize"/> bytes.</summary>
    void WriteIdentity(Span<byte> destination);

    /// <summary>True if both have the same identity.</summary>
    bool SameIdentity(in TSelf other);

    /// <summary>The class in which it is sampled and counted, 0 to 3. Mainline: seed or not, IPv4 or IPv6.</summary>
    int Class { get; }
}

/// <summary>
/// Records of the second shape: a bounded set of small members per key, unique by the member's identity. Samples are uniform and without
/// repetition, in time proportional to the sample. Nothing is allocated per operation once its memory has grown, and nothing is held before
/// the first put. Members leave at most a 254th of the longest TTL after they expire.
/// </summary>
public sealed partial class MemberRecords<TId, TMember>
    where TId : unmanaged, INodeId<TId>
    where TMember : unmanaged, IRecordMember<TMember>
{
    /// <summary>Classes of members.</summary>
    public const int Classes = 4;

    /// <summary>The mask of all classes.</summary>
    public const int AllClasses = (1 << Classes) - 1;

    private readonly MemberRecordOptions _options;
    private readonly EntropyStream _entropy;
    private readonly ManagedSipHash _hash = new();
    private readonly SipHashKey _hashKey;
    private readonly Slab<MemberEntry> _members = new();
    private readonly Slab<KeyEntry> _keys = new();
    private readonly SlotIndex _memberIndex = new();
    private readonly SlotIndex _keyIndex = new();
    private readonly ByteSlab _blocks = new(smallest: 16);
    private readonly ExpiryWheel<MemberEntry> _wheel;
    private readonly SourceCounts _sources;
    private readonly Queue<(TId Key, TMember Member)> _evicted = new();
    private long _evictions;
    private long _expiries;
    private long _refusedSource;
    private long _refusedKey;
    private long _refusedFull;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Its bounds, validated here.</param>
    /// <param name="entropy">The secret of its hash, its samples, and the choice of what leaves at the bound.</param>
    public MemberRecords(MemberRecordOptions options, EntropyStream entropy)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TMember.IdentitySize, 64);
        _options = options;
        _entropy = entropy;
        _hashKey = new(entropy.NextUInt64(), entropy.NextUInt64());
        _sources = new(entropy.NextUInt64());
        _wheel = new(_members, options.MaxLifetime);
    }

    /// <summary>Members held, over all keys.</summary>
    public int Count => _members.Count;

    /// <summary>Keys that have members.</summary>
    public int KeyCount => _keys.Count;

    /// <summary>What was evicted, expired and refused so far.</summary>
    public RecordCounters Counters => new(_evictions, _expiries, _refusedSource, _refusedKey, _refusedFull);

    /// <summary>When <see cref="Expire"/> is wanted next.</summary>
    public Instant NextDeadline => _wheel.NextDeadline;

    /// <summary>
    /// Adds a member to a key's set. A member of the same identity is overwritten and lives on: <see cref="PutOutcome.Refreshed"/>, or
    /// <see cref="PutOutcome.Replaced"/> if it differs.
    /// </summary>
    public RecordPut Put(in TId key, in TMember member, in PutOrigin origin, Instant now)
    {
        uint hash = HashOf(key, member);
        int at = Find(key, member, hash);
        if (at >= 0)
        {
            return Refresh(at, member, origin, now);
        }

        int ofSource = _sources.Of(origin.Source), holder = FindKey(key, out uint keyHash);
        if (ofSource >= _options.MaxPerSource)
        {
            _refusedSource++;
            return new(PutOutcome.SourceQuota, false, 0);
        }

        if (holder >= 0 && _keys[holder].Total >= _options.MaxPerKey)
        {
            _refusedKey++;
            return new(PutOutcome.KeyQuota, false, 0);
        }

        uint expires = RecordBounds.ExpiryOf(now, origin.Lifetime, _options.MaxLifetime);
        int evicted = 0;
        if (_members.Count >= _options.MaxMembers)
        {
            if (!TryEvict(RecordBounds.Value(ofSource + 1, origin.Worth, expires, now), now, out evicted))
            {
                _refusedFull++;
                return new(PutOutcome.Full, false, 0);
            }

            holder = FindKey(key, out keyHash);
        }

        holder = holder >= 0 ? holder : AddKey(key, keyHash);
        at = _members.Allocate();
        _members[at] = new MemberEntry
        {
            Member = member, Key = holder, Source = origin.Source, Worth = origin.Worth, Expires = expires, Written = now.Seconds,
        };
        _memberIndex.Add(hash, at);
        _wheel.Add(at);
        _sources.Add(origin.Source);
        Attach(at);
        return new(PutOutcome.Stored, true, evicted);
    }

    /// <summary>The member of this identity, if the key has it.</summary>
    public bool TryGet(in TId key, in TMember identity, Instant now, out TMember member)
    {
        int at = Find(key, identity, HashOf(key, identity));
        bool live = at >= 0 && _members[at].Expires > now.Seconds;
        member = live ? _members[at].Member : default;
        return live;
    }

    /// <summary>Removes a member; false if there is none of this identity.</summary>
    public bool Remove(in TId key, in TMember identity)
    {
        uint hash = HashOf(key, identity);
        int at = Find(key, identity, hash);
        if (at >= 0)
        {
            Drop(at, hash);
        }

        return at >= 0;
    }

    /// <summary>Removes what has expired, at most <paramref name="limit"/> members; returns how many.</summary>
    public int Expire(Instant now, int limit = 256)
    {
        int count = 0;
        for (; count < limit && _wheel.TryTakeDue(now, out int at); count++)
        {
            Drop(at, HashOf(_keys[_members[at].Key].Key, _members[at].Member), onWheel: false);
            _expiries++;
        }

        return count;
    }

    /// <summary>A member that left before its TTL, so that durable storage can forget it too. The last 1,024 wait to be read.</summary>
    public bool TryReadEvicted(out TId key, out TMember member)
    {
        bool any = _evicted.TryDequeue(out (TId Key, TMember Member) evicted);
        (key, member) = evicted;
        return any;
    }

    /// <summary>Walks over all members, for checkpoints: begin with 0. A walk across changes may miss or repeat members.</summary>
    public bool TryNext(ref int cursor, Instant now, out TId key, out TMember member, out Instant expires)
    {
        while (cursor < _members.High)
        {
            ref MemberEntry entry = ref _members[cursor++];
            if (entry.Expires > now.Seconds)
            {
                key = _keys[entry.Key].Key;
                member = entry.Member;
                expires = Instant.FromSeconds(entry.Expires);
                return true;
            }
        }

        key = default;
        member = default;
        expires = default;
        return false;
    }

    private RecordPut Refresh(int at, in TMember member, in PutOrigin origin, Instant now)
    {
        ref MemberEntry entry = ref _members[at];
        uint expires = RecordBounds.ExpiryOf(now, origin.Lifetime, _options.MaxLifetime);
        bool changed = !entry.Member.Equals(member);
        bool moves = entry.Member.Class != member.Class;
        if (moves)
        {
            Detach(at);
        }

        entry.Member = member;
        if (moves)
        {
            Attach(at);
        }

        bool persist = changed || now.Seconds - entry.Written >= (expires - now.Seconds) / 4;
        entry.Written = persist ? now.Seconds : entry.Written;
        if (expires != entry.Expires)
        {
            _wheel.Remove(at);
            entry.Expires = expires;
            _wheel.Add(at);
        }

        return new(changed ? PutOutcome.Replaced : PutOutcome.Refreshed, persist, 0);
    }

    private bool TryEvict(ulong newcomer, Instant now, out int evicted)
    {
        evicted = 0;
        int worst = -1;
        ulong least = newcomer;
        for (int i = 0, seen = 0; i < 8 * RecordBounds.EvictionSample && seen < RecordBounds.EvictionSample; i++)
        {
            int at = _entropy.NextBelow(_members.High);
            ref MemberEntry entry = ref _members[at];
            if (entry.Expires != 0)
            {
                seen++;
                ulong value = RecordBounds.Value(_sources.Of(entry.Source), entry.Worth, entry.Expires, now);
                (worst, least) = value < least ? (at, value) : (worst, least);
            }
        }

        if (worst < 0)
        {
            return false;
        }

        TId key = _keys[_members[worst].Key].Key;
        TMember member = _members[worst].Member;
        Drop(worst, HashOf(key, member));
        if (least == 0)
        {
            _expiries++;
            return true;
        }

        evicted = 1;
        _evictions++;
        if (_evicted.Count == RecordBounds.MaxEvictedUnread)
        {
            _evicted.Dequeue();
        }

        _evicted.Enqueue((key, member));
        return true;
    }

    private void Drop(int at, uint hash, bool onWheel = true)
    {
        if (onWheel)
        {
            _wheel.Remove(at);
        }

        Detach(at);
        ref MemberEntry entry = ref _members[at];
        int holder = entry.Key;
        _memberIndex.Remove(hash, at);
        _sources.Remove(entry.Source);
        _members.Free(at);
        if (_keys[holder].Total == 0)
        {
            RemoveKey(holder);
        }
    }

    private int Find(in TId key, in TMember member, uint hash)
    {
        for (int at = _memberIndex.First(hash, out int place); at >= 0; at = _memberIndex.Next(hash, ref place))
        {
            ref MemberEntry entry = ref _members[at];
            if (entry.Member.SameIdentity(member) && _keys[entry.Key].Key.Equals(key))
            {
                return at;
            }
        }

        return -1;
    }

    private uint HashOf(in TId key, in TMember member)
    {
        Span<byte> bytes = stackalloc byte[TId.Size + TMember.IdentitySize];
        key.Write(bytes);
        member.WriteIdentity(bytes[TId.Size..]);
        return (uint)_hash.Hash(_hashKey, bytes);
    }

    private struct MemberEntry : ISlabEntry
    {
        public TMember Member;
        public ulong Source;
        public int Key;
        public int Position;
        public uint Written;
        public byte Worth;

        public int Next { get; set; }

        public int Previous { get; set; }

        public uint Expires { get; set; }
    }
}
