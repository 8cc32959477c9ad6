using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>What a get reply was worth.</summary>
internal enum ItemJudgement : byte
{
    /// <summary>It held no value.</summary>
    Nothing,

    /// <summary>It held what may be the item.</summary>
    Taken,

    /// <summary>It held what is not the item, or cannot be judged now; no proof of bad faith.</summary>
    Unusable,

    /// <summary>It held a value that no honest node returns for the target.</summary>
    Forged,
}

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

    /// <summary>Takes a reply.</summary>
    public ItemJudgement Take(in KrpcMessage reply, SocketNode node, in Contact<Id160, Endpoint> from, Func<int, long> ticketFor)
    {
        if (!reply.ValueSlice.Present)
        {
            return ItemJudgement.Nothing;
        }

        if (reply.Value.Length > ItemRules.MaxValue)
        {
            return ItemJudgement.Forged;
        }

        bool signed = reply.PublicKey.Length == ItemRules.PublicKeySize && reply.Signature.Length == ItemRules.SignatureSize && reply.Has(KrpcFields.Sequence);
        if (signed && ItemRules.TargetOf(reply.PublicKey, _salt.Span) == _target)
        {
            return _mutable == false ? ItemJudgement.Unusable : reply.Sequence < 0 ? ItemJudgement.Forged : TakeMutable(reply, node, from, ticketFor);
        }

        if (_mutable != true && ItemRules.TargetOf(reply.Value) == _target)
        {
            return TakeImmutable(reply, from.Handle);
        }

        // An item of the other kind, or with a salt that we were not told, may lie under the target: that is our own ignorance.
        bool other = ItemRules.TargetOf(reply.Value) == _target || (signed && _mutable is null);
        return other ? ItemJudgement.Unusable : ItemJudgement.Forged;
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
    public void Verified(int number, bool valid, Instant now)
    {
        if ((uint)number >= MaxPending || _pending[number] is not { } candidate)
        {
            return;
        }

        _pending[number] = null;
        PendingCount--;
        candidate.Judge(valid, now);
        if (valid && candidate.Item.Sequence > HighestSequence)
        {
            Best = candidate.Item;
            Copies = candidate.Copies;
            Report();
        }
    }

    private ItemJudgement TakeImmutable(in KrpcMessage reply, in Endpoint from)
    {
        Hold(from, 0);
        Copies++;
        if (Best is null)
        {
            Best = new(reply.Value.ToArray(), default, default, 0, default);
            Report();
        }

        return ItemJudgement.Taken;
    }

    private ItemJudgement TakeMutable(in KrpcMessage reply, SocketNode node, in Contact<Id160, Endpoint> from, Func<int, long> ticketFor)
    {
        Hold(from.Handle, reply.Sequence);
        if (Best is { } best && reply.Sequence <= best.Sequence)
        {
            // Older, or the same again: an equal number with another signature is not the publisher's word either.
            bool same = reply.Sequence == best.Sequence && reply.Signature.SequenceEqual(best.Signature.Span) && reply.Value.SequenceEqual(best.Value.Span);
            Copies += same ? 1 : 0;
            return same || reply.Sequence < best.Sequence ? ItemJudgement.Taken : ItemJudgement.Unusable;
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
                other.Add(node, from);
                return ItemJudgement.Taken;
            }
        }

        if (free < 0 || !BeginVerification(free, reply, ticketFor))
        {
            return ItemJudgement.Unusable;
        }

        _pending[free]!.Add(node, from);
        return ItemJudgement.Taken;
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
        // As many as are asked for one target near it; whoever repeats a forgery beyond them gets away this once.
        private const int MaxSenders = 32;

        private readonly List<(SocketNode Node, Contact<Id160, Endpoint> Peer)> _senders = [];

        public SignedItem Item { get; } = item;

        public int Copies { get; set; } = 1;

        /// <summary>One more node returned it.</summary>
        public void Add(SocketNode node, in Contact<Id160, Endpoint> peer)
        {
            if (_senders.Count < MaxSenders)
            {
                _senders.Add((node, peer));
            }
        }

        /// <summary>The signature was verified: whoever returned it served us, or lied.</summary>
        public void Judge(bool valid, Instant now)
        {
            foreach ((SocketNode node, Contact<Id160, Endpoint> peer) in _senders)
            {
                if (valid)
                {
                    node.Context.Conduct.Behaved(node, peer.Handle, PeerConduct.Served, now);
                }
                else
                {
                    node.Context.Conduct.Lied(node, peer, now);
                }
            }
        }

        public bool Is(in KrpcMessage reply) =>
            reply.Sequence == Item.Sequence && reply.Signature.SequenceEqual(Item.Signature.Span) && reply.Value.SequenceEqual(Item.Value.Span);
    }
}
