using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Kadath.Simulator.Events;

namespace Kadath.Bench.Simulator;

/// <summary>
/// The yardstick: an event loop with nothing but the idea of Kademlia. Ids of 64 bits, typed messages instead of datagrams, flat tables of 8
/// contacts a bucket filled by decree, lookups with α = 3 that never see a timeout, on the simulator's own event queue. What a simulator of
/// real machines loses against it is what codec, checks, timers, churn and trace cost.
/// </summary>
internal sealed class MiniSim
{
    private const int K = 8, Alpha = 3, Shortlist = 20;
    private const long Timeout = 2_000_000;

    private readonly TimingWheel _queue = new();
    private readonly List<Message> _messages = [];
    private readonly Stack<int> _free = new();
    private readonly ulong[] _ids;
    private readonly ulong[] _sorted;
    private readonly int[] _order;
    private readonly int[] _contacts;
    private readonly byte[] _counts;
    private readonly int _buckets;
    private readonly Lookup[] _lookups;
    private ulong _state = 0x9E3779B97F4A7C15;
    private long _now;
    private long _rpcs;
    private long _events;

    private MiniSim(int nodes)
    {
        _ids = new ulong[nodes];
        _buckets = BitOperations.Log2((uint)nodes) + 2;
        _contacts = new int[nodes * _buckets * K];
        _counts = new byte[nodes * _buckets];
        _lookups = [.. Enumerable.Range(0, nodes / 10).Select(static _ => new Lookup())];
        for (int i = 0; i < nodes; i++)
        {
            _ids[i] = Next();
        }

        _sorted = [.. _ids];
        _order = [.. Enumerable.Range(0, nodes)];
        Array.Sort(_sorted, _order);
        for (int i = 0; i < nodes; i++)
        {
            Fill(i);
        }
    }

