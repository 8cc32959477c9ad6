using System.Collections.Concurrent;
using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// One dedicated thread that carries many nodes and their sockets: it sleeps in one poll on sockets, a wake-up and the earliest deadline,
/// then takes commands, wakes what is due, receives in batches and sends one batch. In the steady state it allocates nothing.
/// </summary>
public sealed partial class NodeLoop : IAsyncDisposable
{
    // While datagrams keep coming, poll is asked only now and then, for the sockets that were quiet: a quarter of the system calls saved.
    private const int CyclesBetweenPolls = 8;

    // Commands a cycle takes before datagrams have their turn.
    private const int CommandsPerCycle = 256;

    private readonly IUdpPump _pump;
    private readonly NodeLoopOptions _options;
    private readonly ConcurrentQueue<LoopCommand> _commands = new();
    private readonly ConcurrentQueue<LoopSlot> _signals = new();
    private readonly DeadlineHeap _deadlines = new();
    private readonly List<LoopSlot> _slots = [];
    private readonly List<LoopSlot?> _numbered = [];
    private readonly Stack<int> _freeNumbers = new();
    private readonly List<LoopSocket> _sockets = [];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private LoopSocket[] _published = [];
    private TrafficCounters _closedTraffic;
    private int _commandCount;
    private int _asleep;
    private int _streak;
    private bool _anyHot;
    private bool _sweep;
    private volatile bool _stopping;
    private volatile bool _ended;

    private NodeLoop(NodeLoopOptions options)
    {
        _options = options;
        _pump = CreatePump(options);
        Verifications = new(CryptoProvider.Default.Ed25519.Verify, WakeIfAsleep);
        _thread = new(Run) { IsBackground = true, Name = options.Name };
    }

    /// <summary>Ends when the loop has ended; faults if it ended by a fault of Kadath's own.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The counters of all sockets of the loop, closed ones included.</summary>
    public TrafficCounters Traffic
    {
        get
        {
            TrafficCounters sum = _closedTraffic;
            foreach (LoopSocket socket in Volatile.Read(ref _published))
            {
                sum = Add(sum, socket.Socket.Counters.Snapshot());
            }

            return sum;
        }
    }

    /// <summary>Checks signatures for all members of the loop. On the loop's thread.</summary>
    internal VerificationQueue Verifications { get; }

    /// <summary>Memory that the Mainline machines of the loop share. On the loop's thread.</summary>
    internal MainlineMemory MainlineMemory { get; } = new();

    /// <summary>Which way the loop talks to the operating system.</summary>
    public UdpPumpKind Pump => _pump is PortableSocketPump ? UdpPumpKind.Portable : UdpPumpKind.Batch;

    /// <summary>Starts a loop. Throws <see cref="KadathOptionsException"/> for options that cannot work.</summary>
    public static NodeLoop Start(NodeLoopOptions? options = null)
    {
        options ??= new();
        OptionsCheck.Validate(options);
        NodeLoop loop = new(options);
        loop._thread.Start();
        return loop;
    }

