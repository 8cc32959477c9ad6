using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Tests.Unit.Kademlia.Table;

/// <summary>Rules as Mainline has them (IP and /24 of an IPv4 endpoint), which count what the engine holds.</summary>
internal sealed class TestRules : IContactRules<Id160, Endpoint>
{
    private readonly Dictionary<Endpoint, int> _held = [];

    public Func<Id160, Endpoint, int> Prefers { get; init; } = static (_, _) => 0;

    public Func<Endpoint, GroupKeys> Groups { get; init; } = static endpoint => new(endpoint.AddressV4, endpoint.AddressV4 >> 8);

    public bool IdMayMove { get; init; }

    public bool Counts { get; init; } = true;

    public int PackedSize => Endpoint.CompactSizeV4;

    public IReadOnlyDictionary<Endpoint, int> Held => _held;

    public void Pack(in Endpoint handle, Span<byte> destination) => handle.WriteCompact(destination);

    public Endpoint Unpack(ReadOnlySpan<byte> packed)
    {
        Endpoint.TryReadCompact(packed[..PackedSize], out Endpoint endpoint);
        return endpoint;
    }

    public GroupKeys GroupsOf(in Endpoint handle) => Groups(handle);

    public int Preference(in Id160 id, in Endpoint handle) => Prefers(id, handle);

    public void Retain(in Endpoint handle)
    {
        if (Counts)
        {
            _held[handle] = _held.GetValueOrDefault(handle) + 1;
        }
    }

    public void Release(in Endpoint handle)
    {
        if (!Counts)
        {
            return;
        }

        int left = _held[handle] - 1;
        if (left == 0)
        {
            _held.Remove(handle);
        }
        else
        {
            _held[handle] = left;
        }
    }
}

/// <summary>Shorthands for tables of Mainline's shape.</summary>
internal static class Tables
{
    public static readonly Instant Start = Instant.FromSeconds(100_000);

    public static RoutingTable<Id160, Endpoint> New(TestRules rules, RoutingTableOptions? options = null, Id160 self = default, ContactSlab<Id160, Endpoint>? slab = null) =>
        new(self, options ?? RoutingTableOptions.Mainline, rules, slab ?? new(rules.PackedSize));

    /// <summary>An id that shares exactly <paramref name="depth"/> bits with the zero id; <paramref name="rest"/> tells those of one depth apart.</summary>
    public static Id160 At(int depth, int rest) => Id160.Flip(Id160.Splice(default, new((ulong)rest << 40, (ulong)rest, (uint)rest), depth + 1), depth);

    /// <summary>An endpoint in a /24 of its own.</summary>
    public static Endpoint Peer(int number) => Endpoint.V4((uint)((11 << 24) + (number << 8) + 1), 6881);

    public static List<ContactView<Id160, Endpoint>> All(RoutingTable<Id160, Endpoint> table)
    {
        var views = new ContactView<Id160, Endpoint>[table.Count + 1];
        int count = table.CopyContacts(0, views);
        return [.. views.AsSpan(0, count)];
    }
}
