namespace Kadath.Simulator.Scenarios;

/// <summary>A converged network, and lookups in it.</summary>
public sealed class LookupsScenario : Scenario
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override string Name => "lookups";

    /// <inheritdoc/>
    public override string Summary => "lookups in a network without churn";

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.AddMaintenance(network);
        report.Lookups = LookupSummary.Of(Measure(network, options.Lookups, s_interval), network);
    }
}