    /// <summary>Stops the loop, and with it whatever it still carries.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _pump.Wake();
        try
        {
            await Completion.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The fault was reported through Completion and through the members; disposing only ends what is left.
        }
    }

    internal static TrafficCounters Add(in TrafficCounters a, in TrafficCounters b) => new(
        a.Received + b.Received, a.Sent + b.Sent, a.Truncated + b.Truncated, a.SendFailed + b.SendFailed,
        a.SentOutsideLoopback + b.SentOutsideLoopback, a.Withheld + b.Withheld);

    private static IUdpPump CreatePump(NodeLoopOptions options)
    {
        string? forced = Environment.GetEnvironmentVariable("KADATH_UDP_PUMP");
        bool portable = options.Pump switch
        {
            UdpPumpKind.Portable => true,
            UdpPumpKind.Batch => false,
            _ => string.Equals(forced, "portable", StringComparison.OrdinalIgnoreCase),
        };
        return !portable && OperatingSystem.IsLinux() && LinuxBatchPump.IsSupported
            ? new LinuxBatchPump(options.LoopbackOnly)
            : new PortableSocketPump(options.LoopbackOnly);
    }

    private void Run()
    {
        Exception? fault = null;
        try
        {
            while (!_stopping)
            {
                Cycle();
            }
        }
        catch (Exception thrown)
        {
            // What is not a member's fault is the loop's own: everything it carried is told, and Completion carries the reason.
            fault = thrown;
        }

        End(fault);
    }

    private void Cycle()
    {
        Instant now = MonotonicClock.Now;
        RunCommands(now);
        RunVerifications(now);
        RunSignals(now);
        WakeDue(now);
        _pump.Flush();
        Sleep();
        ReceiveAll();
        if (_sweep)
        {
            Sweep();
        }
    }

    private void Sleep()
    {
        if (_anyHot && ++_streak < CyclesBetweenPolls)
        {
            return;
        }

        _streak = 0;
        TimeSpan timeout = TimeSpan.Zero;
        if (!_anyHot)
        {
            // A day bounds the arithmetic of the system call; waking for nothing once a day costs nothing.
            long ahead = Math.Min(_deadlines.Earliest.Ticks - MonotonicClock.Now.Ticks, TimeSpan.TicksPerDay);
            timeout = new(Math.Max(ahead, 0));
            Interlocked.Exchange(ref _asleep, 1);
            if (_stopping || Volatile.Read(ref _commandCount) > 0 || !_signals.IsEmpty || Verifications.HasFinished)
            {
                timeout = TimeSpan.Zero;
            }
        }

        _pump.Wait(timeout);
        Volatile.Write(ref _asleep, 0);
    }

    private void ReceiveAll()
    {
        _anyHot = false;
        List<LoopSocket> sockets = _sockets;
        for (int i = 0; i < sockets.Count; i++)
        {
            LoopSocket socket = sockets[i];
            if ((socket.Hot || socket.Socket.Readable) && !socket.Owner.Removed)
            {
                Receive(socket);
                _anyHot |= socket.Hot;
            }
        }
    }

    private void Receive(LoopSocket socket)
    {
        int count = socket.Socket.Receive();
        socket.Hot = count > 0;
        if (count == 0)
        {
            return;
        }

        LoopSlot slot = socket.Owner;
        Instant now = MonotonicClock.Now;
        try
        {
            for (int i = 0; i < count; i++)
            {
                if (socket.Socket.TryGet(i, out ReadOnlySpan<byte> datagram, out Endpoint from))
                {
                    slot.Member.Receive(socket.Number, datagram, from, now);
                }
            }

            bool backlogged = count == IUdpPump.Batch && socket.Socket.IsBacklogged(now);
            slot.Member.ReceivedBatch(count, backlogged ? count : count + 1, now);
            KeepDeadline(slot);
        }
        catch (Exception fault)
        {
            Fault(slot, fault);
        }
    }

    private void WakeDue(Instant now)
    {
        // Each member at most once a cycle: one that states a deadline in the past again has its turn after the datagrams.
        for (int turns = _slots.Count; turns > 0 && _deadlines.Earliest <= now && _deadlines.TryPeek(out int number); turns--)
        {
            LoopSlot slot = _numbered[number]!;
            try
            {
                slot.Member.Wake(now);
                KeepDeadline(slot);
            }
            catch (Exception fault)
            {
                Fault(slot, fault);
            }
        }
    }

    private void KeepDeadline(LoopSlot slot)
    {
        if (!slot.Removed)
        {
            _deadlines.Set(slot.Number, slot.Member.NextDeadline);
        }
    }

    private void RunVerifications(Instant now)
    {
        while (Verifications.TryDequeue(out LoopSlot slot, out long ticket, out bool valid))
        {
            if (slot.Removed)
            {
                continue;
            }

            try
            {
                slot.Member.Verified(ticket, valid, now);
                KeepDeadline(slot);
            }
            catch (Exception fault)
            {
                Fault(slot, fault);
            }
        }
    }

    private void RunSignals(Instant now)
    {
        for (int turns = CommandsPerCycle; turns > 0 && _signals.TryDequeue(out LoopSlot? slot); turns--)
        {
            Volatile.Write(ref slot.SignalPending, 0);
            if (slot.Removed)
            {
                continue;
            }

            try
            {
                slot.Member.Signalled(now);
                KeepDeadline(slot);
            }
            catch (Exception fault)
            {
                Fault(slot, fault);
            }
        }
    }

    private void RunCommands(Instant now)
    {
        if (Volatile.Read(ref _commandCount) == 0)
        {
            return;
        }

        for (int turns = CommandsPerCycle; turns > 0 && _commands.TryDequeue(out LoopCommand command); turns--)
        {
            Interlocked.Decrement(ref _commandCount);
            if (command.Owner is { Removed: true })
            {
                command.Abandon?.Invoke(new ObjectDisposedException(nameof(MainlineNode)));
                continue;
            }

            try
            {
                command.Run(now);
                if (command.Owner is { } slot)
                {
                    KeepDeadline(slot);
                }
            }
            catch (Exception fault) when (command.Owner is not null)
            {
                command.Abandon?.Invoke(fault);
                Fault(command.Owner, fault);
            }
        }
    }
}
