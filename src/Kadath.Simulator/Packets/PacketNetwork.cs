using Kadath.Primitives;
using Kadath.Simulator.Events;
using Kadath.Simulator.Links;

namespace Kadath.Simulator.Packets;

/// <summary>Changes a datagram on its way.</summary>
internal delegate void Corruption(int sender, Span<byte> bytes);

/// <summary>
/// Nodes, links and virtual time: takes datagrams from machines, carries them, and wakes machines at their deadlines, in one total order.
/// It knows no protocol. Everything that befalls a node goes through here and into the trace.
/// </summary>
internal sealed partial class PacketNetwork : IDatagramSink
{
    // UDP over IPv4 without fragments: 1,500 less 28 bytes of headers.
    private const int UnfragmentedPayload = 1472;

    // What an uplink holds back at most; a modem's buffer.
    private static readonly long s_uplinkQueue = SimClock.Quanta(TimeSpan.FromMilliseconds(500));

    private readonly TimingWheel _queue = new();
    private readonly DatagramPool _datagrams = new();
    private readonly EndpointIndex _addresses = new();
    private readonly LinkSampler _links;
    private readonly HostOptions _hosts;
    private readonly byte[] _slot = new byte[DatagramLimits.SendSlot];
    private readonly long _serviceTime;
    private readonly long _uplinkBytesPerQuantum;
    private readonly long _downlinkBytesPerQuantum;
    private Seat[] _seats = new Seat[16];
    private Endpoint[] _locals = new Endpoint[32];
    private TraceHash _trace;
    private int _acting = -1;
    private int _answering = -1;
    private short _jitter;

    public PacketNetwork(RttModel model, HostOptions hosts, EntropyStream chance)
    {
        hosts.Validate();
        _links = new(model, chance);
        _hosts = hosts;
        _serviceTime = SimClock.FromMicroseconds(1_000_000 / hosts.PacketsPerSecond);
        _uplinkBytesPerQuantum = BytesPerQuantum(hosts.UplinkMegabits);
        _downlinkBytesPerQuantum = BytesPerQuantum(hosts.DownlinkMegabits);
    }

    /// <summary>Counters of the run.</summary>
    public PacketCounters Counters { get; } = new();

    /// <summary>Sees the traffic of watched nodes; null for nobody.</summary>
    public IPacketWatcher? Watcher { get; set; }

    /// <summary>Sees the traffic of all nodes; null for nobody.</summary>
    public IPacketWatcher? Safety { get; set; }

    /// <summary>Takes the completions of effects.</summary>
    public ICompletionTarget? Completions { get; set; }

    /// <summary>Whether one node's datagrams reach another beside what partitions say; null where all do.</summary>
    public Func<int, int, bool>? Reaches { get; set; }

    /// <summary>May change the bytes of a datagram that a node sends; null where links are true to them.</summary>
    public Corruption? Corrupts { get; set; }

    /// <summary>Whether a wake-up of a node is passed over, as a planted mistake; null in every honest run.</summary>
    public Func<int, bool>? PassesOver { get; set; }

    /// <summary>The present quantum.</summary>
    public long Quantum { get; private set; } = SimClock.Origin;

    /// <summary>The present instant.</summary>
    public Instant Now => SimClock.InstantOf(Quantum);

    /// <summary>Nodes that were added.</summary>
    public int Count { get; private set; }

    /// <summary>Datagrams under way or in queues.</summary>
    public int InFlight => _datagrams.Count;

    /// <summary>The fingerprint of all events so far.</summary>
    public string Trace => _trace.ToString();

    /// <summary>The bytes of the datagram that is being handed to a machine; empty at any other time.</summary>
    public ReadOnlySpan<byte> Arriving => _arriving < 0 ? default : _datagrams.BytesOf(_arriving);

    /// <summary>A node's place; valid until another is added.</summary>
    public ref Seat SeatOf(int node) => ref _seats[node];

    /// <summary>A node's endpoint: socket 0 or 1.</summary>
    public Endpoint LocalOf(int node, int socket) => _locals[(2 * node) + socket];

    /// <summary>The round trip between two nodes without jitter.</summary>
    public TimeSpan RoundTrip(int a, int b) => TimeSpan.FromMicroseconds(_links.RoundTrip(_seats[a].End, _seats[b].End));

    /// <summary>The milliseconds that an exchange between two nodes takes, jitter included, by somebody else's chance.</summary>
    public double DrawExchange(int a, int b, EntropyStream chance) =>
        2 * SimClock.Milliseconds(_links.OneWay(_seats[a].End, _seats[b].End, chance.NextBelow(1024)));

