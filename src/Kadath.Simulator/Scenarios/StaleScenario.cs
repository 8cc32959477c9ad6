namespace Kadath.Simulator.Scenarios;

/// <summary>
/// A converged network of which a share stops at one instant without notice; nothing is maintained afterwards, and each node looks up at most
/// once: what stale tables cost.
/// </summary>
public sealed class StaleScenario : Scenario
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override string Name => "stale";

    /// <inheritdoc/>
    public override string Summary => "lookups after a share of the nodes (--share, 0.15) stopped at one instant, without maintenance";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Settings => ["share"];

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.AddMaintenance(network);
        StopShare(network, Share(options, 0.15));
        network.SetMaintenance(false);
        report.Add("stalenessStart", TableHealth.Of(network).StaleShare);
        int lookups = Math.Min(options.Lookups, network.LiveCount - 1);
        report.Lookups = LookupSummary.Of(Measure(network, lookups, s_interval), network);
        report.Add("stalenessEnd", TableHealth.Of(network).StaleShare);
    }
}
