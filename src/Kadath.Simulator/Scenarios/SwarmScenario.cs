using System.Diagnostics;
using System.Globalization;
using Kadath.Simulator.Swarm;

namespace Kadath.Simulator.Scenarios;

/// <summary>
/// Networks, faults and parameters drawn from seeds, one after the other from --seed on: safety first, then liveness once all is healed. A
/// seed that fails is shrunk, and named with the command that replays it.
/// </summary>
public sealed class SwarmScenario : Scenario
{
    /// <inheritdoc/>
    public override string Name => "swarm";

    /// <inheritdoc/>
    public override string Summary => "random networks and faults from seeds (--set minutes=M of them; else one), safety and liveness checked";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Settings => ["minutes", "length", "faults"];

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        double minutes = Number(options, "minutes", 0);
        long began = Stopwatch.GetTimestamp();
        ulong seed = options.Seed;
        int failed = 0;
        do
        {
            SwarmPlan plan = PlanOf(options, seed++);
            SwarmRun run = SwarmRun.Of(plan, cancellation: network.Cancellation);
            report.Ran(run.Network);
            if (run.Failures.Count > 0)
            {
                failed++;
                SwarmPlan least = SwarmRun.Shrink(plan, cancellation: network.Cancellation);
                report.Fail($"seed {plan.Seed}: {run.Failures[0]} (commit {SimulationReport.Commit}; replay: {least.Command})");
            }
        }
        while (Stopwatch.GetElapsedTime(began).TotalMinutes < minutes);
        report.Add("seeds", seed - options.Seed);
        report.Add("failedSeeds", failed);
    }

    /// <summary>The seed's own plan, or, where the command says how long, the part of it that the command describes.</summary>
    private static SwarmPlan PlanOf(ScenarioOptions options, ulong seed) => options.Settings.ContainsKey("length")
        ? new(seed, Math.Max(SwarmPlan.FewestNodes, options.Nodes), Math.Max(1, (int)Number(options, "length", 1)), options.K, (SwarmFaults)(int)Number(options, "faults", 0))
        : SwarmPlan.Draw(seed);
}
