namespace Kadath.Simulator.Scenarios;

/// <summary>A share of the nodes leaves at once; the others go on maintaining. Lookups two minutes later, tables after two refresh periods.</summary>
public sealed class MassLeaveScenario : Scenario
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override string Name => "mass-leave";

    /// <inheritdoc/>
    public override string Summary => "a share of the nodes (--share, 0.5) leaves at once: lookups after 2 minutes, tables after two refresh periods";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Settings => ["share"];

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.AddMaintenance(network);
        StopShare(network, Share(options, 0.5));
        report.Add("stalenessStart", TableHealth.Of(network).StaleShare);
        network.Run(s_soon);
        report.Lookups = LookupSummary.Of(Measure(network, options.Lookups, s_interval), network);
        network.Run(2 * network.Options.Constants.Maintenance.MaxRefresh);
        TableHealth health = TableHealth.Of(network);
        report.Add("stalenessEnd", health.StaleShare);
        report.Add("neighbourhoodsComplete", health.Closest);
    }
}
