using Kadath.Primitives;

namespace Kadath.Tests.Support;

/// <summary>
/// Virtual time for machines under test: one queue of events in order of (time, sequence), nodes with places on a plane from which latencies
/// follow, and a wake-up for each machine at its deadline. The seed decides everything.
/// </summary>
public sealed class VirtualNetwork
{
    private readonly PriorityQueue<Action, (long At, long Sequence)> _events = new();
    private readonly List<Seat> _seats = [];
    private readonly EntropyStream _chance;
    private readonly EntropyStream _places;
    private long _sequence;

    public VirtualNetwork(ulong seed)
    {
        Entropy = EntropyTree.FromSeed(seed);
        _chance = Entropy.Stream(0);
        _places = Entropy.Stream(1);
    }

    /// <summary>The root from which nodes take their randomness; children 0 and 1 are the network's own.</summary>
    public EntropyTree Entropy { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(1000);

    /// <summary>A number that any difference between two runs changes: a hash over the times of all events.</summary>
    public ulong Fingerprint { get; private set; }

    /// <summary>Events run so far.</summary>
    public long Events { get; private set; }

    /// <summary>Adds a node and returns its number.</summary>
    public int Add()
    {
        _seats.Add(new() { X = _places.NextBelow(1000), Y = _places.NextBelow(1000) });
        return _seats.Count - 1;
    }

    /// <summary>Gives a node its machine, which from now on is woken at its deadlines while the node is online.</summary>
    public void Attach(int node, IMachine machine)
    {
        _seats[node].Machine = machine;
        _seats[node].Online = true;
        Touch(node);
    }

    public bool IsOnline(int node) => _seats[node].Online;

    /// <summary>Takes a node off the network, or puts it back. Its machine sleeps while it is off.</summary>
    public void SetOnline(int node, bool online)
    {
        _seats[node].Online = online;
        Touch(node);
    }

    /// <summary>One way from node to node: 10 to 130 ms by distance, and up to 10 ms of jitter.</summary>
    public TimeSpan Latency(int from, int to)
    {
        double x = _seats[from].X - _seats[to].X, y = _seats[from].Y - _seats[to].Y;
        return TimeSpan.FromMilliseconds(10 + (120 * Math.Sqrt((x * x) + (y * y)) / 1415)) + _chance.NextBelow(TimeSpan.FromMilliseconds(10));
    }

    /// <summary>A number below the bound, of the network's own chance.</summary>
    public int Chance(int bound) => _chance.NextBelow(bound);

    /// <summary>Runs something later.</summary>
    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, ((Now + delay).Ticks, _sequence++));

    /// <summary>Carries a message: runs the receiver's part after the latency, if it is online then.</summary>
    public void Carry(int from, int to, Action receive)
    {
        if (!IsOnline(from))
        {
            return;
        }

        After(Latency(from, to), () => Do(to, receive));
    }

    /// <summary>Runs an input of a node's machine, and sees to its next wake-up.</summary>
    public void Do(int node, Action input)
    {
        if (IsOnline(node))
        {
            input();
            Touch(node);
        }
    }

    /// <summary>A timer of a node: runs later whether it is online or not, and sees to the next wake-up.</summary>
    public void Timer(int node, TimeSpan delay, Action action) => After(delay, () =>
    {
        action();
        Touch(node);
    });

    /// <summary>Runs events until the condition holds; false if the time ran out first.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        Instant end = Now + limit;
        while (!condition())
        {
            if (!_events.TryPeek(out _, out (long At, long) next) || next.At > end.Ticks)
            {
                Now = end;
                return condition();
            }

            Action action = _events.Dequeue();
            Now = new(Math.Max(Now.Ticks, next.At));
            Events++;
            Fingerprint = ((Fingerprint ^ (ulong)Now.Ticks) * 0x9E3779B97F4A7C15UL) + (ulong)Events;
            action();
        }

        return true;
    }

    public void Run(TimeSpan span) => RunUntil(() => false, span);

    private void Touch(int node)
    {
        Seat seat = _seats[node];
        if (!seat.Online || seat.Machine is null)
        {
            return;
        }

        Instant at = Instant.Max(seat.Machine.NextDeadline, Now);
        if (!at.IsNever && (seat.WakesAt <= Now || at < seat.WakesAt))
        {
            // A machine that wants to be woken again at once gets a tick, so that virtual time cannot stand still.
            at = at == Now ? Now + TimeSpan.FromTicks(1) : at;
            seat.WakesAt = at;
            _events.Enqueue(() => Wake(node, at), (at.Ticks, _sequence++));
        }
    }

    private void Wake(int node, Instant planned)
    {
        Seat seat = _seats[node];
        if (seat.WakesAt != planned)
        {
            return;
        }

        seat.WakesAt = default;
        if (seat.Online)
        {
            seat.Machine!.Wake(Now);
            Touch(node);
        }
    }

    private sealed class Seat
    {
        public int X;
        public int Y;
        public bool Online;
        public IMachine? Machine;
        public Instant WakesAt;
    }
}
