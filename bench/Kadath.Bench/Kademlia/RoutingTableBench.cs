using BenchmarkDotNet.Attributes;
using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Bench.Kademlia;

/// <summary>The routing table on the path of every query: the closest contacts as packed rows, and the refresh by an answer.</summary>
[Config(typeof(CpuTimeConfig))]
public class RoutingTableBench
{
    private const int Targets = 4096;

    private readonly byte[] _rows = new byte[20 * 26];
    private readonly Id160[] _targets = new Id160[Targets];
    private readonly Contact<Id160, Endpoint>[] _known = new Contact<Id160, Endpoint>[Targets];
    private RoutingTable<Id160, Endpoint> _table = null!;
    private Instant _now = Instant.FromSeconds(100_000);
    private int _next;

    /// <summary>Contacts: 325 is the table of a node in a network of 100,000; the larger ones have the bootstrap profile.</summary>
    [Params(325, 2_000, 20_000, 100_000)]
    public int Contacts { get; set; }

    /// <summary>Fills the table with uniform ids.</summary>
    [GlobalSetup]
    public void Setup()
    {
        EntropyStream entropy = EntropyTree.FromSeed(7).Stream(0);
        EndpointRules rules = new();
        Id160 self = NodeIds.Random<Id160>(entropy);
        RoutingTableOptions options = Contacts == 325 ? RoutingTableOptions.Mainline : RoutingTableOptions.Bootstrap;
        _table = new(self, options, rules, new(rules.PackedSize));
        for (int i = 0; _table.Count < Contacts && i < 300_000; i++)
        {
            Id160 id = NodeIds.Random<Id160>(entropy);
            _table.Answered(id, Endpoint.V4((uint)(0x0B000000 + (i << 6)), 6881), TimeSpan.FromMilliseconds(50), _now);
        }

        for (int i = 0; i < Targets; i++)
        {
            _targets[i] = NodeIds.Random<Id160>(entropy);
            _table.Closest(_targets[i], _known.AsSpan(i, 1), ContactUse.Name);
        }
    }

    /// <summary>The 8 closest live contacts of a random target.</summary>
    [Benchmark]
    public int Closest8() => _table.CopyClosest(_targets[_next++ & (Targets - 1)], 8, _rows);

    /// <summary>The 20 closest live contacts of a random target.</summary>
    [Benchmark]
    public int Closest20() => _table.CopyClosest(_targets[_next++ & (Targets - 1)], 20, _rows);

    /// <summary>A known contact answers.</summary>
    [Benchmark]
    public Admission AnsweredKnown()
    {
        ref Contact<Id160, Endpoint> contact = ref _known[_next++ & (Targets - 1)];
        return _table.Answered(contact.Id, contact.Handle, TimeSpan.FromMilliseconds(40), _now);
    }

    /// <summary>An unknown node queries us: nearly always its bucket and cache are full.</summary>
    [Benchmark]
    public Admission HeardUnknown()
    {
        int i = _next++;
        return _table.Heard(_targets[i & (Targets - 1)], Endpoint.V4((uint)(0xB0000000 + (i << 8)), 1), _now);
    }

    private sealed class EndpointRules : IContactRules<Id160, Endpoint>
    {
        public int PackedSize => Endpoint.CompactSizeV4;

        public bool IdMayMove => false;

        public void Pack(in Endpoint handle, Span<byte> destination) => handle.WriteCompact(destination);

        public Endpoint Unpack(ReadOnlySpan<byte> packed)
        {
            Endpoint.TryReadCompact(packed[..PackedSize], out Endpoint endpoint);
            return endpoint;
        }

        public GroupKeys GroupsOf(in Endpoint handle) => new(handle.AddressV4, handle.AddressV4 >> 8);

        public int Preference(in Id160 id, in Endpoint handle) => 0;

        public void Retain(in Endpoint handle)
        {
        }

        public void Release(in Endpoint handle)
        {
        }
    }
}
