using System.Buffers.Binary;
using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Rpc;

/// <summary>
/// The outstanding queries of one socket address. A reply is matched on its transaction id, 32 random bits, and on the full endpoint that was
/// asked. Everything that is no match is dropped: nobody can make us answer, or believe, what we did not ask for.
/// </summary>
internal sealed class RpcTable
{
    /// <summary>Queries outstanding at once: a dozen lookups of some thirty queries each, thrice over.</summary>
    public const int MaxCalls = 1024;

    /// <summary>Queries that wait for their departure, each with up to 1.4 kB of its own.</summary>
    public const int MaxWaiting = 128;

    /// <summary>How long an answer is awaited if the caller does not say. Answers later than this are rare and worthless.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    // mldht drops beyond a burst of 10 and 2 a second, libtorrent bans at 50 in 10 seconds.
    private const int Burst = 10;

    private static readonly TimeSpan PacedInterval = TimeSpan.FromMilliseconds(500);

    // No query waits longer: a lookup would long have gone elsewhere.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    // Nobody asks right after having been asked nothing: whoever is idle this long gives its memory to others.
    private static readonly TimeSpan Lull = TimeSpan.FromSeconds(5);

    private readonly OutboundPacer _pacer;
    private readonly DeadlineHeap _deadlines = new();
    private Call[] _calls = [];
    private short[] _heads = [];
    private int _free = -1;
    private int _waiting;
    private SocketNode _node;
    private Instant _used;

    public RpcTable(SocketNode node)
    {
        _node = node;
        _pacer = new(Burst, PacedInterval, node.Context.Entropy);
    }

    /// <summary>Slots that it has memory for.</summary>
    public int Capacity => _calls.Length;

    /// <summary>Gives a table that was at rest to another node.</summary>
    public RpcTable Attach(SocketNode node)
    {
        _node = node;
        _pacer.Reset(node.Context.Entropy);
        _used = default;
        return this;
    }

    /// <summary>Nothing is outstanding, nothing was for a while, and every address may be asked as if it never had been.</summary>
    public bool IsAtRest(Instant now) => Count == 0 && now >= RestsAt;

    /// <summary>Queries that await an answer or their departure.</summary>
    public int Count => _deadlines.Count;

    /// <summary>When <see cref="Wake"/> has something to do.</summary>
    public Instant NextDeadline => Count == 0 ? RestsAt : _deadlines.Earliest;

    /// <summary>
    /// Sends a query, or has it wait where its address is paced. False if there is no capacity (table full, address too busy, message too
    /// large): nothing was sent, and the owner hears nothing more.
    /// </summary>
    public bool TrySend(in KrpcQuery query, in Contact<Id160, Endpoint> to, IRpcOwner owner, long tag, TimeSpan timeout, Instant now)
    {
        if (!_node.Accepts(to.Handle) || (_free < 0 && !Grow()))
        {
            return false;
        }

        uint transaction = NewTransaction();
        Span<byte> buffer = _node.Context.Effects.Rent(_node.Socket);
        int length = query.Encode(buffer, _node.Id, transaction, _node.Context.Options.ReadOnly);
        bool free = _pacer.TrySend(_node.Rules.SourceKey(to.Handle), now, out Instant departure);
        if (length == 0 || (!free && (_waiting == MaxWaiting || departure - now > MaxWait)))
        {
            return false;
        }

        _used = now;
        int slot = Take(transaction, new(query.Method, to, tag, now), owner, timeout);
        if (free)
        {
            Depart(slot, length, now);
        }
        else
        {
            _calls[slot].Waiting = buffer[..length].ToArray();
            _waiting++;
            _deadlines.Set(slot, departure);
        }

        return true;
    }

    /// <summary>Takes a response or an error; false if it answers nothing that was asked.</summary>
    public bool Receive(in KrpcMessage message, in Endpoint from, Instant now)
    {
        if (_calls.Length == 0 || message.TransactionSlice.Length != 4)
        {
            return false;
        }

        int slot = Find(BinaryPrimitives.ReadUInt32BigEndian(message.Transaction), from);
        if (slot < 0)
        {
            return false;
        }

        RpcCall call = _calls[slot].Data;
        IRpcOwner owner = Release(slot);
        _node.Observe(call, message, now);
        if (message.Kind == KrpcKind.Error)
        {
            owner.Failed(call, RpcFailure.Refused, message, now);
        }
        else if (!message.HasId)
        {
            owner.Failed(call, RpcFailure.Lied, message, now);
        }
        else
        {
            owner.Replied(call, message, now);
        }

        return true;
    }

