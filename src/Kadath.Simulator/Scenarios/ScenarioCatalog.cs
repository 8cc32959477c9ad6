using System.Diagnostics;

namespace Kadath.Simulator.Scenarios;

/// <summary>All scenarios by name, and how one is run.</summary>
public static class ScenarioCatalog
{
    /// <summary>The scenarios, in the order of the help.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new ConvergeScenario(),
        new LookupsScenario(),
        new StaleScenario(),
        new ChurnScenario(),
        new MassLeaveScenario(),
        new PartitionScenario(),
        new RecordsScenario(),
        new NattedScenario(),
        new OfflineScenario(),
        new FlashCrowdScenario(),
        new AdversariesScenario(),
        new SwarmScenario(),
    ];

    /// <summary>The scenario of this name, or null.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);

    /// <summary>
    /// Runs a scenario to its report. Throws <see cref="ArgumentException"/> for options that are out of their bounds, and
    /// <see cref="OperationCanceledException"/>.
    /// </summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="progress">Told now and then how far a run is; it never steers.</param>
    /// <param name="details">What the report holds beyond numbers; the run is the same with them and without.</param>
    /// <param name="cancellation">Ends the run early.</param>
    public static SimulationReport Run(
        ScenarioOptions options, Action<KademliaNetwork>? progress = null, RunDetails? details = null, CancellationToken cancellation = default)
    {
        Scenario scenario = Find(options.Scenario) ?? throw new ArgumentException($"there is no scenario '{options.Scenario}'");
        Check(scenario, options);
        long idle = MemoryOfOneNode(scenario, options);
        long began = Stopwatch.GetTimestamp();
        var network = KademliaNetwork.Create(options.Seed, scenario.NetworkOptions(options));
        network.Probes.Traced = details?.Lookup ?? 0;
        network.Progress = progress;
        network.Cancellation = cancellation;
        SimulationReport report = new(options);
        scenario.Run(network, options, report);
        report.Close(report.Network ?? network, Stopwatch.GetElapsedTime(began), idle, details ?? new());
        return report;
    }

    private static void Check(Scenario scenario, ScenarioOptions options)
    {
        if (options.Nodes is < 2 or > 2_000_000)
        {
            throw new ArgumentException("a network has 2 to 2,000,000 nodes");
        }

        if (options.Network != "mainline")
        {
            throw new ArgumentException($"there is no network '{options.Network}' to be simulated");
        }

        if (options.K is < 0 or > 24)
        {
            throw new ArgumentException("k lies between 1 and 24");
        }

        if (options.Settings.Keys.FirstOrDefault(key => !scenario.Settings.Contains(key)) is { } unknown)
        {
            throw new ArgumentException($"scenario '{scenario.Name}' has no setting '{unknown}'");
        }
    }

    /// <summary>What the process takes with a network of one: what is beyond that, the nodes take.</summary>
    private static long MemoryOfOneNode(Scenario scenario, ScenarioOptions options)
    {
        var network = KademliaNetwork.Create(options.Seed, scenario.NetworkOptions(options));
        network.Grow(1);
        return Environment.WorkingSet;
    }
}
