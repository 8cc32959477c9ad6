using Kadath.Mainline.Nodes;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Queries;

/// <summary>A put whose reply is due when the driver completes something.</summary>
/// <param name="Node">The node that was asked, from which the reply leaves.</param>
/// <param name="From">Who asked.</param>
/// <param name="Target">Where the item belongs.</param>
/// <param name="Cas">The sequence number that the writer expects, if it does.</param>
internal readonly record struct PendingPut(SocketNode Node, Endpoint From, Id160 Target, long? Cas);

/// <summary>Puts in the driver's hands, with a copy of what the reply and the store need. Slots are used again: a busy node allocates nothing.</summary>
internal sealed class PendingPuts
{
    /// <summary>At 250 ms, the longest that a driver keeps a write, these are 4,000 puts a second; more are told to come again (error 202).</summary>
    public const int Max = 1024;

    private const int SlotBits = 10;
    private const int SlotSize = KrpcLimits.MaxTransactionId + StoredItem.MaxSize;

    private Slot[] _slots = [];
    private int _free = -1;

    /// <summary>Keeps a put; false if there is no room.</summary>
    public bool TryAdd(in PendingPut put, ReadOnlySpan<byte> transaction, ReadOnlySpan<byte> item, out long ticket)
    {
        ticket = 0;
        if (_free < 0 && !Grow())
        {
            return false;
        }

        int at = _free;
        ref Slot slot = ref _slots[at];
        _free = slot.Next;
        slot.Put = put;
        slot.Used = true;
        slot.TransactionLength = transaction.Length;
        slot.ItemLength = item.Length;
        slot.Bytes ??= new byte[SlotSize];
        transaction.CopyTo(slot.Bytes);
        item.CopyTo(slot.Bytes.AsSpan(KrpcLimits.MaxTransactionId));
        ticket = (++slot.Generation << SlotBits) | (long)at;
        return true;
    }

    /// <summary>The put of a ticket; the spans are valid until it is removed. False for a ticket that was completed before.</summary>
    public bool TryGet(long ticket, out PendingPut put, out ReadOnlySpan<byte> transaction, out ReadOnlySpan<byte> item)
    {
        int at = (int)(ticket & (Max - 1));
        bool found = at < _slots.Length && _slots[at].Used && _slots[at].Generation == ticket >> SlotBits;
        put = found ? _slots[at].Put : default;
        transaction = found ? _slots[at].Bytes.AsSpan(0, _slots[at].TransactionLength) : default;
        item = found ? _slots[at].Bytes.AsSpan(KrpcLimits.MaxTransactionId, _slots[at].ItemLength) : default;
        return found;
    }

    /// <summary>Gives the slot of a ticket back.</summary>
    public void Remove(long ticket)
    {
        int at = (int)(ticket & (Max - 1));
        _slots[at].Used = false;
        _slots[at].Put = default;
        _slots[at].Next = _free;
        _free = at;
    }

    private bool Grow()
    {
        int old = _slots.Length, size = Math.Max(8, 2 * old);
        if (old == Max)
        {
            return false;
        }

        Array.Resize(ref _slots, size);
        for (int at = size - 1; at >= old; at--)
        {
            _slots[at].Next = _free;
            _free = at;
        }

        return true;
    }

    private struct Slot
    {
        public PendingPut Put;
        public long Generation;
        public byte[]? Bytes;
        public int TransactionLength;
        public int ItemLength;
        public int Next;
        public bool Used;
    }
}