    /// <summary>Runs it for some seconds and prints what it did in one.</summary>
    public static void Run(int nodes, double seconds)
    {
        var mini = new MiniSim(nodes);
        for (int i = 0; i < mini._lookups.Length; i++)
        {
            mini.Begin(i);
        }

        mini.RunFor(1);
        (long rpcs, long events) = (mini._rpcs, mini._events);
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        mini.RunFor(seconds);
        double used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"mini N={nodes} events/s={(mini._events - events) / used / 1e6:0.00}M rpc/s={(mini._rpcs - rpcs) / used / 1e3:0}k (per CPU second)"));
    }

    private void RunFor(double seconds)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            for (int i = 0; i < 10_000 && _queue.TryPop(long.MaxValue, out _now, out SimEvent what); i++)
            {
                _events++;
                Handle(what);
            }
        }
    }

    private void Handle(in SimEvent what)
    {
        if (what.Kind == EventKind.Wake)
        {
            return;
        }

        Message message = _messages[what.Item];
        Lookup lookup = _lookups[message.Lookup];
        if (what.Kind == EventKind.Arrival)
        {
            message.Count = Closest(what.Node, lookup.Target, message.Nodes);
            _queue.Push(_now + Latency(), new(EventKind.Service, message.Asked = what.Node, what.Item));
            return;
        }

        _free.Push(what.Item);
        if (message.Generation == lookup.Generation)
        {
            lookup.InFlight--;
            for (int i = 0; i < message.Count; i++)
            {
                Add(lookup, message.Nodes[i]);
            }

            Step(message.Lookup);
        }
    }

    private void Begin(int number)
    {
        Lookup lookup = _lookups[number];
        (lookup.Target, lookup.Count, lookup.InFlight) = (Next(), 0, 0);
        lookup.Generation++;
        Span<int> seeds = stackalloc int[K];
        int count = Closest(Below(_ids.Length), lookup.Target, seeds);
        for (int i = 0; i < count; i++)
        {
            Add(lookup, seeds[i]);
        }

        Step(number);
    }

    private void Step(int number)
    {
        Lookup lookup = _lookups[number];
        int window = Math.Min(K, lookup.Count);
        for (int i = 0; i < window && lookup.InFlight < Alpha; i++)
        {
            if (!lookup.Asked[i])
            {
                lookup.Asked[i] = true;
                lookup.InFlight++;
                _rpcs++;
                int slot = Rent();
                (_messages[slot].Lookup, _messages[slot].Generation) = (number, lookup.Generation);
                _queue.Push(_now + Latency(), new(EventKind.Arrival, lookup.Nodes[i], slot));
                _queue.Push(_now + (Timeout * 10 / 64), new(EventKind.Wake, number, 0));
            }
        }

        if (lookup.InFlight == 0)
        {
            Begin(number);
        }
    }

    private void Add(Lookup lookup, int node)
    {
        ulong distance = _ids[node] ^ lookup.Target;
        int at = lookup.Count;
        while (at > 0 && lookup.Distances[at - 1] > distance)
        {
            at--;
        }

        if (at >= Shortlist || (at > 0 && lookup.Distances[at - 1] == distance))
        {
            return;
        }

        lookup.Count = Math.Min(lookup.Count + 1, Shortlist);
        int moved = lookup.Count - 1 - at;
        Array.Copy(lookup.Distances, at, lookup.Distances, at + 1, moved);
        Array.Copy(lookup.Nodes, at, lookup.Nodes, at + 1, moved);
        Array.Copy(lookup.Asked, at, lookup.Asked, at + 1, moved);
        (lookup.Distances[at], lookup.Nodes[at], lookup.Asked[at]) = (distance, node, false);
    }

    private int Closest(int node, ulong target, Span<int> into)
    {
        int home = Math.Min(BitOperations.LeadingZeroCount(_ids[node] ^ target), _buckets - 1), count = 0;
        for (int bucket = home; bucket < _buckets && count < into.Length; bucket++)
        {
            count = Gather(node, bucket, target, into, count);
        }

        for (int bucket = home - 1; bucket >= 0 && count < into.Length; bucket--)
        {
            count = Gather(node, bucket, target, into, count);
        }

        return count;
    }

    private int Gather(int node, int bucket, ulong target, Span<int> into, int count)
    {
        int first = ((node * _buckets) + bucket) * K;
        for (int i = 0; i < _counts[(node * _buckets) + bucket]; i++)
        {
            int other = _contacts[first + i], at = count;
            ulong distance = _ids[other] ^ target;
            while (at > 0 && (_ids[into[at - 1]] ^ target) > distance)
            {
                at--;
            }

            if (at < into.Length)
            {
                count = Math.Min(count + 1, into.Length);
                into[at..(count - 1)].CopyTo(into[(at + 1)..]);
                into[at] = other;
            }
        }

        return count;
    }

    private void Fill(int node)
    {
        int from = 0, to = _ids.Length;
        for (int bucket = 0; bucket < _buckets && to - from > 1; bucket++)
        {
            ulong bit = 1UL << (63 - bucket);
            int low = from, high = to;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                (low, high) = (_sorted[middle] & bit) == 0 ? (middle + 1, high) : (low, middle);
            }

            (int otherFrom, int otherTo) = (_ids[node] & bit) != 0 ? (from, low) : (low, to);
            (from, to) = (_ids[node] & bit) != 0 ? (low, to) : (from, low);
            int count = Math.Min(K, otherTo - otherFrom);
            for (int i = 0; i < count; i++)
            {
                int position = otherTo - otherFrom > 64 ? otherFrom + Below(otherTo - otherFrom) : otherFrom + i;
                _contacts[(((node * _buckets) + bucket) * K) + i] = _order[position];
            }

            _counts[(node * _buckets) + bucket] = (byte)count;
        }
    }

    private int Rent()
    {
        if (_free.TryPop(out int slot))
        {
            return slot;
        }

        _messages.Add(new());
        return _messages.Count - 1;
    }

    private long Latency() => (20_000 + Below(180_000)) * 10 / 64;

    private int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    private ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state * 0x2545F4914F6CDD1D;
    }

    private sealed class Message
    {
        public readonly int[] Nodes = new int[K];
        public int Lookup;
        public int Generation;
        public int Asked;
        public int Count;
    }

    private sealed class Lookup
    {
        public readonly ulong[] Distances = new ulong[Shortlist + 1];
        public readonly int[] Nodes = new int[Shortlist + 1];
        public readonly bool[] Asked = new bool[Shortlist + 1];
        public ulong Target;
        public int Count;
        public int InFlight;
        public int Generation;
    }
}
