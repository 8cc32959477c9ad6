using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>What a network's selector says of an offered value beside the one held.</summary>
public enum ValueChoice : byte
{
    /// <summary>The offered value takes the place of the one held.</summary>
    Replace,

    /// <summary>The value held stays, and lives longer.</summary>
    Refresh,

    /// <summary>The value held stays, unchanged.</summary>
    Refuse,
}

/// <summary>
/// A network's validator and selector. A struct, so that the call costs nothing; it may carry what it compares with and the reason that it gives.
/// </summary>
public interface IValueSelector<TId>
    where TId : unmanaged, INodeId<TId>
{
    /// <summary>Chooses between the value held and the one offered.</summary>
    ValueChoice Select(in TId key, ReadOnlySpan<byte> held, ReadOnlySpan<byte> offered);

    /// <summary>Whether the offered value may be stored where none is held.</summary>
    bool Admit(in TId key, ReadOnlySpan<byte> offered);
}

/// <summary>
/// Records of the first shape: one best value per key, opaque bytes of bounded length. Nothing is allocated per operation once its memory has
/// grown, and nothing is held before the first put. Keys are hashed under a secret, since peers choose them.
/// </summary>
public sealed class ValueRecords<TId>
    where TId : unmanaged, INodeId<TId>
{
    private const int SmallestChunk = 64;

    private readonly ValueRecordOptions _options;
    private readonly EntropyStream _entropy;
    private readonly ManagedSipHash _hash = new();
    private readonly SipHashKey _hashKey;
    private readonly Slab<Entry> _entries = new();
    private readonly SlotIndex _index = new();
    private readonly ByteSlab _bytes = new(SmallestChunk);
    private readonly ExpiryWheel<Entry> _wheel;
    private readonly SourceCounts _sources;
    private readonly Queue<TId> _evicted = new();
    private long _chunkBytes;
    private long _evictions;
    private long _expiries;
    private long _refusedSource;
    private long _refusedFull;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Its bounds, validated here.</param>
    /// <param name="entropy">The secret of its hash, and the choice of what leaves at the bound.</param>
    public ValueRecords(ValueRecordOptions options, EntropyStream entropy)
    {
        options.Validate();
        _options = options;
        _entropy = entropy;
        _hashKey = new(entropy.NextUInt64(), entropy.NextUInt64());
        _sources = new(entropy.NextUInt64());
        _wheel = new(_entries, options.MaxLifetime);
    }

    /// <summary>Records held, those that have expired but not left included.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes of the chunks that values take.</summary>
    public long ChunkBytes => _chunkBytes;

    /// <summary>What was evicted, expired and refused so far.</summary>
    public RecordCounters Counters => new(_evictions, _expiries, _refusedSource, 0, _refusedFull);

    /// <summary>When <see cref="Expire"/> is wanted next.</summary>
    public Instant NextDeadline => _wheel.NextDeadline;

    /// <summary>Offers a value for a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; copied.</param>
    /// <param name="origin">Who puts it and for how long.</param>
    /// <param name="selector">The network's rule.</param>
    /// <param name="now">The time.</param>
    public RecordPut Put<TSelector>(in TId key, ReadOnlySpan<byte> value, in PutOrigin origin, ref TSelector selector, Instant now)
        where TSelector : struct, IValueSelector<TId>, allows ref struct
    {
        if (value.Length > _options.MaxValueSize)
        {
            return new(PutOutcome.TooLarge, false, 0);
        }

        uint hash = HashOf(key);
        int at = Find(key, hash);
        if (at >= 0 && _entries[at].Expires <= now.Seconds)
        {
            Drop(at, hash);
            _expiries++;
            at = -1;
        }

        return at < 0 ? PutNew(key, hash, value, origin, ref selector, now) : PutHeld(at, value, origin, ref selector, now);
    }

    /// <summary>The value of a key, valid until the next call that changes the store.</summary>
    public bool TryGet(in TId key, Instant now, out ReadOnlySpan<byte> value) => TryGet(key, now, out value, out _);

    /// <summary>The value of a key and when it expires; valid until the next call that changes the store.</summary>
    public bool TryGet(in TId key, Instant now, out ReadOnlySpan<byte> value, out Instant expires)
    {
        int at = Find(key, HashOf(key));
        if (at < 0 || _entries[at].Expires <= now.Seconds)
        {
            value = default;
            expires = default;
            return false;
        }

        ref Entry entry = ref _entries[at];
        value = _bytes.Get(entry.Chunk, entry.Length);
        expires = Instant.FromSeconds(entry.Expires);
        return true;
    }

    /// <summary>Removes a record; false if there is none.</summary>
    public bool Remove(in TId key)
    {
        uint hash = HashOf(key);
        int at = Find(key, hash);
        if (at >= 0)
        {
            Drop(at, hash);
        }

        return at >= 0;
    }

    /// <summary>Removes what has expired, at most <paramref name="limit"/> records; returns how many.</summary>
    public int Expire(Instant now, int limit = 256)
    {
        int count = 0;
        for (; count < limit && _wheel.TryTakeDue(now, out int at); count++)
        {
            Drop(at, HashOf(_entries[at].Key), onWheel: false);
            _expiries++;
        }

        return count;
    }

    /// <summary>A key whose record left before its TTL, so that durable storage can forget it too. The last 1,024 wait to be read.</summary>
    public bool TryReadEvicted(out TId key) => _evicted.TryDequeue(out key);

    /// <summary>Walks over all records, for republishing and checkpoints: begin with 0. A walk across changes may miss or repeat records.</summary>
    public bool TryNext(ref int cursor, Instant now, out TId key, out ReadOnlySpan<byte> value, out Instant expires)
    {
        while (cursor < _entries.High)
        {
            ref Entry entry = ref _entries[cursor++];
            if (entry.Expires > now.Seconds)
            {
                key = entry.Key;
                value = _bytes.Get(entry.Chunk, entry.Length);
                expires = Instant.FromSeconds(entry.Expires);
                return true;
            }
        }

        key = default;
        value = default;
        expires = default;
        return false;
    }

    private RecordPut PutNew<TSelector>(in TId key, uint hash, ReadOnlySpan<byte> value, in PutOrigin origin, ref TSelector selector, Instant now)
        where TSelector : struct, IValueSelector<TId>, allows ref struct
    {
        if (!selector.Admit(key, value))
        {
            return new(PutOutcome.Refused, false, 0);
        }

        int ofSource = _sources.Of(origin.Source);
        if (ofSource >= _options.MaxPerSource)
        {
            _refusedSource++;
            return new(PutOutcome.SourceQuota, false, 0);
        }

        uint expires = RecordBounds.ExpiryOf(now, origin.Lifetime, _options.MaxLifetime);
        ulong worth = RecordBounds.Value(ofSource + 1, origin.Worth, expires, now);
        if (!MakeRoom(_bytes.ChunkOf(value.Length), worth, keep: -1, now, out int evicted))
        {
            _refusedFull++;
            return new(PutOutcome.Full, false, evicted);
        }

        int at = _entries.Allocate();
        ref Entry entry = ref _entries[at];
        entry.Key = key;
        entry.Source = origin.Source;
        entry.Worth = origin.Worth;
        entry.Chunk = _bytes.Store(value);
        entry.Length = value.Length;
        entry.Expires = expires;
        entry.Written = now.Seconds;
        _chunkBytes += _bytes.ChunkOf(value.Length);
        _index.Add(hash, at);
        _wheel.Add(at);
        _sources.Add(origin.Source);
        return new(PutOutcome.Stored, true, evicted);
    }

    private RecordPut PutHeld<TSelector>(int at, ReadOnlySpan<byte> value, in PutOrigin origin, ref TSelector selector, Instant now)
        where TSelector : struct, IValueSelector<TId>, allows ref struct
    {
        ref Entry entry = ref _entries[at];
        ValueChoice choice = selector.Select(entry.Key, _bytes.Get(entry.Chunk, entry.Length), value);
        if (choice == ValueChoice.Refuse)
        {
            return new(PutOutcome.Refused, false, 0);
        }

        uint expires = RecordBounds.ExpiryOf(now, origin.Lifetime, _options.MaxLifetime);
        int evicted = 0;
        if (choice == ValueChoice.Replace)
        {
            int more = _bytes.ChunkOf(value.Length) - _bytes.ChunkOf(entry.Length);
            if (more > 0 && !MakeRoom(more, RecordBounds.Value(_sources.Of(entry.Source), entry.Worth, expires, now), keep: at, now, out evicted))
            {
                _refusedFull++;
                return new(PutOutcome.Full, false, evicted);
            }

            _bytes.Free(entry.Chunk, entry.Length);
            entry.Chunk = _bytes.Store(value);
            entry.Length = value.Length;
            _chunkBytes += more;
        }

        bool persist = choice == ValueChoice.Replace || now.Seconds - entry.Written >= (expires - now.Seconds) / 4;
        entry.Written = persist ? now.Seconds : entry.Written;
        if (expires > entry.Expires)
        {
            _wheel.Remove(at);
            entry.Expires = expires;
            _wheel.Add(at);
        }

        return new(choice == ValueChoice.Replace ? PutOutcome.Replaced : PutOutcome.Refreshed, persist, evicted);
    }

    /// <summary>Evicts what is worth less than the newcomer until it fits; false if the newcomer itself is worth least.</summary>
    private bool MakeRoom(int chunk, ulong worth, int keep, Instant now, out int evicted)
    {
        evicted = 0;
        while ((keep < 0 && _entries.Count >= _options.MaxRecords) || _chunkBytes + chunk > _options.MaxBytes)
        {
            int worst = -1;
            ulong least = worth;
            for (int i = 0, seen = 0; i < 8 * RecordBounds.EvictionSample && seen < RecordBounds.EvictionSample; i++)
            {
                int at = _entropy.NextBelow(_entries.High);
                ref Entry entry = ref _entries[at];
                if (entry.Expires != 0 && at != keep)
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

            evicted += Evict(worst, expired: least == 0);
        }

        return true;
    }

    private int Evict(int at, bool expired)
    {
        TId key = _entries[at].Key;
        Drop(at, HashOf(key));
        if (expired)
        {
            _expiries++;
            return 0;
        }

        _evictions++;
        if (_evicted.Count == RecordBounds.MaxEvictedUnread)
        {
            _evicted.Dequeue();
        }

        _evicted.Enqueue(key);
        return 1;
    }

    private void Drop(int at, uint hash, bool onWheel = true)
    {
        if (onWheel)
        {
            _wheel.Remove(at);
        }

        ref Entry entry = ref _entries[at];
        _index.Remove(hash, at);
        _bytes.Free(entry.Chunk, entry.Length);
        _chunkBytes -= _bytes.ChunkOf(entry.Length);
        _sources.Remove(entry.Source);
        _entries.Free(at);
    }

    private int Find(in TId key, uint hash)
    {
        for (int at = _index.First(hash, out int place); at >= 0; at = _index.Next(hash, ref place))
        {
            if (_entries[at].Key.Equals(key))
            {
                return at;
            }
        }

        return -1;
    }

    private uint HashOf(in TId key)
    {
        Span<byte> bytes = stackalloc byte[TId.Size];
        key.Write(bytes);
        return (uint)_hash.Hash(_hashKey, bytes);
    }

    private struct Entry : ISlabEntry
    {
        public TId Key;
        public ulong Source;
        public int Chunk;
        public int Length;
        public uint Written;
        public byte Worth;

        public int Next { get; set; }

        public int Previous { get; set; }

        public uint Expires { get; set; }
    }
}
