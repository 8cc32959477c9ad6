using Kadath.Kademlia.Storage;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

// The effects of the machine: datagrams, signatures, durable records, events. Nothing here calls back into the machine but TakeProgress and
// ExpirePatience, which the loop calls between inputs.
internal sealed partial class MainlineMember : IMainlineEffects
{
    /// <summary>Names of the collections in a store, by the number of <see cref="MainlineCollection"/>.</summary>
    public static readonly string[] Collections = ["mainline/items", "mainline/announces", "mainline/identity", "mainline/contacts", "node/ports"];

    /// <summary>The number of the collection that is the driver's own: the ports that were taken.</summary>
    public const byte PortsCollection = 4;

    // An id that is in use already stays. Contacts first: they help at once.
    private static readonly byte[] LoadedLate = [(byte)MainlineCollection.Contacts, (byte)MainlineCollection.Items, (byte)MainlineCollection.Announces];

    // Puts that may wait for the store: at 250 ms patience and 30,000 puts a second what one slow moment gathers.
    private const int MaxWaiting = 8192;

    private readonly Queue<Waiting> _patience = new();
    private readonly Queue<long> _granted = new();
    private StoreWriter? _writer;
    private bool _idsStale;

    /// <summary>Makes the member's writer, before it begins.</summary>
    /// <param name="open">Opens the store; called again after a fault.</param>
    /// <param name="store">The store, opened and loaded; null if that failed.</param>
    /// <param name="alarm">Why it failed, or null.</param>
    public StoreWriter AttachStore(Func<IRecordStore> open, IRecordStore? store, string? alarm) => _writer = new(new()
    {
        Open = open,
        Store = store,
        Alarm = alarm,
        Collections = Collections,
        FlushEveryBatch = _options.FlushEveryBatch,
        Progressed = () => _loop.Signal(_slot!),
        LoadedLate = LoadedLate,
        Take = TakeLoaded,
    });

    public Span<byte> Rent(int socket) => _sockets[socket].Rent();

    public void Send(int socket, int length, in Endpoint to) => _sockets[socket].Send(length, to);

    public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _loop.Verifications.TryEnqueue(_slot!, ticket, publicKey, message, signature);

    public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong source, Instant expires)
    {
        if (_patience.Count + _granted.Count >= MaxWaiting)
        {
            return false;
        }

        bool degraded = _writer is not { Degraded: false };
        Instant now = MonotonicClock.Now;
        long number = _writer?.TryWrite(ticket != 0 && !degraded, (byte)collection, key, value, source, MonotonicClock.ToUnixMilliseconds(expires, now)) ?? 0;
        if (degraded)
        {
            // In memory-only mode, by choice or declared by an alarm, a record is as durable as it can be now.
            Grant(ticket);
            return true;
        }

        if (number != 0 && ticket != 0)
        {
            _patience.Enqueue(new(number, ticket, now + _options.PutPatience));
        }

        return number != 0;
    }

    public void Emit(in MainlineEvent happened)
    {
        switch (happened.Kind)
        {
            case MainlineEventKind.Bootstrapped:
                _bootstrapped.TrySetResult();
                break;
            case MainlineEventKind.IdChanged:
                _idsStale = true;
                _loop.Signal(_slot!);
                break;
        }

        Events.Publish(happened);
    }

    // On the writer's thread, which waits here until the loop has taken the records.
    private bool TakeLoaded(LoadedRecord[] records)
    {
        while (!_slot!.Removed)
        {
            try
            {
                return _loop.InvokeAsync(_slot, now => RestoreLate(records, now)).GetAwaiter().GetResult();
            }
            catch (InvalidOperationException e) when (e is not ObjectDisposedException)
            {
                // Full of commands: there is no hurry.
                Thread.Sleep(50);
            }
            catch (Exception)
            {
                // The node has stopped, or failed and says so itself.
                return false;
            }
        }

        return false;
    }

    private bool RestoreLate(LoadedRecord[] records, Instant now)
    {
        foreach (ref readonly LoadedRecord record in records.AsSpan())
        {
            _dht?.Restore((MainlineCollection)record.Collection, record.Key, record.Value, record.Source, MonotonicClock.FromUnixMilliseconds(record.ExpiresUnixMilliseconds, now), now);
        }

        return _dht is not null;
    }

    private void Grant(long ticket)
    {
        if (ticket != 0)
        {
            _granted.Enqueue(ticket);
            _loop.Signal(_slot!);
        }
    }

    private void TakeProgress(Instant now)
    {
        if (_dht is null)
        {
            return;
        }

        if (_idsStale)
        {
            _idsStale = false;
            RefreshIds();
        }

        while (_granted.TryDequeue(out long ticket))
        {
            _dht.Persisted(ticket, durable: true, now);
        }

        while (_writer is { } writer && writer.TryTakeProgress(out WriteProgress progress))
        {
            while (_patience.TryPeek(out Waiting waiting) && waiting.Number <= progress.Through)
            {
                _patience.Dequeue();
                _dht.Persisted(waiting.Ticket, progress.Durable, now);
            }
        }
    }

    private void ExpirePatience(Instant now)
    {
        // Progress first: what is durable by now was in time.
        TakeProgress(now);
        while (_patience.TryPeek(out Waiting waiting) && waiting.Deadline <= now)
        {
            _patience.Dequeue();
            _dht!.Persisted(waiting.Ticket, durable: false, now);
        }
    }

    private readonly record struct Waiting(long Number, long Ticket, Instant Deadline);
}
