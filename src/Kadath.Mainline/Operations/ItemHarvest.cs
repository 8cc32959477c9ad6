using Kadath.Mainline.Nodes;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>
/// Gathers the item of a target from get replies: hashes and keys are compared at once, signatures verified through the driver. The best is
/// the one with the highest sequence number whose signature holds.
/// </summary>
internal sealed class ItemHarvest
{
    // Honest nodes differ in a few sequence numbers at most; whoever floods a search with versions wastes only his own.
    private const int MaxPending = 16;

    // Nodes of which it is remembered that they returned something: those that one search asks.
    private const int MaxHolders = 512;

    private readonly MainlineContext _context;
    private readonly IMainlineObserver _observer;
    private readonly Id160 _target;
    private readonly ReadOnlyMemory<byte> _salt;
    private readonly bool? _mutable;
    private readonly Candidate?[] _pending = new Candidate?[MaxPending];
    private readonly List<(Endpoint Node, long Sequence)> _holders = [];

    public ItemHarvest(MainlineContext context, IMainlineObserver observer, in Id160 target, ReadOnlyMemory<byte> salt, bool? mutable)
    {
        _context = context;
        _observer = observer;
        _target = target;
        _salt = salt;
        _mutable = mutable;
    }

    /// <summary>The best item so far; null before the first.</summary>
    public SignedItem? Best { get; private set; }

    /// <summary>How many nodes returned the best item.</summary>
    public int Copies { get; private set; }

    /// <summary>Verifications that have not come back.</summary>
    public int PendingCount { get; private set; }

    /// <summary>The highest sequence number whose signature holds; -1 without any.</summary>
    public long HighestSequence => Best is { PublicKey.Length: > 0 } best ? best.Sequence : -1;

    /// <summary>The sequence number that a node returned, or null if it returned no value.</summary>
    public long? HeldBy(in Endpoint node)
    {
        foreach ((Endpoint holder, long sequence) in _holders)
        {
            if (holder == node)
            {
                return sequence;
            }
        }

        return null;
    }

    /// <summary>Takes a reply. False if it holds a value that cannot be what was asked for.</summary>
    public bool Take(in KrpcMessage reply, in Endpoint from, Func<int, long> ticketFor)
    {
        if (!reply.ValueSlice.Present || reply.Value.Length > ItemRules.MaxValue)
        {
            return !reply.ValueSlice.Present;
        }

        bool signed = reply.PublicKey.Length == ItemRules.PublicKeySize && reply.Signature.Length == ItemRules.SignatureSize && reply.Has(KrpcFields.Sequence);
        if (signed && _mutable != false && ItemRules.TargetOf(reply.PublicKey, _salt.Span) == _target)
        {
            return TakeMutable(reply, from, ticketFor);
        }

        return _mutable != true && ItemRules.TargetOf(reply.Value) == _target && TakeImmutable(reply, from);
    }

    /// <summary>Takes what we hold ourselves, which was verified when it came.</summary>
    public void TakeOwn(in StoredItem held)
    {
        if (_mutable == !held.Mutable)
        {
            return;
        }

        if (Best is { } best && (!held.Mutable || held.Sequence <= best.Sequence))
        {
            Copies += held.Value.SequenceEqual(best.Value.Span) ? 1 : 0;
            return;
        }

        Best = new(held.Value.ToArray(), held.PublicKey.ToArray(), held.Salt.ToArray(), held.Sequence, held.Signature.ToArray());
        Copies = 1;
        Report();
    }

    /// <summary>A verification came back.</summary>
    public void Verified(int number, bool valid)
    {
        if ((uint)number >= MaxPending || _pending[number] is not { } candidate)
        {
            return;
        }

        _pending[number] = null;
        PendingCount--;
        if (valid && candidate.Item.Sequence > HighestSequence)
        {
            Best = candidate.Item;
            Copies = candidate.Copies;
            Report();
        }
    }

    private bool TakeImmutable(in KrpcMessage reply, in Endpoint from)
    {
        Hold(from, 0);
        Copies++;
        if (Best is null)
        {
            Best = new(reply.Value.ToArray(), default, default, 0, default);
            Report();
        }

        return true;
    }

    private bool TakeMutable(in KrpcMessage reply, in Endpoint from, Func<int, long> ticketFor)
    {
        if (reply.Sequence < 0)
        {
            return false;
        }

        Hold(from, reply.Sequence);
        if (Best is { } best && reply.Sequence <= best.Sequence)
        {
            // Older, or the same again: an equal number with another signature is not the publisher's word either.
            bool same = reply.Sequence == best.Sequence && reply.Signature.SequenceEqual(best.Signature.Span) && reply.Value.SequenceEqual(best.Value.Span);
            Copies += same ? 1 : 0;
            return same || reply.Sequence < best.Sequence;
        }

        int free = -1;
        for (int i = 0; i < MaxPending; i++)
        {
            if (_pending[i] is not { } other)
            {
                free = free < 0 ? i : free;
            }
            else if (other.Is(reply))
            {
                other.Copies++;
                return true;
            }
        }

        return free >= 0 && BeginVerification(free, reply, ticketFor);
    }

    private bool BeginVerification(int number, in KrpcMessage reply, Func<int, long> ticketFor)
    {
        Span<byte> message = stackalloc byte[ItemRules.MaxMessage];
        int length = ItemRules.WriteSignedMessage(_salt.Span, reply.Sequence, reply.Value, message);
        if (!_context.Effects.Verify(ticketFor(number), reply.PublicKey, message[..length], reply.Signature))
        {
            return false;
        }

        _pending[number] = new(new(reply.Value.ToArray(), reply.PublicKey.ToArray(), _salt, reply.Sequence, reply.Signature.ToArray()));
        PendingCount++;
        return true;
    }

    private void Hold(in Endpoint from, long sequence)
    {
        if (_holders.Count < MaxHolders && HeldBy(from) is null)
        {
            _holders.Add((from, sequence));
        }
    }

    private void Report() => _observer.OnItem(new()
    {
        Value = Best!.Value.Span,
        PublicKey = Best.PublicKey.Span,
        Signature = Best.Signature.Span,
        Sequence = Best.Sequence,
        Copies = Copies,
    });

    private sealed class Candidate(SignedItem item)
    {
        public SignedItem Item { get; } = item;

        public int Copies { get; set; } = 1;

        public bool Is(in KrpcMessage reply) =>
            reply.Sequence == Item.Sequence && reply.Signature.SequenceEqual(Item.Signature.Span) && reply.Value.SequenceEqual(Item.Value.Span);
    }
}
