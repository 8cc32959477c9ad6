namespace Kadath.Kademlia;

/// <summary>How eagerly a node maintains its routing table: constants of a network, shared by all its nodes.</summary>
public sealed record MaintenanceOptions
{
    /// <summary>The shortest time between two refreshes of a bucket, or two rounds of pings, under churn: 5 minutes.</summary>
    public TimeSpan MinRefresh { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest such time, reached when nothing changes: 60 minutes, at most 240.</summary>
    public TimeSpan MaxRefresh { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>
    /// The longest time between two pings of our own while there is somebody to verify: 2 seconds, so that verification never looks like a
    /// flood. Where a table has more contacts than can be asked within <see cref="MaxRefresh"/> at that rate, the pings come closer.
    /// </summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The shortest time between two such pings, whatever the table holds: 25 ms. That is 40 a second to as many addresses, some 5 KB/s each way,
    /// and takes a map of 100,000 contacts round within the hour.
    /// </summary>
    public TimeSpan MinPingInterval { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>The time between two refreshes where every bucket splits, and none is refreshed by itself: 10 seconds.</summary>
    public TimeSpan MapRefresh { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time between two pings to contacts that were given up: 2 minutes, so that a network that fell apart grows together within ten.
    /// </summary>
    public TimeSpan LostInterval { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A wake-up this much later than asked for means that the machine slept: 15 seconds, as dht-rpc has it.</summary>
    public TimeSpan ClockGap { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The first pause before bootstrapping is tried again; doubles with every failure: 5 seconds.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause before bootstrapping is tried again, for ever: 5 minutes.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Fewer live contacts than this may be a fragment of the network, which asks the routers now and then: 8, one k.</summary>
    public int FewestContacts { get; init; } = 8;

    internal void Validate()
    {
        Check(MinRefresh, TimeSpan.FromMinutes(1), MaxRefresh, nameof(MinRefresh));
        Check(MaxRefresh, MinRefresh, TimeSpan.FromMinutes(240), nameof(MaxRefresh));
        Check(PingInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), nameof(PingInterval));
        Check(MinPingInterval, TimeSpan.FromMilliseconds(1), PingInterval, nameof(MinPingInterval));
        Check(MapRefresh, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), nameof(MapRefresh));
        Check(LostInterval, TimeSpan.FromSeconds(10), TimeSpan.FromHours(24), nameof(LostInterval));
        Check(ClockGap, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(ClockGap));
        Check(MinBackoff, TimeSpan.FromMilliseconds(100), MaxBackoff, nameof(MinBackoff));
        Check(MaxBackoff, MinBackoff, TimeSpan.FromHours(1), nameof(MaxBackoff));
        ArgumentOutOfRangeException.ThrowIfNegative(FewestContacts);
    }

    private static void Check(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {least} and {most}");
        }
    }
}
