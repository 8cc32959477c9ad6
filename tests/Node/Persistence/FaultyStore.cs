using Kadath.Kademlia.Storage;

namespace Kadath.Tests.Node.Persistence;

/// <summary>A store in memory whose disk can be made slow or broken; it outlives its own disposal, as a file does.</summary>
internal sealed class FaultyStore : IRecordStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (string Collection, byte[] Key, byte[] Value, ulong Source, long Expires)> _records = new(StringComparer.Ordinal);

    public volatile bool Broken;
    public volatile int DelayMilliseconds;
    public int Opened;
    public int Batches;
    public int Flushes;
    public volatile int Expired;

    public RecordStoreOpening Opening { get; } = new(RecordStoreState.Created, null);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _records.Count;
            }
        }
    }

    /// <summary>A collection in words.</summary>
    public string[] Text(string collection)
    {
        List<string> records = [];
        Load(collection, 0, (key, value, source, _) => records.Add($"{Convert.ToHexString(key)}={Convert.ToHexString(value)} of {source}"));
        return [.. records];
    }

    public IRecordStore Open()
    {
        Interlocked.Increment(ref Opened);
        Check();
        return this;
    }

    public void Load(string collection, long nowUnixMilliseconds, RecordVisitor visit)
    {
        Check();
        lock (_lock)
        {
            foreach ((string name, byte[] key, byte[] value, ulong source, long expires) in _records.Values)
            {
                if (name == collection && expires > nowUnixMilliseconds)
                {
                    visit(key, value, source, expires);
                }
            }
        }
    }

    public void Apply(ReadOnlySpan<RecordChange> batch)
    {
        Thread.Sleep(DelayMilliseconds);
        Check();
        lock (_lock)
        {
            Batches++;
            foreach (RecordChange change in batch)
            {
                string name = $"{change.Collection}\n{Convert.ToHexString(change.Key)}";
                if (change.Value is { } value)
                {
                    _records[name] = (change.Collection, change.Key, value, change.Source, change.ExpiresUnixMilliseconds);
                }
                else
                {
                    _records.Remove(name);
                }
            }
        }
    }

    public int Expire(long nowUnixMilliseconds, int limit)
    {
        int expired = Math.Min(limit, Expired);
        Expired -= expired;
        return expired;
    }

    public void Flush()
    {
        Check();
        Interlocked.Increment(ref Flushes);
    }

    public void Dispose()
    {
    }

    private void Check()
    {
        if (Broken)
        {
            throw new RecordStoreException("no space left on device");
        }
    }
}
