using Kadath.Primitives;
using Kadath.Simulator.Churn;

namespace Kadath.Simulator.Scenarios;

/// <summary>Hours of coming and going, in which every node looks something up now and then; then the lookups that are measured.</summary>
public sealed class ChurnScenario : Scenario
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(15);

    /// <inheritdoc/>
    public override string Name => "churn";

    /// <inheritdoc/>
    public override string Summary => "hours of Weibull sessions (--hours), a lookup per node every 15 minutes; then measured lookups while it goes on";

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.AddMaintenance(network);
        var churn = new ChurnPlan(network);
        churn.Begin();
        report.Add("stalenessStart", TableHealth.Of(network).StaleShare);
        var span = TimeSpan.FromHours(options.Hours);
        network.Expected = network.Now - SimulationReport.Origin + span;
        var background = new BackgroundLookups(network, s_every);
        background.Begin();
        network.Run(span);
        report.Lookups = LookupSummary.Of(Measure(network, options.Lookups, TimeSpan.FromMilliseconds(100)), network);
        TableHealth health = TableHealth.Of(network);
        report.Add("stalenessEnd", health.StaleShare);
        report.Add("left", churn.Left);
        report.Add("backgroundLookups", background.Begun);
        report.Add("tableFullness", health.Fullness);
        report.Add("neighbourhoodsComplete", health.Closest);
    }
}

/// <summary>Lookups that nodes do for their users, evenly over all nodes, and that nobody measures.</summary>
internal sealed class BackgroundLookups(KademliaNetwork network, TimeSpan each)
{
    private readonly EntropyStream _chance = EntropyTree.FromSeed(network.Seed).Child(BackgroundBranch).Stream(0);
    private const ulong BackgroundBranch = 7;

    /// <summary>Lookups begun so far.</summary>
    public long Begun { get; private set; }

    /// <summary>Goes on for ever.</summary>
    public void Begin()
    {
        ReadOnlySpan<int> live = network.Live.Nodes;
        int node = live[_chance.NextBelow(live.Length)];
        if (network.MachineOf(node) is not null && network.IsHonest(node))
        {
            Begun++;
            network.Do(node, (machine, now) => machine.FindNode(NodeIds.Random<Id160>(_chance), TimeSpan.Zero, SilentObserver.Instance, now));
        }

        network.After(each / live.Length, Begin);
    }
}
