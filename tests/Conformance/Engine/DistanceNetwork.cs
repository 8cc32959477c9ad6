using System.Buffers.Binary;
using Kadath.Kademlia;
using Kadath.Primitives;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Engine;

/// <summary>Rules of the second test network: a handle is the node's address itself. Counts what the engine holds.</summary>
internal sealed class AddressRules : IContactRules<Id256, int>
{
    public int Holds { get; private set; }

    public int PackedSize => 4;

    public bool IdMayMove => false;

    public void Pack(in int handle, Span<byte> destination) => BinaryPrimitives.WriteInt32LittleEndian(destination, handle);

    public int Unpack(ReadOnlySpan<byte> packed) => BinaryPrimitives.ReadInt32LittleEndian(packed);

    public GroupKeys GroupsOf(in int handle) => new((ulong)handle + 1, 0);

    public int Preference(in Id256 id, in int handle) => 0;

    public void Retain(in int handle) => Holds++;

    public void Release(in int handle) => Holds--;
}

/// <summary>
/// A node of the second test network: connectionless with lost packets; it answers FINDNODE by logarithmic distances from its own id, in
/// two packets, and stores nothing.
/// </summary>
internal sealed class DistanceNode(DistanceNetwork network, AddressRules rules, int number, in Id256 id, int introducer)
    : EngineNode<int>(number, id, network.Net, rules, DistanceNetwork.TableOptions, DistanceNetwork.LookupOptions, network.Slab, network.Pool)
{
    private const int MaxNodes = 16;

    private readonly AddressRules _rules = rules;

    public int Leaks => _rules.Holds - Table.Count - Table.CandidateCount - Table.LostCount;

    /// <summary>The nodes at the distances asked for, at most 16 in all (discv5 "NODES").</summary>
    public int[] Serve(int[] distances, in Id256 asker, int from)
    {
        Table.Heard(asker, from, Net.Now);
        List<int> nodes = [];
        Contact<Id256, int>[] some = new Contact<Id256, int>[MaxNodes];
        foreach (int distance in distances)
        {
            int count = distance == 0 ? 0 : Table.AtDepth(Id256.Bits - distance, some, ContactUse.Name);
            nodes.AddRange(some.Take(count).Select(c => c.Handle).Where(n => n != from));
        }

        return [.. nodes.Take(MaxNodes)];
    }

    protected override void Introduce(LookupMachine<Id256, int> lookup)
    {
        if (introducer >= 0)
        {
            lookup.AddNameless(introducer);
        }
    }

    protected override void Ask(Search<int> search, in LookupQuery<Id256, int> query)
    {
        int slot = query.Slot;
        Contact<Id256, int> contact = query.Contact;
        bool nameless = query.Nameless;
        int[] distances = DistancesTo(search.Lookup.Request.Target, nameless ? network.IdOf(contact.Handle) : contact.Id);
        Call(contact.Handle, distances, answer =>
        {
            Id256 id = network.IdOf(contact.Handle);
            Heard(id, contact.Handle, answer.RoundTrip);
            if (!search.Ended)
            {
                search.Lookup.Named(slot, id, Net.Now);
                search.Lookup.Partial(slot, Contacts(answer.Nodes[..(answer.Nodes.Length / 2)]), Net.Now);
            }

            Answered(search, slot, Contacts(answer.Nodes[(answer.Nodes.Length / 2)..]), answer.RoundTrip, ticket: 0);
        }, () => Unanswered(search, slot, contact, RpcFailure.TimedOut));
        search.Lookup.Sent(slot, Net.Now);
    }

    protected override void Ping(in Contact<Id256, int> contact, Action<bool>? ended)
    {
        Contact<Id256, int> pinged = contact;
        Call(contact.Handle, [], answer =>
        {
            Heard(pinged.Id, pinged.Handle, answer.RoundTrip);
            ended?.Invoke(true);
        }, () =>
        {
            Table.Failed(pinged.Id, pinged.Handle, RpcFailure.TimedOut, Net.Now);
            ended?.Invoke(false);
        });
    }

    protected override int NumberOf(in int handle) => handle;

    /// <summary>What a peer at this distance from the target may know near it: first its bucket around the target, then those nearer to itself, then one farther.</summary>
    private static int[] DistancesTo(in Id256 target, in Id256 peer)
    {
        int distance = Id256.Bits - NodeIds.CommonPrefix(target, peer);
        return [.. Enumerable.Range(0, 6).Select(i => distance - i), distance + 1, distance + 2];
    }

    private Contact<Id256, int>[] Contacts(int[] nodes) =>
        [.. nodes.Where(n => n != Number).Select(n => new Contact<Id256, int>(network.IdOf(n), n))];

    private void Call(int peer, int[] distances, Action<(int[] Nodes, TimeSpan RoundTrip)> replied, Action lost)
    {
        Instant at = Net.Now;
        bool ended = false;
        Id256 self = Id;
        void End(Action then)
        {
            if (!ended)
            {
                ended = true;
                then();
            }
        }

        if (Net.Chance(100) != 0)
        {
            Net.Carry(Number, peer, () =>
            {
                int[] nodes = network.NodeAt(peer).Serve([.. distances.Where(d => d is > 0 and <= 256)], self, Number);
                if (Net.Chance(100) != 0)
                {
                    Net.Carry(peer, Number, () => End(() => replied((nodes, Net.Now - at))));
                }
            });
        }

        Net.Timer(Number, TimeSpan.FromSeconds(2), () => End(lost));
    }
}