    /// <summary>From now on nothing is lost, late or doubled.</summary>
    public void HealLinks() => _links.Heal();

    /// <summary>Adds a node, offline, and returns its number.</summary>
    public int Add(in LinkEnd end, in Endpoint local, in Endpoint second = default)
    {
        int node = Count++;
        if (node == _seats.Length)
        {
            Array.Resize(ref _seats, node * 2);
            Array.Resize(ref _locals, node * 4);
        }

        _seats[node].End = end;
        Bind(node, 0, local);
        if (second.IsValid)
        {
            Bind(node, 1, second);
        }

        return node;
    }

    /// <summary>Gives a node's socket an endpoint, which from now on leads to it.</summary>
    public void Bind(int node, int socket, in Endpoint local)
    {
        _locals[(2 * node) + socket] = local;
        _addresses.Set(local, node, socket);
    }

    /// <summary>The node at an endpoint, or -1.</summary>
    public int NodeAt(in Endpoint endpoint) => _addresses.TryGet(endpoint, out int node, out _) ? node : -1;

    /// <summary>Puts a machine in place and a node online.</summary>
    public void Start(int node, IDatagramMachine machine)
    {
        ref Seat seat = ref _seats[node];
        seat.Machine = machine;
        seat.Online = true;
        seat.WakesAt = 0;
        seat.Lagging = false;
        Touch(node);
    }

    /// <summary>Takes a node off without notice. Its machine stays, asleep, for whoever wants to look.</summary>
    public void Stop(int node) => _seats[node].Online = false;

    /// <summary>Puts a node that was stopped back, with the machine that it has: it slept.</summary>
    public void Resume(int node)
    {
        _seats[node].Online = true;
        _seats[node].WakesAt = 0;
        Touch(node);
    }

    /// <summary>Runs an input of a node's machine, and sees to its next wake-up.</summary>
    public void Do(int node, Action<Instant> input)
    {
        int before = _acting;
        _acting = node;
        input(Now);
        _acting = before;
        Safety?.Acted(node);
        Touch(node);
    }

    /// <inheritdoc/>
    public Span<byte> Rent(int socket) => _slot;

    /// <inheritdoc/>
    public void Send(int socket, int length, in Endpoint to)
    {
        int from = _acting;
        ref Seat sender = ref _seats[from];
        ReadOnlySpan<byte> bytes = _slot.AsSpan(0, length);
        bool found = _addresses.TryGet(to, out int receiver, out int receiverSocket);
        Counters.Sent++;
        Counters.SentBytes += length;
        Safety?.Sending(from, found ? receiver : -1, to, bytes);
        if (sender.Watched)
        {
            Watcher?.Sending(from, found ? receiver : -1, to, bytes);
        }

        Corrupts?.Invoke(from, _slot.AsSpan(0, length));
        long departure = Math.Max(Quantum, sender.UplinkFree);
        bool fits = departure - Quantum <= s_uplinkQueue;
        Endpoint seenAs = LocalOf(from, socket);
        if (!found || !fits || (sender.Nat is { } nat && !nat.TrySend(to, Quantum, out seenAs)) || IsLost(length))
        {
            Counters.Lost++;
            _trace.Add(Quantum, EventKind.Lost, from, found ? receiver : -1, bytes);
            return;
        }

        sender.UplinkFree = departure + (length / _uplinkBytesPerQuantum) + 1;
        bool reply = receiver == _answering;
        DatagramHeader header = new()
        {
            From = seenAs,
            Source = from,
            ToPort = to.Port,
            Socket = (byte)receiverSocket,
            IsReply = reply,
            Jitter = reply ? _jitter : (short)_links.DrawJitter(),
        };
        long arrival = departure + _links.OneWay(sender.End, _seats[receiver].End, header.Jitter) + (reply ? _links.Lateness() : 0);
        _queue.Push(arrival, new(EventKind.Arrival, receiver, _datagrams.Add(bytes, header)));
        if (_links.Duplicates())
        {
            _queue.Push(arrival + 1, new(EventKind.Arrival, receiver, _datagrams.Add(bytes, header)));
        }
    }

    private bool IsLost(int length) => !_links.IsClean && (_links.Loses() || (length > UnfragmentedPayload && _links.Loses()));

    private static long BytesPerQuantum(int megabits) => Math.Max(1, megabits * SimClock.TicksPerQuantum / 80);
}
