using Kadath.Primitives;
using Kadath.Simulator.Events;

namespace Kadath.Simulator.Packets;

/// <summary>Takes what comes of effects that machines asked for.</summary>
internal interface ICompletionTarget
{
    /// <summary>An effect is done.</summary>
    void Completed(int node, in Completion completion, Instant now);
}

/// <summary>The completion of an effect.</summary>
/// <param name="Kind">A number whose meaning the network's driver gives.</param>
/// <param name="Ticket">The machine's ticket.</param>
/// <param name="Good">How it went.</param>
/// <param name="Machine">The machine that asked; one that was replaced meanwhile hears nothing.</param>
internal readonly record struct Completion(byte Kind, long Ticket, bool Good, IDatagramMachine? Machine);

/// <content>The loop: events in order of time and sequence.</content>
internal sealed partial class PacketNetwork
{
    private readonly List<Action?> _actions = [];
    private readonly Stack<int> _freeActions = new();
    private readonly List<Completion> _completions = [];
    private readonly Stack<int> _freeCompletions = new();
    private int _arriving = -1;

    /// <summary>Events that wait.</summary>
    public int Pending => _queue.Count;

    /// <summary>Runs something later.</summary>
    public void After(TimeSpan delay, Action action) => At(Quantum + SimClock.Quanta(delay), action);

    /// <summary>Runs something at a quantum.</summary>
    public void At(long quantum, Action action)
    {
        int number = Place(_actions, _freeActions, action);
        _queue.Push(quantum, new(EventKind.Action, -1, number));
    }

    /// <summary>Reports the completion of an effect of the acting node later.</summary>
    public void CompleteAfter(TimeSpan delay, byte kind, long ticket, bool good)
    {
        Completion completion = new(kind, ticket, good, _seats[_acting].Machine);
        _queue.Push(Quantum + SimClock.Quanta(delay), new(EventKind.Completion, _acting, Place(_completions, _freeCompletions, completion)));
    }

    /// <summary>The node whose machine is acting, or -1.</summary>
    public int Acting => _acting;

    /// <summary>Runs at most so many events up to and including a quantum; false once time has reached it.</summary>
    public bool Step(long until, int most)
    {
        for (int i = 0; i < most; i++)
        {
            if (!_queue.TryPop(until, out long time, out SimEvent what))
            {
                Quantum = Math.Max(Quantum, until);
                return false;
            }

            Quantum = time;
            Handle(what);
        }

        return true;
    }

    private static int Place<T>(List<T> list, Stack<int> free, T value)
    {
        if (free.TryPop(out int number))
        {
            list[number] = value;
            return number;
        }

        list.Add(value);
        return list.Count - 1;
    }

    private void Handle(in SimEvent what)
    {
        switch (what.Kind)
        {
            case EventKind.Arrival:
                Arrive(what.Node, what.Item);
                break;
            case EventKind.Service:
                Deliver(what.Node, what.Item);
                break;
            case EventKind.Wake:
                Wake(what.Node);
                break;
            case EventKind.Completion:
                Complete(what.Node, what.Item);
                break;
            default:
                Action action = _actions[what.Item]!;
                _actions[what.Item] = null;
                _freeActions.Push(what.Item);
                _trace.Add(Quantum, EventKind.Action, -1, what.Item, default);
                action();
                break;
        }
    }

    private void Arrive(int node, int datagram)
    {
        ref Seat seat = ref _seats[node];
        if (seat.Nat is { } nat && !TryEnter(nat, datagram))
        {
            Drop(node, datagram);
            return;
        }

        long cost = Math.Max(_serviceTime, _datagrams.HeaderOf(datagram).Length / _downlinkBytesPerQuantum);
        if (seat.BusyUntil <= Quantum)
        {
            seat.BusyUntil = Quantum + cost;
            Deliver(node, datagram);
        }
        else if (seat.BusyUntil - Quantum > _hosts.ReceiveQueue * _serviceTime)
        {
            Drop(node, datagram);
        }
        else
        {
            _queue.Push(seat.BusyUntil, new(EventKind.Service, node, datagram));
            seat.BusyUntil += cost;
        }
    }