/// <summary>The second test network: FINDNODE by distances, no records.</summary>
internal sealed class DistanceNetwork(ulong seed) : IEngineNetwork
{
    public static readonly RoutingTableOptions TableOptions = new() { Widths = [16] };

    public static readonly LookupOptions LookupOptions = new() { Width = 16, Parallelism = 3, HardTimeout = TimeSpan.FromSeconds(2) };

    private readonly List<DistanceNode> _nodes = [];

    public VirtualNetwork Net { get; } = new(seed);

    public ContactSlab<Id256, int> Slab { get; } = new(4);

    public LookupPool<Id256, int> Pool { get; } = new();

    public int Width => LookupOptions.Width;

    public bool Stores => false;

    public double Loss => 0.01;

    public Id256 IdOf(int node) => _nodes[node].Id;

    public DistanceNode NodeAt(int node) => _nodes[node];

    public int Join(int introducer)
    {
        int number = Net.Add();
        DistanceNode node = new(this, new(), number, Point(1UL << 32, (ulong)number), introducer);
        _nodes.Add(node);
        Net.Attach(number, node);
        return number;
    }

    public int LiveContacts(int node) => _nodes[node].Table.LiveCount;

    public void Find(int node, int key, Action<SearchResult> done) =>
        Net.Do(node, () => _nodes[node].Start(new(SearchKind.Find, key, done), Point(0, (ulong)key)));

    public void Put(int node, int key, byte[] value, Action<SearchResult> done) => throw new NotSupportedException("this network stores nothing");

    public void Get(int node, int key, Action<SearchResult> done) => Find(node, key, done);

    public int[] Closest(int key, IEnumerable<int> nodes)
    {
        Id256 target = Point(0, (ulong)key);
        return [.. nodes.Order(Comparer<int>.Create((a, b) => NodeIds.CompareDistance(target, IdOf(a), IdOf(b))))];
    }

    public void CheckInvariants()
    {
        foreach (DistanceNode node in _nodes.Where(n => !n.IsSearching))
        {
            Assert.Equal(0, node.Leaks);
        }
    }

    private Id256 Point(ulong kind, ulong number) => NodeIds.Random<Id256>(Net.Entropy.Child(kind + 5000).Stream(number));
}

/// <summary>The suite over the network of distances.</summary>
public class DistanceNetworkConformance : EngineConformance
{
    protected override IEngineNetwork Create(ulong seed) => new DistanceNetwork(seed);
}
