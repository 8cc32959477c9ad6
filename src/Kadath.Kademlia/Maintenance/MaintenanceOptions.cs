namespace Kadath.Kademlia;

/// <summary>How eagerly a node maintains its routing table.</summary>
public sealed record MaintenanceOptions
{
    /// <summary>The shortest time between two refreshes of a bucket, under churn: 5 minutes.</summary>
    public TimeSpan MinRefresh { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest time between two refreshes of a bucket, when they find nothing new: 60 minutes.</summary>
    public TimeSpan MaxRefresh { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>The time between two pings of our own: 2 seconds, so that verification never looks like a flood.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A wake-up this much later than asked for means that the machine slept: 15 seconds.</summary>
    public TimeSpan ClockGap { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The first pause before bootstrapping is tried again; doubles with every failure: 5 seconds.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause before bootstrapping is tried again, for ever: 5 minutes.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(5);
}
