using Kadath.Primitives;
using Kadath.Simulator.Events;

namespace Kadath.Simulator.Nats;

/// <summary>
/// The NAT in front of one node: rewrites the source of what goes out, and lets in what its kind allows. What was opened for a peer closes
/// after 30 s in which nothing went through it either way. It keeps the port of a cone (as most do while it is free), so that a mapping that
/// is opened again has the same one; there is no hairpin.
/// </summary>
internal sealed class NatBox
{
    /// <summary>Peers for which the box is open at once; more get nothing out. Home routers and carriers' quotas for one host have some thousands.</summary>
    public const int MaxOpenings = 4096;

    /// <summary>After so long without a datagram an opening closes: the shortest that is common for UDP, where RFC 4787 wants two minutes.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    // A symmetric box gives a port out again only when so many others have rested longer: who comes back gets another one.
    private const int RestingPorts = 16;

    private static readonly long s_silence = SimClock.Quanta(Silence);

    private readonly Dictionary<Endpoint, int> _openings = [];
    private readonly List<Opening> _slots = [];
    private readonly Queue<int> _free = new();
    private readonly Queue<(long At, int Slot)> _closings = new();
    private readonly Endpoint _external;
    private readonly Func<Endpoint> _drawsPort;

    /// <summary>The box of one node.</summary>
    /// <param name="kind">Its kind, not <see cref="NatKind.None"/>.</param>
    /// <param name="external">The endpoint by which a cone is known outside.</param>
    /// <param name="drawsPort">Gives a symmetric box one more external endpoint, which from then on leads to it.</param>
    public NatBox(NatKind kind, in Endpoint external, Func<Endpoint> drawsPort)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)kind, (int)NatKind.None, nameof(kind));
        Kind = kind;
        _external = external;
        _drawsPort = drawsPort;
    }

    /// <summary>Its kind.</summary>
    public NatKind Kind { get; }

    /// <summary>Peers for which it is open.</summary>
    public int Count => _openings.Count;

    /// <summary>A datagram goes out: under which endpoint, or false if it does not, since the box is full or the peer stands behind it too.</summary>
    public bool TrySend(in Endpoint to, long quantum, out Endpoint seenAs)
    {
        seenAs = _external;
        if (to.SameAddress(_external))
        {
            return false;
        }

        Close(quantum);
        Endpoint key = KeyOf(to);
        if (!_openings.TryGetValue(key, out int slot) && !TryOpen(key, quantum, out slot))
        {
            return false;
        }

        _slots[slot] = _slots[slot] with { Until = quantum + s_silence };
        seenAs = _slots[slot].External;
        return true;
    }

    /// <summary>Under which endpoint a peer would see the node now; port 0 where a symmetric box has nothing open for it.</summary>
    public Endpoint SeenBy(in Endpoint peer, long quantum) =>
        Kind != NatKind.Symmetric ? _external
        : _openings.TryGetValue(peer, out int slot) && _slots[slot].Until > quantum ? _slots[slot].External
        : _external.WithPort(0);

    /// <summary>Whether a datagram that arrives at one of the box's endpoints gets in.</summary>
    public bool Admits(in Endpoint from, ushort port, long quantum) => Find(from, port, quantum) >= 0;

    /// <summary>A datagram arrives: false if it does not get in. One that does keeps its way open.</summary>
    public bool TryReceive(in Endpoint from, ushort port, long quantum)
    {
        int slot = Find(from, port, quantum);
        if (slot >= 0)
        {
            _slots[slot] = _slots[slot] with { Until = quantum + s_silence };
        }

        return slot >= 0;
    }

    private int Find(in Endpoint from, ushort port, long quantum) =>
        !from.SameAddress(_external) && _openings.TryGetValue(KeyOf(from), out int slot) && _slots[slot].Until > quantum && _slots[slot].External.Port == port
            ? slot
            : -1;

    private Endpoint KeyOf(in Endpoint peer) => Kind switch
    {
        NatKind.FullCone => default,
        NatKind.AddressRestricted => peer.WithPort(0),
        _ => peer,
    };

    private bool TryOpen(in Endpoint key, long quantum, out int slot)
    {
        int resting = Kind == NatKind.Symmetric && _slots.Count < MaxOpenings ? RestingPorts : 0;
        if (_free.Count > resting)
        {
            slot = _free.Dequeue();
        }
        else
        {
            if (_slots.Count == MaxOpenings)
            {
                slot = -1;
                return false;
            }

            slot = _slots.Count;
            _slots.Add(new(key, Kind == NatKind.Symmetric ? _drawsPort() : _external, 0));
        }

        _slots[slot] = _slots[slot] with { Peer = key, Until = quantum + s_silence };
        _openings.Add(key, slot);
        _closings.Enqueue((quantum + s_silence, slot));
        return true;
    }

    /// <summary>Closes what has been silent. The queue is in order of when an opening could close at the soonest; one that was used since goes to its end.</summary>
    private void Close(long quantum)
    {
        while (_closings.TryPeek(out (long At, int Slot) next) && next.At <= quantum)
        {
            _closings.Dequeue();
            Opening opening = _slots[next.Slot];
            if (opening.Until > quantum)
            {
                _closings.Enqueue((opening.Until, next.Slot));
                continue;
            }

            _openings.Remove(opening.Peer);
            _free.Enqueue(next.Slot);
        }
    }

    private readonly record struct Opening(Endpoint Peer, Endpoint External, long Until);
}
