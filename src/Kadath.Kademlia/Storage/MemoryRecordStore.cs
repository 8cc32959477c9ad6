namespace Kadath.Kademlia.Storage;

/// <summary>
/// A store that lives as long as its process: for tests, for the simulator, and for nodes that keep nothing. It obeys the same conformance
/// suite as the durable ones. <see cref="Flush"/> does nothing.
/// </summary>
public sealed class MemoryRecordStore : IRecordStore
{
    private readonly SortedDictionary<string, SortedDictionary<byte[], Stored>> _collections = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <inheritdoc/>
    public RecordStoreOpening Opening { get; } = new(RecordStoreState.Created, null);

    /// <inheritdoc/>
    public void Load(string collection, long nowUnixMilliseconds, RecordVisitor visit)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RecordLimits.CheckCollection(collection);
        ArgumentNullException.ThrowIfNull(visit);
        if (!_collections.TryGetValue(collection, out SortedDictionary<byte[], Stored>? records))
        {
            return;
        }

        foreach ((byte[] key, Stored stored) in records)
        {
            if (!stored.HasExpired(nowUnixMilliseconds))
            {
                visit(key, stored.Value, stored.Source, stored.Expires);
            }
        }
    }

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<RecordChange> batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RecordLimits.Check(batch);
        foreach (ref readonly RecordChange change in batch)
        {
            if (!_collections.TryGetValue(change.Collection, out SortedDictionary<byte[], Stored>? records))
            {
                _collections[change.Collection] = records = new SortedDictionary<byte[], Stored>(KeyOrder);
            }

            if (change.Value is null)
            {
                records.Remove(change.Key);
            }
            else
            {
                records[(byte[])change.Key.Clone()] = new Stored((byte[])change.Value.Clone(), change.ExpiresUnixMilliseconds, change.Source);
            }
        }
    }

    /// <inheritdoc/>
    public int Expire(long nowUnixMilliseconds, int limit)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var expired = new List<(long Expires, string Collection, byte[] Key)>();
        foreach ((string collection, SortedDictionary<byte[], Stored> records) in _collections)
        {
            foreach ((byte[] key, Stored stored) in records)
            {
                if (stored.HasExpired(nowUnixMilliseconds))
                {
                    expired.Add((stored.Expires, collection, key));
                }
            }
        }

        List<(long Expires, string Collection, byte[] Key)> oldest = [.. expired.OrderBy(static e => e.Expires).Take(limit)];
        foreach ((_, string collection, byte[] key) in oldest)
        {
            _collections[collection].Remove(key);
        }

        return oldest.Count;
    }

    /// <inheritdoc/>
    public void Flush() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <inheritdoc/>
    public void Dispose() => _disposed = true;

    private static readonly Comparer<byte[]> KeyOrder = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    private readonly record struct Stored(byte[] Value, long Expires, ulong Source)
    {
        public bool HasExpired(long now) => Expires != long.MaxValue && Expires <= now;
    }
}
