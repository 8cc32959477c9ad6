using Kadath.Kademlia;

namespace Kadath.Mainline;

/// <summary>
/// The constants of the network in one place: those of the public Mainline DHT by default. Nodes with others still speak with everybody;
/// simulations and private networks replace the record as a whole.
/// </summary>
public sealed record MainlineConstants
{
    // 32 rows of IPv6 take 1,216 bytes: what a payload of 1,024 bytes has no room for is left out anyway.
    internal const int MaxNodesPerReply = 32;

    private const int MaxReplication = 32;

    /// <summary>The constants of the public network.</summary>
    public static MainlineConstants Standard { get; } = new();

    /// <summary>The shape of routing tables of <see cref="MainlineProfile.Standard"/>.</summary>
    public RoutingTableOptions Table { get; init; } = RoutingTableOptions.Mainline;

    /// <summary>The shape of routing tables of <see cref="MainlineProfile.Bootstrap"/>.</summary>
    public RoutingTableOptions BootstrapTable { get; init; } = RoutingTableOptions.Bootstrap;

    /// <summary>Every lookup; <see cref="LookupOptions.Paths"/> and <see cref="LookupOptions.PlainAfterSilence"/> are set per node and method.</summary>
    public LookupOptions Lookup { get; init; } = new();

    /// <summary>How eagerly tables are maintained.</summary>
    public MaintenanceOptions Maintenance { get; init; } = new();

    /// <summary>Nodes of one family in a reply, 1 to 32 (BEP 5: k = 8); fewer where the payload has no room.</summary>
    public int NodesPerReply { get; init; } = 8;

    /// <summary>Nodes at which a record is stored, 1 to 32 (BEP 5: k = 8).</summary>
    public int Replication { get; init; } = 8;

    /// <summary>Announces live this long, 1 minute to 30 days: clients repeat them every 15 to 30 minutes, and mldht keeps them an hour.</summary>
    public TimeSpan AnnounceLifetime { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>Items live this long (BEP 44: 2 hours), 1 minute to 30 days.</summary>
    public TimeSpan ItemLifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>One k for every bucket, for lookups, replies and replication, without wider first buckets; 1 to 24.</summary>
    public static MainlineConstants OfWidth(int k) => Standard with
    {
        Table = Standard.Table with { Widths = [k] },
        BootstrapTable = Standard.BootstrapTable with { Widths = [k] },
        Lookup = Standard.Lookup with { Width = k },
        NodesPerReply = k,
        Replication = k,
    };

    /// <summary>Throws <see cref="ArgumentException"/> naming the constant that is out of its bounds.</summary>
    internal void Validate()
    {
        Lookup.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(NodesPerReply, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(NodesPerReply, MaxNodesPerReply);
        ArgumentOutOfRangeException.ThrowIfLessThan(Replication, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Replication, MaxReplication);
        CheckLifetime(AnnounceLifetime, nameof(AnnounceLifetime));
        CheckLifetime(ItemLifetime, nameof(ItemLifetime));
    }

    private static void CheckLifetime(TimeSpan lifetime, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromMinutes(1), name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromDays(30), name);
    }
}
