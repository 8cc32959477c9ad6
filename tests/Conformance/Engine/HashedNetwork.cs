using System.Buffers.Binary;
using System.Security.Cryptography;
using Kadath.Kademlia;
using Kadath.Primitives;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Engine;

/// <summary>The first test network: 256-bit hashes of keys, sessions, dials of 0 to 5 s of which some fail, replies in parts, one value per key.</summary>
internal sealed class HashedNetwork(ulong seed) : IEngineNetwork
{
    public static readonly RoutingTableOptions TableOptions = new() { Widths = [20] };

    public static readonly LookupOptions LookupOptions = new() { Width = 10, Parallelism = 4, HardTimeout = TimeSpan.FromSeconds(10) };

    private readonly List<HashedNode> _nodes = [];

    public VirtualNetwork Net { get; } = new(seed);

    public ContactSlab<Id256, int> Slab { get; } = new(4);

    public LookupPool<Id256, int> Pool { get; } = new();

    public int Width => LookupOptions.Width;

    public bool Stores => true;

    public double Loss => 0;

    public static Id256 Hash(ulong preimage)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, preimage);
        return Id256.Read(SHA256.HashData(bytes));
    }

    public Id256 IdOf(int node) => _nodes[node].Id;

    public HashedNode NodeAt(int node) => _nodes[node];

    public int Join(int introducer)
    {
        int number = Net.Add();
        HashedNode node = new(this, new(), number, Hash((1UL << 40) + (ulong)number), introducer);
        _nodes.Add(node);
        Net.Attach(number, node);
        return number;
    }

    public int LiveContacts(int node) => _nodes[node].Table.LiveCount;

    public void Find(int node, int key, Action<SearchResult> done) => Start(node, new(SearchKind.Find, key, done));

    public void Put(int node, int key, byte[] value, Action<SearchResult> done) => Start(node, new(SearchKind.Put, key, done) { Value = value });

    public void Get(int node, int key, Action<SearchResult> done) => Start(node, new(SearchKind.Get, key, done));

    public int[] Closest(int key, IEnumerable<int> nodes)
    {
        Id256 target = Hash((ulong)key);
        return [.. nodes.Order(Comparer<int>.Create((a, b) => NodeIds.CompareDistance(target, IdOf(a), IdOf(b))))];
    }

    public void CheckInvariants()
    {
        foreach (HashedNode node in _nodes.Where(n => !n.IsSearching))
        {
            Assert.Equal(0, node.Leaks);
        }
    }

    private void Start(int node, Search<int> search) => Net.Do(node, () => _nodes[node].Start(search, Hash((ulong)search.Key)));
}

/// <summary>The suite over the network of hashed keys.</summary>
public class HashedNetworkConformance : EngineConformance
{
    protected override IEngineNetwork Create(ulong seed) => new HashedNetwork(seed);
}
