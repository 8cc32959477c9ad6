using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Simulator.Addresses;
using Kadath.Simulator.Links;
using Kadath.Simulator.Lookups;
using Kadath.Simulator.Nodes;
using Kadath.Simulator.Oracle;
using Kadath.Simulator.Packets;
using Kadath.Simulator.Safety;

namespace Kadath.Simulator;

/// <summary>
/// A whole network of Mainline nodes in one process, on virtual time: the machines that ship, unchanged, on simulated links. One seed
/// reproduces a run to the bit; <see cref="TraceHash"/> proves it. Nodes have numbers, from 0 on; node 0 is the bootstrap node.
/// </summary>
/// <example>
/// <code>
/// var network = KademliaNetwork.Create(seed: 1);
/// network.Grow(200);
/// LookupSample found = network.Lookup(node: 7, target);
/// </code>
/// </example>
/// <remarks>Single-threaded. What runs later (<see cref="After"/>) runs inside <see cref="Run"/>.</remarks>
public sealed partial class KademliaNetwork
{
    // The children of the seed's tree: what one of them is used for never changes what another gives.
    private const ulong ChanceBranch = 0, AddressBranch = 1, ScenarioBranch = 2, MachineBranch = 3, NatBranch = 4;

    private readonly EntropyTree _root;
    private readonly AddressPlan _addresses;
    private readonly EntropyStream _places;
    private readonly EntropyStream _natKinds;
    private readonly EntropyStream _natPorts;
    private readonly MainlineMemory _memory = new();
    private readonly List<NodeRecord> _nodes = [];
    private readonly MainlineOptions _plain;
    private readonly MainlineOptions _bootstrap;
    private readonly MainlineOptions _client;
    private bool _maintains = true;

