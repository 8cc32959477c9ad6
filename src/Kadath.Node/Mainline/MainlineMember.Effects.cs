using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

// The effects of the machine: datagrams, signatures, durable records, events. Nothing here calls back into the machine but TakeProgress and
// ExpirePatience, which the loop calls between inputs.
internal sealed partial class MainlineMember : IMainlineEffects
{
    /// <summary>Names of the collections in a store, by the number of <see cref="MainlineCollection"/>.</summary>
    public static readonly string[] Collections = ["mainline/items", "mainline/announces", "mainline/identity", "mainline/contacts"];

    // Puts that may wait for the store: at 250 ms patience and 30,000 puts a second what one slow moment gathers.
    private const int MaxWaiting = 8192;

    private readonly Queue<Waiting> _patience = new();
    private readonly Queue<long> _granted = new();
    private StoreWriter? _writer;
    private bool _idsStale;

    /// <summary>Gives the member its writer, before it begins.</summary>
    public void Attach(StoreWriter writer) => _writer = writer;

    public Span<byte> Rent(int socket) => _sockets[socket].Rent();

    public void Send(int socket, int length, in Endpoint to) => _sockets[socket].Send(length, to);

    public bool Verify(long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _loop.Verifications.TryEnqueue(_slot!, ticket, publicKey, message, signature);

    public bool Persist(long ticket, MainlineCollection collection, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Instant expires)
    {
        if (_patience.Count + _granted.Count >= MaxWaiting)
        {
            return false;
        }

        if (_writer is not { Degraded: false } writer)
        {
            // In memory-only mode, by choice or declared by an alarm, a record is as durable as it will be.
            _writer?.CountLost();
            Grant(ticket);
            return true;
        }

        Instant now = MonotonicClock.Now;
        long number = writer.TryWrite(ticket != 0, (byte)collection, key, value, MonotonicClock.ToUnixMilliseconds(expires, now));
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
