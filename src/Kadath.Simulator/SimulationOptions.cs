using Kadath.Mainline;

namespace Kadath.Simulator;

/// <summary>What a simulated network is made of. The defaults are those of all published figures.</summary>
public sealed record SimulationOptions
{
    /// <summary>How long datagrams take and how many are lost.</summary>
    public RttModel Rtt { get; init; } = RttModel.SixRegions;

    /// <summary>What every node's host can do.</summary>
    public HostOptions Hosts { get; init; } = new();

    /// <summary>Where addresses, and so ids, come from.</summary>
    public AddressOptions Addresses { get; init; } = new();

    /// <summary>How many nodes stand behind NATs: none.</summary>
    public NatOptions Nats { get; init; } = NatOptions.None;

    /// <summary>The constants of the network that runs; nothing else of it differs from what ships.</summary>
    public MainlineConstants Constants { get; init; } = MainlineConstants.Standard;

    /// <summary>Disjoint paths of every lookup, 1 to 8.</summary>
    public int Paths { get; init; } = 1;

    /// <summary>
    /// Nodes that join in a second while the network grows; 0 for what lets a network double in half a minute: a 200th of its final size,
    /// at least 20.
    /// </summary>
    public int JoinsPerSecond { get; init; }

    /// <summary>How long a grown network is left to itself before it counts as converged: 5 minutes, in which every bucket is refreshed.</summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Check the safety rules of the protocol at every event; they cost some 10 % of the time.</summary>
    public bool ChecksSafety { get; init; } = true;

    /// <summary>Whole tables are checked at every so many events: 64; 1 for every event, where speed is no matter.</summary>
    public int TableCheckInterval { get; init; } = 64;
}
