namespace Kadath.Simulator;

/// <summary>What a scenario is asked for: the options of the command, with its defaults.</summary>
public sealed record ScenarioOptions
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>Nodes of the network, at least 2.</summary>
    public int Nodes { get; init; } = 1000;

    /// <summary>The seed.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The network that runs.</summary>
    public string Network { get; init; } = "mainline";

    /// <summary>One k for buckets, replies, lookups and replication; 0 for the network's own constants.</summary>
    public int K { get; init; }

    /// <summary>Queries in flight on each path; 0 for the network's own constant.</summary>
    public int Alpha { get; init; }

    /// <summary>Disjoint paths of every lookup; 0 for the network's own choice.</summary>
    public int Paths { get; init; }

    /// <summary>Lookups to be measured.</summary>
    public int Lookups { get; init; } = 1000;

    /// <summary>Virtual hours, where a scenario has a length.</summary>
    public double Hours { get; init; } = 24;

    /// <summary>The link model.</summary>
    public RttModel Rtt { get; init; } = RttModel.SixRegions;

    /// <summary>True if tables are filled by decree instead of grown.</summary>
    public bool IdealTables { get; init; }

    /// <summary>The scenario's own settings by name, such as share and behaviour; unknown ones are refused.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