    private KademliaNetwork(ulong seed, SimulationOptions options)
    {
        Seed = seed;
        Options = options;
        _root = EntropyTree.FromSeed(seed);
        Packets = new(options.Rtt, options.Hosts, _root.Stream(ChanceBranch));
        _addresses = new(options.Addresses, _root.Child(AddressBranch).Stream(0));
        _places = _root.Child(AddressBranch).Stream(1);
        options.Nats.Validate();
        _natKinds = _root.Child(NatBranch).Stream(0);
        _natPorts = _root.Child(NatBranch).Stream(1);
        Chance = _root.Child(ScenarioBranch).Stream(0);
        Host = new(Packets, options.Hosts) { IdChanged = OnIdChanged };
        Packets.Completions = Host;
        Probes = new(this);
        Packets.Watcher = Probes;
        Safety = new(this, options.TableCheckInterval);
        Packets.Safety = options.ChecksSafety ? Safety : null;
        _plain = new() { Constants = options.Constants, Paths = options.Paths };
        _client = _plain with { ReadOnly = true };
        _bootstrap = _plain with { Profile = MainlineProfile.Bootstrap };
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The options.</summary>
    public SimulationOptions Options { get; }

    /// <summary>Nodes that were added, live or not.</summary>
    public int Count => _nodes.Count;

    /// <summary>Nodes that live.</summary>
    public int LiveCount => Live.Count;

    /// <summary>Virtual time.</summary>
    public Instant Now => Packets.Now;

    /// <summary>Datagrams handed to a node, and timers that made a machine act.</summary>
    public long Events => Packets.Counters.Events;

    /// <summary>Queries that were answered.</summary>
    public long Rpcs => Packets.Counters.Answered;

    /// <summary>The fingerprint of all events so far, 32 hexadecimal digits: equal for equal seeds, options and calls.</summary>
    public string TraceHash => Packets.Trace;

    /// <summary>Randomness for the scenario's own decisions.</summary>
    public EntropyStream Chance { get; }

    /// <summary>Takes part in the progress of long runs: called every some thousand events, outside of virtual time.</summary>
    public Action<KademliaNetwork>? Progress { get; set; }

    /// <summary>How long the scenario expects to take in virtual time, as far as it knows; zero if it does not. Only progress reports read it.</summary>
    public TimeSpan Expected { get; set; }

    /// <summary>Another stream for a scenario: what is drawn from it changes nothing that others draw.</summary>
    internal EntropyStream ScenarioStream(ulong number) => _root.Child(ScenarioBranch).Stream(number);

    /// <summary>Puts something between a node that is about to start and its machine, such as an adversary; null leaves it as it is.</summary>
    internal Func<int, MainlineDht, Id160, IDatagramMachine?>? Disguise { get; set; }

    internal PacketNetwork Packets { get; }

    internal LiveIndex Live { get; } = new();

    internal MainlineHost Host { get; }

    internal LookupProbes Probes { get; }

    internal SafetyRules Safety { get; }

    /// <summary>An empty network.</summary>
    /// <param name="seed">The seed, which decides everything.</param>
    /// <param name="options">What it is made of; null for the defaults. Throws <see cref="ArgumentException"/> for one that is out of its bounds.</param>
    public static KademliaNetwork Create(ulong seed, SimulationOptions? options = null) => new(seed, options ?? new());

    /// <summary>Adds a node that is not started yet: a place and an address are drawn for it. Returns its number.</summary>
    public int Add()
    {
        LinkEnd end = new(Options.Rtt.DrawRegion(_places), LinkSampler.DrawAccess(_places));
        int node = Packets.Add(end, _addresses.Next());
        _nodes.Add(new());
        if (node > 0 && Options.Nats.Total > 0)
        {
            SetNat(node, Options.Nats.KindOf(_natKinds.NextBelow(1000)));
        }

        return node;
    }

    /// <summary>
    /// Puts a NAT of its own in front of a node, which forgets what was open before. The node knows its external address from the start; a
    /// cone keeps its port.
    /// </summary>
    public void SetNat(int node, NatKind kind) => Packets.SetNat(node, kind, _natPorts);

    /// <summary>The NAT in front of a node.</summary>
    public NatKind NatOf(int node) => Packets.SeatOf(node).Nat?.Kind ?? NatKind.None;

    /// <summary>
    /// Starts a node with a machine of its own, which joins through node 0. A node that ran before comes back as a new one at the same address.
    /// </summary>
    public void Start(int node)
    {
        MainlineDht machine = CreateMachine(node, node == 0 ? _bootstrap : _plain, saved: false);
        Id160 id = machine.StateOf(0).Id;
        Start(node, Disguise?.Invoke(node, machine, id) ?? machine, id);
    }

    /// <summary>Starts a node that asks and answers nobody (BEP 43): it is no part of what others find.</summary>
    public void StartClient(int node)
    {
        MainlineDht machine = CreateMachine(node, _client, saved: false);
        Packets.Start(node, machine);
    }

    /// <summary>Starts a node with any machine, such as an adversary's, that counts under an id. Its sink is <see cref="Sink"/>.</summary>
    public void Start(int node, IDatagramMachine machine, in Id160 id)
    {
        Live.Add(node, id);
        Packets.Start(node, machine);
    }

    /// <summary>Where the machine of any node sends: it knows who is acting.</summary>
    public IDatagramSink Sink => Packets;

    /// <summary>Stops a node at once, without notice to anybody.</summary>
    public void Stop(int node)
    {
        Live.Remove(node);
        Packets.Stop(node);
        _nodes[node].Generation++;
        Probes.Forget(node);
    }

    /// <summary>Has a node go on that was stopped: it slept, and knows what it knew.</summary>
    public void Resume(int node)
    {
        if (!IsLive(node) && MachineOf(node) is { } machine)
        {
            Live.Add(node, machine.StateOf(0).Id);
            Packets.Resume(node);
        }
    }

    /// <summary>Has a node that was stopped start anew, under the id that it had, from contacts that its driver saved.</summary>
    /// <param name="node">The node.</param>
    /// <param name="key">The key under which the contacts were saved.</param>
    /// <param name="contacts">The contacts, as <see cref="MainlineDht.Checkpoint"/> gave them.</param>
    internal void Return(int node, byte[] key, byte[] contacts)
    {
        MainlineDht machine = CreateMachine(node, node == 0 ? _bootstrap : _plain, saved: true);
        machine.Restore(MainlineCollection.Contacts, key, contacts, 0, Instant.Never, Now);
        Start(node, machine, IdOf(node));
    }

    /// <summary>Stops a node for good: it takes no memory any more.</summary>
    public void Retire(int node)
    {
        Stop(node);
        MachineOf(node)?.TableOf(0).Clear();
        Packets.SeatOf(node).Machine = null;
    }

    /// <summary>Whether a node takes part in the network.</summary>
    public bool IsLive(int node) => Live.IsLive(node);

    /// <summary>The id under which a node joined, or moved to since.</summary>
    public Id160 IdOf(int node) => Live.IdOf(node);

    /// <summary>A node's endpoint.</summary>
    public Endpoint EndpointOf(int node) => Packets.LocalOf(node, 0);

    /// <summary>The node at an endpoint, or -1.</summary>
    public int NodeAt(in Endpoint endpoint) => Packets.NodeAt(endpoint);

    /// <summary>The machine of a node; null for one that was never started, or runs another program.</summary>
    public MainlineDht? MachineOf(int node) => Packets.SeatOf(node).Machine as MainlineDht;

    /// <summary>The round trip between two nodes without jitter.</summary>
    public TimeSpan RoundTrip(int a, int b) => Packets.RoundTrip(a, b);

    /// <summary>Does something with a node's machine, such as to begin an operation. Throws if the node has none.</summary>
    public void Do(int node, Action<MainlineDht, Instant> input)
    {
        MainlineDht machine = MachineOf(node) ?? throw new InvalidOperationException($"Node {node} runs no Mainline machine.");
        Packets.Do(node, now => input(machine, now));
    }

    /// <summary>Runs something at a later moment of virtual time.</summary>
    public void After(TimeSpan delay, Action action) => Packets.After(delay, action);

    /// <summary>The live nodes closest to a target, closest first.</summary>
    public int[] Closest(in Id160 target, int count)
    {
        int[] nodes = new int[Math.Min(count, LiveCount)];
        Live.Closest(target, nodes);
        return nodes;
    }

    internal MainlineDht CreateMachine(int node, MainlineOptions options, bool saved)
    {
        EntropyTree entropy = _root.Child(MachineBranch).Child((ulong)node).Child((ulong)_nodes[node].Generation);
        MainlineDht machine = new(options, entropy, Host, _memory);
        Endpoint local = EndpointOf(node);
        machine.AddSocket(local, AddressScope.Global, saved ? IdOf(node) : null, Now);
        if (node != 0)
        {
            machine.SetRouters([EndpointOf(0)], Now);
        }

        machine.SuspendMaintenance(0, !_maintains);
        return machine;
    }

    private void OnIdChanged(int node, Id160 id)
    {
        if (IsLive(node))
        {
            Live.Add(node, id);
        }
    }

    private sealed class NodeRecord
    {
        public int Generation;
    }
}