    /// <summary>Sends what waited for its departure; gives up on what nobody answered.</summary>
    public void Wake(Instant now)
    {
        while (_deadlines.TryTake(now, out int slot))
        {
            if (_calls[slot].Waiting is not null)
            {
                TryDepart(slot, now);
                continue;
            }

            RpcCall call = _calls[slot].Data;
            IRpcOwner owner = Release(slot);
            _node.ObserveSilence(call, now);
            owner.Failed(call, RpcFailure.TimedOut, default, now);
        }
    }

    /// <summary>Forgets every query of an owner that has ended; answers to them are dropped, and nothing more is told.</summary>
    public void Forget(IRpcOwner owner)
    {
        for (int slot = 0; slot < _calls.Length; slot++)
        {
            if (ReferenceEquals(_calls[slot].Owner, owner))
            {
                Release(slot);
            }
        }
    }

    /// <summary>The departure of a query that waited has come, unless another query has taken its place meanwhile.</summary>
    private void TryDepart(int slot, Instant now)
    {
        ref Call call = ref _calls[slot];
        if (_pacer.TrySend(_node.Rules.SourceKey(call.Data.To.Handle), now, out Instant departure))
        {
            byte[] datagram = call.Waiting!;
            call.Waiting = null;
            _waiting--;
            datagram.CopyTo(_node.Context.Effects.Rent(_node.Socket));
            Depart(slot, datagram.Length, now);
        }
        else if (departure - call.Data.SentAt <= MaxWait)
        {
            _deadlines.Set(slot, departure);
        }
        else
        {
            RpcCall data = call.Data;
            Release(slot).Failed(data, RpcFailure.BusyHere, default, now);
        }
    }

    private void Depart(int slot, int length, Instant now)
    {
        ref Call call = ref _calls[slot];
        call.Data = call.Data with { SentAt = now };
        _deadlines.Set(slot, now + call.Timeout);
        RpcCall data = call.Data;
        IRpcOwner owner = call.Owner!;
        _node.Context.Effects.Send(_node.Socket, length, data.To.Handle);
        _node.Context.Counters.QueriesOut++;
        owner.Sent(data, now);
    }

    private Instant RestsAt => Instant.Max(_used + Lull, _pacer.Rested);

    private uint NewTransaction()
    {
        uint transaction;
        do
        {
            transaction = _node.Context.Entropy.NextUInt32();
        }
        while (Find(transaction) >= 0);
        return transaction;
    }

    private int Take(uint transaction, in RpcCall data, IRpcOwner owner, TimeSpan timeout)
    {
        int slot = _free;
        ref Call call = ref _calls[slot];
        _free = call.Next;
        ref short head = ref _heads[transaction & (uint)(_heads.Length - 1)];
        call = new() { Transaction = transaction, Data = data, Owner = owner, Timeout = timeout <= TimeSpan.Zero ? DefaultTimeout : timeout, Next = head };
        head = (short)slot;
        return slot;
    }

    private IRpcOwner Release(int slot)
    {
        ref Call call = ref _calls[slot];
        IRpcOwner owner = call.Owner!;
        ref short at = ref _heads[call.Transaction & (uint)(_heads.Length - 1)];
        while (at != slot)
        {
            at = ref _calls[at].Next;
        }

        at = call.Next;
        _waiting -= call.Waiting is null ? 0 : 1;
        _deadlines.Remove(slot);
        call = new() { Next = (short)_free };
        _free = slot;
        return owner;
    }

    private int Find(uint transaction)
    {
        int slot = _heads[transaction & (uint)(_heads.Length - 1)];
        while (slot >= 0 && _calls[slot].Transaction != transaction)
        {
            slot = _calls[slot].Next;
        }

        return slot;
    }

    private int Find(uint transaction, in Endpoint from)
    {
        int slot = Find(transaction);
        return slot >= 0 && _calls[slot].Waiting is null && _calls[slot].Data.To.Handle == from ? slot : -1;
    }

    private bool Grow()
    {
        int old = _calls.Length, size = old == 0 ? 8 : old * 2;
        if (size > MaxCalls)
        {
            return false;
        }

        Array.Resize(ref _calls, size);
        _heads = new short[size];
        Array.Fill(_heads, (short)-1);
        for (int slot = 0; slot < old; slot++)
        {
            ref short head = ref _heads[_calls[slot].Transaction & (uint)(size - 1)];
            _calls[slot].Next = head;
            head = (short)slot;
        }

        for (int slot = size - 1; slot >= old; slot--)
        {
            _calls[slot].Next = (short)_free;
            _free = slot;
        }

        return true;
    }

    private struct Call
    {
        public uint Transaction;
        public short Next;
        public RpcCall Data;
        public IRpcOwner? Owner;
        public TimeSpan Timeout;
        public byte[]? Waiting;
    }
}
