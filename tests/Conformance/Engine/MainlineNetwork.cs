using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tests.Unit.Mainline.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Engine;

/// <summary>Mainline itself in the suite: real machines, real datagrams, one global address a node; values are immutable items.</summary>
internal sealed class MainlineNetwork(ulong seed) : IEngineNetwork
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly List<MainlineHost> _hosts = [];
    private readonly Dictionary<Endpoint, int> _nodeOf = [];
    private readonly Dictionary<int, Id160> _targets = [];
    private readonly MainlineMemory _memory = new();

    public VirtualNetwork Net { get; } = new(seed);

    public int Width => 8;

    public bool Stores => true;

    public double Loss => 0;

    public int Join(int introducer)
    {
        int number = Net.Add();
        MainlineHost host = new(this, number, _memory);
        _hosts.Add(host);
        _nodeOf[host.Address] = number;
        host.Dht.AddSocket(host.Address, AddressScope.Global, null, Net.Now);
        if (introducer >= 0)
        {
            host.Dht.SetRouters([_hosts[introducer].Address], Net.Now);
        }

        Net.Attach(number, host);
        return number;
    }

    public int LiveContacts(int node) => _hosts[node].Dht.StateOf(0).Contacts;

    public void Find(int node, int key, Action<SearchResult> done) =>
        With(node, key, done, (host, watch) => host.Dht.FindNode(Point(key), Timeout, watch, Net.Now));

    public void Put(int node, int key, byte[] value, Action<SearchResult> done)
    {
        byte[] encoded = [(byte)('0' + value.Length), (byte)':', .. value];
        Id160 target = _targets[key] = ItemRules.TargetOf(encoded);
        SignedItem item = new(encoded, default, default, 0, default);
        With(node, key, done, (host, watch) => host.Dht.Put(new(target, default, Mutable: false, item, Timeout), watch, Net.Now));
    }

    public void Get(int node, int key, Action<SearchResult> done)
    {
        Id160 target = _targets.GetValueOrDefault(key, Point(key));
        With(node, key, done, (host, watch) => host.Dht.Get(new(target, default, Mutable: false, Timeout), watch, Net.Now));
    }

    public int[] Closest(int key, IEnumerable<int> nodes)
    {
        Id160 target = Point(key);
        return [.. nodes.Order(Comparer<int>.Create((a, b) => NodeIds.CompareDistance(target, IdOf(a), IdOf(b))))];
    }

    public void CheckInvariants()
    {
        foreach (MainlineHost host in _hosts)
        {
            Assert.Equal(0, host.Dht.Counters.Dropped);
        }
    }

    /// <summary>Carries a datagram; what nobody listens for is lost.</summary>
    public void Send(int from, byte[] datagram, in Endpoint to)
    {
        if (_nodeOf.TryGetValue(to, out int node))
        {
            Endpoint source = _hosts[from].Address;
            Net.Carry(from, node, () => _hosts[node].Receive(datagram, source));
        }
    }

    private Id160 IdOf(int node) => _hosts[node].Dht.StateOf(0).Id;

    private Id160 Point(int key) => NodeIds.Random<Id160>(Net.Entropy.Child(5000).Stream((ulong)key));

    private void With(int node, int key, Action<SearchResult> done, Action<MainlineHost, Watch> start)
    {
        Id160 target = Point(key);
        Watch watch = new(outcome => _nodeOf[outcome.Endpoint], Width, target, done);
        Net.Do(node, () => start(_hosts[node], watch));
    }

    /// <summary>Collects what an operation tells into the suite's result.</summary>
    private sealed class Watch(Func<NodeOutcome, int> number, int width, Id160 target, Action<SearchResult> done) : IMainlineObserver
    {
        private readonly List<NodeOutcome> _answered = [];
        private byte[]? _value;

        public void OnPeers(ReadOnlySpan<Endpoint> peers)
        {
        }

        public void OnNode(in NodeOutcome outcome)
        {
            if (outcome.Result == NodeResult.Answered)
            {
                _answered.Add(outcome);
            }
        }

        public void OnItem(in ItemView item) => _value = item.Value[2..].ToArray();

        public void OnSamples(in SamplesView samples)
        {
        }

        public void OnAwaitingItem(long highestSequence)
        {
        }

        public void OnRound(in OperationReport report)
        {
        }

        public void OnCompleted(in OperationReport report)
        {
            Comparer<NodeOutcome> byDistance = Comparer<NodeOutcome>.Create((a, b) => NodeIds.CompareDistance(target, a.Id, b.Id));
            int[] nodes = [.. _answered.Order(byDistance).Take(width).Select(number)];
            done(new(nodes, _value, report.Stored, report.Hops, report.Messages, report.End == OperationEnd.Done));
        }
    }
}

/// <summary>One Mainline machine on the virtual network.</summary>
internal sealed class MainlineHost : IMachine
{
    private readonly TestEffects _effects = new();
    private readonly VirtualNetwork _net;

    public MainlineHost(MainlineNetwork network, int number, MainlineMemory memory)
    {
        _net = network.Net;
        // A /20 of its own for every node: the limits per subnet never bind here.
        Address = Endpoint.V4(0x05000001 + ((uint)number << 12), 6881);
        Dht = new(new(), network.Net.Entropy.Child(1000 + (ulong)number), _effects, memory);
        _effects.OnSend = (_, datagram, to) => network.Send(number, datagram.ToArray(), to);
    }

    public Endpoint Address { get; }

    public MainlineDht Dht { get; }

    public Instant NextDeadline => Dht.NextDeadline;

    public void Wake(Instant now)
    {
        Dht.Wake(now);
        _effects.Complete(Dht, now);
    }

    public void Receive(byte[] datagram, in Endpoint from)
    {
        Dht.Receive(0, datagram, from, _net.Now);
        _effects.Complete(Dht, _net.Now);
    }
}

/// <summary>The suite over Mainline.</summary>
public class MainlineConformance : EngineConformance
{
    protected override IEngineNetwork Create(ulong seed) => new MainlineNetwork(seed);
}
