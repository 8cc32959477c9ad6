using System.Collections.Concurrent;
using Kadath.Kademlia.Storage;

namespace Kadath.Node;

/// <summary>How far the writer has come.</summary>
/// <param name="Through">All changes up to this number are settled.</param>
/// <param name="Durable">They have reached the operating system; false if the store refused them.</param>
internal readonly record struct WriteProgress(long Through, bool Durable);

/// <summary>What a <see cref="StoreWriter"/> works with.</summary>
internal sealed record StoreWriterSetup
{
    /// <summary>Opens the store; called again after a fault.</summary>
    public required Func<IRecordStore> Open { get; init; }

    /// <summary>The store if it was opened and loaded already, or null if that failed.</summary>
    public required IRecordStore? Store { get; init; }

    /// <summary>Why it could not be opened or loaded, or null.</summary>
    public string? Alarm { get; init; }

    /// <summary>Names of the collections, by number.</summary>
    public required string[] Collections { get; init; }

    /// <summary>Force each batch to the medium.</summary>
    public bool FlushEveryBatch { get; init; }

    /// <summary>Called on the writer's thread when progress waits: signals the loop.</summary>
    public Action Progressed { get; init; } = static () => { };

    /// <summary>The collections that are loaded from a store that opens only later.</summary>
    public byte[] LoadedLate { get; init; } = [];

    /// <summary>Takes records of such a store; see <see cref="LateLoad"/>.</summary>
    public Func<LoadedRecord[], bool> Take { get; init; } = static _ => true;

    /// <summary>Bytes of changes that are remembered while the store is broken: some 300,000 announces, or 50,000 items of the largest size.</summary>
    public long JournalBytes { get; init; } = 64L << 20;
}

