namespace Kadath.Simulator.Scenarios;

/// <summary>A network grows from one bootstrap node: what joining costs, and how true the tables are afterwards.</summary>
public sealed class ConvergeScenario : Scenario
{
    /// <inheritdoc/>
    public override string Name => "converge";

    /// <inheritdoc/>
    public override string Summary => "growth from one bootstrap node; what joining costs and how full tables become";

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.Add("virtualSeconds", (network.Now - SimulationReport.Origin).TotalSeconds);
        report.Add("messagesPerJoin", network.Packets.Counters.Sent / (double)network.Count);
        report.Add("bootstrapHandled", network.Packets.SeatOf(0).Handled);
        TableHealth.Of(network).AddTo(report);
        report.AddMaintenance(network);
    }
}
