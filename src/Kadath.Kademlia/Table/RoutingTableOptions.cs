namespace Kadath.Kademlia;

/// <summary>The shape and the limits of a routing table: constants of a network, shared by all its tables.</summary>
public sealed record RoutingTableOptions
{
    /// <summary>Contacts per bucket by depth (the bits shared with our id); the last number serves all deeper buckets. 1 to 128 each.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [8];

    /// <summary>
    /// Bootstrap profile: every full bucket splits, not only the one around our own id, so that the table becomes a map of the whole network.
    /// All buckets then have the first of the <see cref="Widths"/>, at most 24.
    /// </summary>
    public bool SplitsEveryBucket { get; init; }

    /// <summary>
    /// Contacts that a table holds at most, 1 to 1,000,000. A table that splits only its own bucket is bounded by its widths already.
    /// </summary>
    public int MaxContacts { get; init; } = 100_000;

    /// <summary>Contacts of one narrow group (Mainline: IP address) in the table.</summary>
    public int NarrowPerTable { get; init; } = 1;

    /// <summary>Contacts of one wide group (Mainline: /24 or /64) in a bucket: 2, as geth has it.</summary>
    public int WidePerBucket { get; init; } = 2;

    /// <summary>Contacts of one wide group in the table: 10, as geth has it.</summary>
    public int WidePerTable { get; init; } = 10;

    /// <summary>Failed queries in a row after which a contact that answers may take the place: 2, since one lost packet proves nothing.</summary>
    public int FailsBeforeReplacement { get; init; } = 2;

    /// <summary>
    /// Failed queries in a row after which a contact leaves even without a replacement: 10, since several lookups may run into one outage of
    /// ours. At most 15.
    /// </summary>
    public int MaxFails { get; init; } = 10;

    /// <summary>Silence after which a contact is questionable, and is pinged if a newcomer waits for its place: 15 minutes (BEP 5).</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>True if a contact with less than half the round-trip time may displace one of the younger half of a bucket.</summary>
    public bool PrefersLowRoundTrip { get; init; }

    /// <summary>The buckets of Mainline's best-connected nodes: 128, 64, 32, 16, then 8 (as libtorrent has them).</summary>
    public static RoutingTableOptions Mainline { get; } = new() { Widths = [128, 64, 32, 16, 8] };

    /// <summary>A map of up to 100,000 contacts for nodes that others bootstrap from: all buckets of 8 split; more contacts per subnet fit.</summary>
    public static RoutingTableOptions Bootstrap { get; } = new() { Widths = [8], SplitsEveryBucket = true, WidePerTable = 64 };

    /// <summary>Contacts of a bucket whose members share so many bits with our id, at most.</summary>
    public int WidthAt(int depth) => SplitsEveryBucket ? Widths[0] : Widths[Math.Min(depth, Widths.Count - 1)];

    internal void Validate()
    {
        if (Widths.Count is < 1 or > 32 || Widths.Any(static width => width is < 1 or > 128))
        {
            throw new ArgumentException("1 to 32 widths of 1 to 128 contacts are needed", nameof(Widths));
        }

        if (SplitsEveryBucket && Widths[0] > 24)
        {
            throw new ArgumentException("a table that splits every bucket takes buckets of at most 24 contacts", nameof(Widths));
        }

        Check(MaxContacts, 1, 1_000_000, nameof(MaxContacts));
        Check(NarrowPerTable, 1, MaxContacts, nameof(NarrowPerTable));
        Check(WidePerBucket, 1, 128, nameof(WidePerBucket));
        Check(WidePerTable, 1, MaxContacts, nameof(WidePerTable));
        Check(MaxFails, 1, 15, nameof(MaxFails));
        Check(FailsBeforeReplacement, 1, MaxFails, nameof(FailsBeforeReplacement));
        Check(StaleAfter.Ticks, TimeSpan.TicksPerSecond, TimeSpan.TicksPerDay, nameof(StaleAfter));
    }

    private static void Check(long value, long least, long most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {least} and {most}");
        }
    }
}
