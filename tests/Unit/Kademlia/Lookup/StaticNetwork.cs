using Kadath.Kademlia;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Kademlia;

/// <summary>Rules of a network whose handles are numbers: every node its own group unless told otherwise; counts what is retained.</summary>
internal sealed class NumberRules : IContactRules<Id160, int>
{
    public Func<int, GroupKeys> Groups { get; init; } = handle => new((ulong)handle + 1, 0);

    public Dictionary<int, int> Held { get; } = [];

    public int PackedSize => 4;

    public bool IdMayMove { get; init; }

    public void Pack(in int handle, Span<byte> destination) => BitConverter.TryWriteBytes(destination, handle);

    public int Unpack(ReadOnlySpan<byte> packed) => BitConverter.ToInt32(packed);

    public GroupKeys GroupsOf(in int handle) => Groups(handle);

    public int Preference(in Id160 id, in int handle) => 0;

    public void Retain(in int handle) => Held[handle] = Held.GetValueOrDefault(handle) + 1;

    public void Release(in int handle)
    {
        Assert.True(Held.GetValueOrDefault(handle) > 0, "released more often than retained");
        if (--Held[handle] == 0)
        {
            Held.Remove(handle);
        }
    }
}

/// <summary>
/// A network that stands still: every node knows contacts at every distance as in a full routing table. It drives one lookup over virtual
/// time, with a latency of its own for every node and an event queue in order of (time, sequence).
/// </summary>
internal sealed class StaticNetwork
{
    private readonly PriorityQueue<(int Slot, int Node, bool Answers), (long, int)> _events = new();
    private readonly EntropyStream _entropy;
    private readonly List<Contact<Id160, int>>[] _tables;
    private int _sequence;

    public StaticNetwork(int nodes, ulong seed, int bucket = 20)
    {
        EntropyTree tree = EntropyTree.FromSeed(seed);
        _entropy = tree.Stream(1);
        Nodes = new Contact<Id160, int>[nodes];
        Alive = new bool[nodes];
        Latency = new TimeSpan[nodes];
        _tables = new List<Contact<Id160, int>>[nodes];
        for (int i = 0; i < nodes; i++)
        {
            Nodes[i] = new(NodeIds.Random<Id160>(_entropy), i);
            Alive[i] = true;
            Latency[i] = TimeSpan.FromMilliseconds(20 + _entropy.NextBelow(200));
        }

        for (int i = 0; i < nodes; i++)
        {
            _tables[i] = FillTable(i, bucket);
        }
    }

    public Contact<Id160, int>[] Nodes { get; }

    public bool[] Alive { get; }

    public TimeSpan[] Latency { get; }

    public RoundTripEstimator RoundTrips { get; } = new();

    public NumberRules Rules { get; init; } = new();

    public Instant Now { get; private set; }

    public int Width { get; init; } = 8;

    public EntropyStream Entropy => _entropy;

    /// <summary>What a node answers; null for the honest closest.</summary>
    public Func<int, Id160, Contact<Id160, int>[]?> Reply { get; set; } = (_, _) => null;

    /// <summary>Called with the lookup after every step.</summary>
    public Action<LookupMachine<Id160, int>, StaticNetwork>? Inspect { get; set; }

    public List<LookupQuery<Id160, int>> Queries { get; } = [];

    /// <summary>All that any reply named, and the seeds.</summary>
    public HashSet<Contact<Id160, int>> Named { get; } = [];

    public HashSet<int> InFlight { get; } = [];

    public Id160 RandomId() => NodeIds.Random<Id160>(_entropy);

    public Contact<Id160, int>[] Closest(Id160 target, int count, Func<int, bool>? which = null) =>
        [.. Nodes.Where(n => which?.Invoke(n.Handle) ?? Alive[n.Handle]).OrderBy(n => Id160.Xor(n.Id, target), Comparer<Id160>.Create((a, b) => Id160.Compare(a, b))).Take(count)];

    public Contact<Id160, int>[] Known(int node, Id160 target, int count) =>
        [.. _tables[node].OrderBy(n => Id160.Xor(n.Id, target), Comparer<Id160>.Create((a, b) => Id160.Compare(a, b))).Take(count)];

    public LookupMachine<Id160, int> Run(Id160 target, LookupOptions options, int from = 0, LookupMachine<Id160, int>? lookup = null, ILookupPolicy<Id160, int>? policy = null)
    {
        lookup ??= new();
        _events.Clear();
        Contact<Id160, int>[] seeds = Known(from, target, 2 * Math.Max(Width, options.Paths));
        Named.UnionWith(seeds);
        lookup.Start(
            new() { Target = target, Self = Nodes[from].Id, Options = options, Rules = Rules, RoundTrips = RoundTrips, Policy = policy },
            seeds, Now);
        Drive(lookup, target);
        return lookup;
    }

    public void Drive(LookupMachine<Id160, int> lookup, Id160 target)
    {
        for (int steps = 0; ; steps++)
        {
            Assert.True(steps < 100_000, "the lookup does not end");
            Send(lookup);
            Inspect?.Invoke(lookup, this);
            if (lookup.IsDone)
            {
                return;
            }

            Instant deadline = lookup.NextDeadline;
            if (_events.TryPeek(out _, out (long At, int) next) && next.At <= deadline.Ticks)
            {
                var (slot, node, _) = _events.Dequeue();
                Now = new(Math.Max(Now.Ticks, next.At));
                InFlight.Remove(slot);
                Contact<Id160, int>[] reply = Reply(node, target) ?? Known(node, target, Width);
                Named.UnionWith(reply);
                lookup.Replied(slot, reply, Latency[node], (ulong)node, Now);
            }
            else
            {
                Assert.False(deadline.IsNever, "a lookup that runs has a deadline");
                Now = Instant.Max(Now, deadline);
                lookup.Wake(Now);
            }
        }
    }

    private void Send(LookupMachine<Id160, int> lookup)
    {
        while (lookup.TryNext(Now, out LookupQuery<Id160, int> query))
        {
            Queries.Add(query);
            InFlight.Add(query.Slot);
            Assert.True(lookup.Sent(query.Slot, Now));
            int node = query.Contact.Handle;
            if (node >= 0 && node < Nodes.Length && Alive[node])
            {
                _events.Enqueue((query.Slot, node, true), ((Now + Latency[node]).Ticks, _sequence++));
            }
        }
    }

    private List<Contact<Id160, int>> FillTable(int self, int bucket)
    {
        List<Contact<Id160, int>> table = [];
        Dictionary<int, int> sizes = [];
        int offset = _entropy.NextBelow(Nodes.Length);
        for (int i = 0; i < Nodes.Length; i++)
        {
            int other = (i + offset) % Nodes.Length;
            int depth = NodeIds.CommonPrefix(Nodes[self].Id, Nodes[other].Id);
            if (other != self && sizes.GetValueOrDefault(depth) < bucket)
            {
                sizes[depth] = sizes.GetValueOrDefault(depth) + 1;
                table.Add(Nodes[other]);
            }
        }

        return table;
    }
}