/// <summary>
/// Writes behind the loop, on a thread of its own: changes come through a bounded ring and go to the store in batches, at once where
/// somebody waits, else gathered for a moment. When the store fails it says so, keeps the node in memory-only mode, remembers what is not
/// durable, and tries again with backoff; when the store works again, that is written.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    /// <summary>How long changes that nobody waits for are gathered: well within the second in which announces must be written.</summary>
    public static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);

    private const int RingBytes = 8 << 20;
    private const int MaxBatch = 4096;
    private const int ExpireLimit = 2000;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ExpireInterval = TimeSpan.FromMinutes(1);

    // Where more has expired than one round deletes, the next follows soon: a million announces that live half an hour need 560 a second.
    private static readonly TimeSpan ExpireAgain = TimeSpan.FromMilliseconds(500);

    // With the time that changes are gathered, a power cut costs at most the last second.
    private static readonly TimeSpan FlushDelay = TimeSpan.FromMilliseconds(700);

    private readonly StoreWriterSetup _setup;
    private readonly ChangeJournal _journal;
    private readonly LateLoad _late;
    private readonly ChangeRing _ring = new(RingBytes);
    private readonly ConcurrentQueue<WriteProgress> _progress = new();
    private readonly AutoResetEvent _work = new(false);
    private readonly RecordChange[] _batch = new RecordChange[MaxBatch];
    private readonly Thread _thread;
    private IRecordStore? _store;
    private TimeSpan _retryAfter = FirstRetry;
    private long _retryAt;
    private long _expireAt;
    private long _flushAt = long.MaxValue;
    private long _sequence;
    private long _settled;
    private long _writtenChanges;
    private long _lost;
    private int _idle;
    private bool _loaded;
    private volatile bool _degraded;
    private volatile bool _stopping;
    private volatile string? _alarm;
    private volatile RecordStoreOpening? _opening;

    public StoreWriter(StoreWriterSetup setup)
    {
        (_setup, _store, _alarm) = (setup, setup.Store, setup.Alarm);
        _journal = new(setup.JournalBytes);
        _late = new(setup.Collections, setup.LoadedLate, setup.Take);
        _opening = setup.Store?.Opening;
        _loaded = setup.Store is not null;
        _degraded = !_loaded;
        _retryAt = Environment.TickCount64 + (long)FirstRetry.TotalMilliseconds;
        _expireAt = Environment.TickCount64;
        _thread = new(Run) { IsBackground = true, Name = "kadath-store" };
        _thread.Start();
    }

    /// <summary>True while the store is broken and records live in memory only.</summary>
    public bool Degraded => _degraded;

    /// <summary>The state for people.</summary>
    public StoreStatus Status => new(
        _degraded ? StoreMode.Degraded : StoreMode.Durable, _alarm, _opening, Interlocked.Read(ref _writtenChanges), Interlocked.Read(ref _lost),
        (int)Math.Max(Interlocked.Read(ref _sequence) - Interlocked.Read(ref _settled), 0) + _journal.Count);

    /// <summary>
    /// Queues a change and returns its number; 0 if the ring is full (counted). An empty value deletes. On the loop.
    /// </summary>
    public long TryWrite(bool urgent, byte collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, long expiresUnixMilliseconds)
    {
        long number = _sequence + 1;
        if (!_ring.TryWrite(new(number, urgent, collection, source, expiresUnixMilliseconds), key, value))
        {
            Interlocked.Increment(ref _lost);
            return 0;
        }

        Interlocked.Exchange(ref _sequence, number);
        // Idle is 1 while the writer sleeps for good, 2 while it gathers: then only what is urgent, or a lot, wakes it.
        int idle = Volatile.Read(ref _idle);
        if (idle == 1 || (idle == 2 && (urgent || _ring.Pending > RingBytes / 2)))
        {
            Volatile.Write(ref _idle, 0);
            _work.Set();
        }

        return number;
    }

    /// <summary>Takes the next progress. On the loop.</summary>
    public bool TryTakeProgress(out WriteProgress progress) => _progress.TryDequeue(out progress);

    /// <summary>Writes what waits, for at most <paramref name="patience"/>, closes the store and ends the thread.</summary>
    public bool Stop(TimeSpan patience)
    {
        _stopping = true;
        _work.Set();
        return _thread.Join(patience);
    }

    public void Dispose()
    {
        if (Stop(TimeSpan.FromSeconds(3)))
        {
            _work.Dispose();
        }
    }

    private void Run()
    {
        while (true)
        {
            bool stopping = _stopping;
            RetryIfDue(now: false);
            while (WriteBatch())
            {
            }

            if (stopping && _journal.Count > 0)
            {
                // The last chance of what has waited for the store.
                RetryIfDue(now: true);
            }

            FlushIfDue();
            ExpireIfDue();
            if (stopping)
            {
                break;
            }

            WaitForWork();
        }

        Close();
    }

    private void WaitForWork()
    {
        // First sleep until something comes; then, unless it is urgent, gather for a moment.
        Interlocked.Exchange(ref _idle, 1);
        if (_ring.Pending == 0 && !_stopping)
        {
            _work.WaitOne(_degraded ? FirstRetry : TimeUntil(Math.Min(_expireAt, _flushAt)));
        }

        Interlocked.Exchange(ref _idle, 2);
        if (_ring.Pending > 0 && !FirstIsUrgent() && !_stopping)
        {
            _work.WaitOne(Gather);
        }

        Volatile.Write(ref _idle, 0);
    }

    private static TimeSpan TimeUntil(long tick) => TimeSpan.FromMilliseconds(Math.Clamp(tick - Environment.TickCount64, 0, (long)ExpireInterval.TotalMilliseconds));

    private bool FirstIsUrgent() => _ring.TryPeek(out ChangeHeader header, out _, out _) && header.Urgent;

    private bool WriteBatch()
    {
        int count = 0;
        long through = 0;
        while (count < MaxBatch && _ring.TryPeek(out ChangeHeader header, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            _batch[count++] = new(_setup.Collections[header.Collection], key.ToArray(), value.IsEmpty ? null : value.ToArray(), header.ExpiresUnixMilliseconds, header.Source);
            through = header.Sequence;
            _ring.Advance();
        }

        if (count == 0)
        {
            return false;
        }

        bool durable = Attempt(store =>
        {
            store.Apply(_batch.AsSpan(0, count));
            if (_setup.FlushEveryBatch)
            {
                store.Flush();
            }
        });
        _retryAfter = durable ? FirstRetry : _retryAfter;
        if (durable && !_setup.FlushEveryBatch)
        {
            _flushAt = Math.Min(_flushAt, Environment.TickCount64 + (long)FlushDelay.TotalMilliseconds);
        }

        if (durable)
        {
            Interlocked.Add(ref _writtenChanges, count);
        }
        else
        {
            Remember(_batch.AsSpan(0, count));
        }

        Interlocked.Exchange(ref _settled, through);
        Array.Clear(_batch, 0, count);
        _progress.Enqueue(new(through, durable));
        _setup.Progressed();
        FlushIfDue();
        return true;
    }

    private bool Attempt(Action<IRecordStore> action)
    {
        if (_store is null)
        {
            return false;
        }

        try
        {
            action(_store);
            return true;
        }
        catch (Exception fault) when (fault is RecordStoreException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            Degrade(fault);
            return false;
        }
    }

    private void Degrade(Exception fault)
    {
        _alarm = $"the store failed, records are kept in memory only: {fault.Message}";
        _degraded = true;
        _retryAt = Environment.TickCount64 + (long)_retryAfter.TotalMilliseconds;
        CloseStore();
        _setup.Progressed();
    }

    private void RetryIfDue(bool now)
    {
        if (!_degraded || (!now && Environment.TickCount64 < _retryAt))
        {
            return;
        }

        try
        {
            IRecordStore store = _setup.Open();
            _store = store;
            _opening = store.Opening;
            if (!_loaded && !(_loaded = _late.Run(store, _journal)))
            {
                // The node is stopping.
                CloseStore();
                return;
            }

            WriteJournal(store);
            // Opening a file proves little on a full disk: a transaction must have gone through as well.
            store.Flush();
            long lost = Interlocked.Read(ref _lost);
            _alarm = lost == 0 ? null : $"the store works again; {lost} changes before that did not fit where they waited, and are in memory only";
            _degraded = false;
        }
        catch (Exception fault) when (fault is RecordStoreException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            _retryAfter = TimeSpan.FromTicks(Math.Min(_retryAfter.Ticks * 2, LastRetry.Ticks));
            Degrade(fault);
        }
    }

    private void Remember(ReadOnlySpan<RecordChange> changes)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (ref readonly RecordChange change in changes)
        {
            if (!_journal.TryAdd(change, now))
            {
                Interlocked.Increment(ref _lost);
            }
        }
    }

    private void WriteJournal(IRecordStore store)
    {
        for (int count = _journal.CopyTo(_batch); count > 0; count = _journal.CopyTo(_batch))
        {
            Span<RecordChange> changes = _batch.AsSpan(0, count);
            store.Apply(changes);
            _journal.Remove(changes);
            changes.Clear();
            Interlocked.Add(ref _writtenChanges, count);
        }
    }

    private void ExpireIfDue()
    {
        if (_degraded || Environment.TickCount64 < _expireAt)
        {
            return;
        }

        int expired = 0;
        Attempt(store => expired = store.Expire(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), ExpireLimit));
        _expireAt = Environment.TickCount64 + (long)(expired < ExpireLimit ? ExpireInterval : ExpireAgain).TotalMilliseconds;
    }

    private void FlushIfDue()
    {
        if (Environment.TickCount64 >= _flushAt)
        {
            _flushAt = long.MaxValue;
            Attempt(static store => store.Flush());
        }
    }

    private void Close()
    {
        if (!_degraded)
        {
            Attempt(store => store.Flush());
        }

        CloseStore();
    }

    private void CloseStore()
    {
        try
        {
            _store?.Dispose();
        }
        catch (Exception fault) when (fault is RecordStoreException or IOException or InvalidOperationException)
        {
            // It is being given up for a fault that was reported already.
        }

        _store = null;
    }
}
