using Kadath.Kademlia.Storage;

namespace Kadath.Node;

/// <summary>
/// What a broken store has not taken yet, one change a record, the latest: written when the store works again. Used by the writer's thread
/// alone, but for <see cref="Count"/>.
/// </summary>
/// <param name="maxBytes">Bytes it may take, counted roughly.</param>
internal sealed class ChangeJournal(long maxBytes)
{
    // What a change costs beside its bytes: two arrays, the record, and its place in the dictionary.
    private const int Overhead = 160;

    // Looking for what has expired costs a walk over everything: worth it again only after some time.
    private const long SweepMilliseconds = 60_000;

    private readonly Dictionary<(string Collection, byte[] Key), RecordChange> _changes = new(KeyComparer.Instance);
    private long _bytes;
    private long _sweepAt;
    private int _count;

    /// <summary>Changes that wait. From any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a change, in place of an earlier one of the same record; false if there is no room, even without what has expired.</summary>
    public bool TryAdd(in RecordChange change, long nowUnixMilliseconds)
    {
        (string, byte[]) key = (change.Collection, change.Key);
        long size = SizeOf(change);
        if (_changes.Remove(key, out RecordChange earlier))
        {
            _bytes -= SizeOf(earlier);
        }

        if (_bytes + size > maxBytes)
        {
            Sweep(nowUnixMilliseconds);
        }

        bool fits = _bytes + size <= maxBytes;
        if (fits)
        {
            _changes.Add(key, change);
            _bytes += size;
        }

        Volatile.Write(ref _count, _changes.Count);
        return fits;
    }

    /// <summary>True if the latest change of this record deletes it.</summary>
    public bool Deletes(string collection, byte[] key) => _changes.TryGetValue((collection, key), out RecordChange change) && change.Value is null;

    /// <summary>Copies changes, any of them, and leaves them in; returns how many.</summary>
    public int CopyTo(Span<RecordChange> changes)
    {
        int count = 0;
        foreach (RecordChange change in _changes.Values)
        {
            if (count == changes.Length)
            {
                break;
            }

            changes[count++] = change;
        }

        return count;
    }

    /// <summary>Lets go of changes that were written.</summary>
    public void Remove(ReadOnlySpan<RecordChange> written)
    {
        foreach (ref readonly RecordChange change in written)
        {
            if (_changes.Remove((change.Collection, change.Key), out RecordChange earlier))
            {
                _bytes -= SizeOf(earlier);
            }
        }

        Volatile.Write(ref _count, _changes.Count);
    }

    private static long SizeOf(in RecordChange change) => Overhead + change.Key.Length + (change.Value?.Length ?? 0);

    private void Sweep(long nowUnixMilliseconds)
    {
        if (Environment.TickCount64 < _sweepAt)
        {
            return;
        }

        _sweepAt = Environment.TickCount64 + SweepMilliseconds;
        Remove([.. _changes.Values.Where(change => change.Value is not null && change.ExpiresUnixMilliseconds <= nowUnixMilliseconds)]);
    }

    private sealed class KeyComparer : IEqualityComparer<(string Collection, byte[] Key)>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals((string Collection, byte[] Key) x, (string Collection, byte[] Key) y) =>
            x.Collection == y.Collection && x.Key.AsSpan().SequenceEqual(y.Key);

        public int GetHashCode((string Collection, byte[] Key) obj)
        {
            HashCode hash = default;
            hash.Add(obj.Collection);
            hash.AddBytes(obj.Key);
            return hash.ToHashCode();
        }
    }
}