    private void Deliver(int node, int datagram)
    {
        DatagramHeader header = _datagrams.HeaderOf(datagram);
        ref Seat seat = ref _seats[node];
        if (!seat.Online || seat.Partition != _seats[header.Source].Partition || (Reaches is { } reaches && !reaches(header.Source, node)))
        {
            Drop(node, datagram);
            return;
        }

        ReadOnlySpan<byte> bytes = _datagrams.BytesOf(datagram);
        _trace.Add(Quantum, EventKind.Arrival, header.Source, node, bytes);
        Counters.Events++;
        Counters.Delivered++;
        Counters.Answered += header.IsReply ? 1 : 0;
        seat.Handled++;
        IDatagramMachine machine = seat.Machine!;
        (_acting, _arriving) = (node, datagram);
        (_answering, _jitter) = header.IsReply ? (-1, (short)0) : (header.Source, header.Jitter);
        Safety?.Receiving(header.Source, node, bytes);
        if (seat.Watched)
        {
            Watcher?.Receiving(header.Source, node, bytes);
        }

        machine.Receive(header.Socket, bytes, header.From, Now);
        (_acting, _arriving, _answering) = (-1, -1, -1);
        _datagrams.Return(datagram);
        Safety?.Acted(node);
        Touch(node);
    }

    private void Drop(int node, int datagram)
    {
        Counters.Dropped++;
        _trace.Add(Quantum, EventKind.Dropped, _datagrams.HeaderOf(datagram).Source, node, _datagrams.BytesOf(datagram));
        _datagrams.Return(datagram);
    }

    private void Wake(int node)
    {
        ref Seat seat = ref _seats[node];
        if (seat.WakesAt != Quantum || !seat.Online)
        {
            return;
        }

        seat.WakesAt = 0;
        IDatagramMachine machine = seat.Machine!;
        if (SimClock.QuantumOf(machine.NextDeadline) <= Quantum)
        {
            _trace.Add(Quantum, EventKind.Wake, node, node, default);
            Counters.Events++;
            _acting = node;
            if (PassesOver?.Invoke(node) == true)
            {
                _acting = -1;
                NoteLag(node);
                seat.WakesAt = Quantum + SimClock.Quanta(TimeSpan.FromSeconds(1));
                _queue.Push(seat.WakesAt, new(EventKind.Wake, node, 0));
                return;
            }

            machine.Wake(Now);
            _acting = -1;
            Safety?.Acted(node);
            NoteLag(node);
        }

        Touch(node);
    }

    private void NoteLag(int node)
    {
        ref Seat seat = ref _seats[node];
        bool lags = seat.Machine!.NextDeadline <= Now;
        Counters.Stuck += lags && seat.Lagging ? 1 : 0;
        seat.Lagging = lags;
    }

    private void Complete(int node, int number)
    {
        Completion completion = _completions[number];
        _completions[number] = default;
        _freeCompletions.Push(number);
        if (_seats[node].Online && ReferenceEquals(completion.Machine, _seats[node].Machine))
        {
            _trace.Add(Quantum, EventKind.Completion, node, completion.Kind, default);
            _acting = node;
            Completions?.Completed(node, completion, Now);
            _acting = -1;
            Safety?.Acted(node);
            Touch(node);
        }
    }

    /// <summary>Queues the wake-up for a node's next deadline, unless an earlier one is queued: that one will look again.</summary>
    private void Touch(int node)
    {
        ref Seat seat = ref _seats[node];
        if (!seat.Online || seat.Machine is null)
        {
            return;
        }

        // A machine that wants to be woken again at once gets the next quantum, so that time cannot stand still.
        long at = Math.Max(SimClock.QuantumOf(seat.Machine.NextDeadline), Quantum + 1);
        if (at - Quantum <= TimingWheel.Horizon && (seat.WakesAt <= Quantum || at < seat.WakesAt))
        {
            seat.WakesAt = at;
            _queue.Push(at, new(EventKind.Wake, node, 0));
        }
    }
}
