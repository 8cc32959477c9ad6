using Kadath.Mainline;

namespace Kadath.Node;

/// <summary>
/// Checks signatures off the loop, on one thread that starts with the first: a ring of slots that the loop fills, the thread judges and the
/// loop drains, in order, without allocation. When it is full the machine is told, and refuses the work.
/// </summary>
internal sealed class VerificationQueue : IDisposable
{
    /// <summary>Checks that may wait: at 20,000 checks a second, what a peer would wait 25 ms for.</summary>
    public const int Capacity = 512;

    /// <summary>The longest signed message.</summary>
    public const int MaxMessage = ItemRules.MaxMessage;

    private const int KeySize = ItemRules.PublicKeySize;
    private const int SignatureSize = ItemRules.SignatureSize;
    private const int Stride = KeySize + SignatureSize + MaxMessage;

    private readonly SignatureCheck _check;
    private readonly Action _finished;
    private readonly AutoResetEvent _work = new(false);
    private byte[]? _bytes;
    private Entry[] _entries = [];
    private Thread? _thread;
    private int _idle;
    private long _filled;
    private long _judged;
    private long _drained;
    private volatile bool _stopping;

    /// <param name="check">Judges one signature; called on the queue's own thread.</param>
    /// <param name="finished">Called on the queue's thread after each check: wakes the loop.</param>
    public VerificationQueue(SignatureCheck check, Action finished)
    {
        _check = check;
        _finished = finished;
    }

    /// <summary>Judges one signature.</summary>
    public delegate bool SignatureCheck(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>True if a judgement waits for the loop.</summary>
    public bool HasFinished => Volatile.Read(ref _judged) != _drained;

    /// <summary>Queues a check; false if the queue is full or the input has a size that no valid one has. On the loop.</summary>
    public bool TryEnqueue(LoopSlot owner, long ticket, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (_filled - _drained == Capacity || publicKey.Length != KeySize || signature.Length != SignatureSize || message.Length > MaxMessage)
        {
            return false;
        }

        if (_thread is null)
        {
            Begin();
        }

        int index = (int)(_filled % Capacity);
        Span<byte> slot = _bytes.AsSpan(index * Stride, Stride);
        publicKey.CopyTo(slot);
        signature.CopyTo(slot[KeySize..]);
        message.CopyTo(slot[(KeySize + SignatureSize)..]);
        _entries[index] = new() { Owner = owner, Ticket = ticket, Length = message.Length };
        Volatile.Write(ref _filled, _filled + 1);
        if (Interlocked.Exchange(ref _idle, 0) == 1)
        {
            _work.Set();
        }

        return true;
    }

    /// <summary>Takes the next judgement. On the loop.</summary>
    public bool TryDequeue(out LoopSlot owner, out long ticket, out bool valid)
    {
        if (!HasFinished)
        {
            (owner, ticket, valid) = (null!, 0, false);
            return false;
        }

        ref Entry entry = ref _entries[_drained % Capacity];
        (owner, ticket, valid) = (entry.Owner!, entry.Ticket, entry.Valid);
        entry.Owner = null;
        _drained++;
        return true;
    }

    public void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread?.Join();
        _work.Dispose();
    }

    private void Begin()
    {
        _bytes = new byte[Capacity * Stride];
        _entries = new Entry[Capacity];
        _thread = new(Run) { IsBackground = true, Name = "kadath-verify" };
        _thread.Start();
    }

    private void Run()
    {
        while (!_stopping)
        {
            if (_judged != Volatile.Read(ref _filled))
            {
                Judge();
                continue;
            }

            Interlocked.Exchange(ref _idle, 1);
            if (_judged == Volatile.Read(ref _filled) && !_stopping)
            {
                _work.WaitOne();
            }

            Volatile.Write(ref _idle, 0);
        }
    }

    private void Judge()
    {
        int index = (int)(_judged % Capacity);
        ReadOnlySpan<byte> slot = _bytes.AsSpan(index * Stride, Stride);
        ref Entry entry = ref _entries[index];
        entry.Valid = _check(slot[..KeySize], slot.Slice(KeySize + SignatureSize, entry.Length), slot.Slice(KeySize, SignatureSize));
        Volatile.Write(ref _judged, _judged + 1);
        _finished();
    }

    private struct Entry
    {
        public LoopSlot? Owner;
        public long Ticket;
        public int Length;
        public bool Valid;
    }
}
