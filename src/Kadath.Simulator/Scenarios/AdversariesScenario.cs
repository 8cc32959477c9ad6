using System.Globalization;
using Kadath.Simulator.Adversaries;

namespace Kadath.Simulator.Scenarios;

/// <summary>A share of the nodes is dishonest from the first second on, joins and refreshes included; what do lookups find?</summary>
public sealed class AdversariesScenario : Scenario
{
    private const ulong CoalitionBranch = 7;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    private static readonly Dictionary<string, AdversaryBehaviour> s_behaviours = new(StringComparer.Ordinal)
    {
        ["collude"] = AdversaryBehaviour.Collude,
        ["collude-late"] = AdversaryBehaviour.ColludeLate,
        ["silent"] = AdversaryBehaviour.Silent,
        ["dead-fakes"] = AdversaryBehaviour.DeadFakes,
        ["fabricate"] = AdversaryBehaviour.Fabricate,
    };

    /// <inheritdoc/>
    public override string Name => "adversaries";

    /// <inheritdoc/>
    public override string Summary => "lookups among dishonest nodes (--share, --behaviour collude, collude-late, silent, dead-fakes, fabricate)";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Settings => ["share", "behaviour"];

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        if (options.IdealTables)
        {
            throw new ArgumentException("adversaries are met while tables grow: --tables ideal says nothing about them");
        }

        int share = SharePerMille(options);
        Coalition coalition = new(network.ScenarioStream(CoalitionBranch))
        {
            Behaviour = BehaviourOf(options), NodesPerReply = network.Options.Constants.NodesPerReply,
        };
        coalition.Active = coalition.Behaviour != AdversaryBehaviour.ColludeLate;
        network.Disguise = (node, machine, id) =>
        {
            // Node 0 is where all begin; it is honest, as routers have to be.
            if (node == 0 || network.Chance.NextBelow(1000) >= share)
            {
                return null;
            }

            network.MarkDishonest(node);
            coalition.Join(network.EndpointOf(node), id);
            return new Adversary(machine, coalition, network.EndpointOf(node), id, network.Sink);
        };
        network.Grow(options.Nodes);
        report.AddMaintenance(network);
        report.Add("dishonest", coalition.Count);
        TableHealth.Of(network).AddTo(report);
        coalition.Active = true;
        report.Lookups = LookupSummary.Of(Measure(network, options.Lookups, s_interval), network);
        CheckBite(options, network, share, coalition.Behaviour, report);
    }

    // An adversary that a plain lookup hardly notices proves nothing.
    private static void CheckBite(ScenarioOptions options, KademliaNetwork network, int share, AdversaryBehaviour behaviour, SimulationReport report)
    {
        bool plain = options.Paths == 1 && network.Options.Constants.Lookup.Parallelism == 3 && behaviour == AdversaryBehaviour.Collude;
        double most = share >= 300 ? 0.975 : share >= 200 ? 0.995 : 1;
        if (plain && options.Lookups >= 1000 && report.Lookups!.Success > most)
        {
            report.Fail(string.Create(CultureInfo.InvariantCulture, $"the adversary is too tame: a plain lookup succeeds in {report.Lookups.Success:P2}"));
        }
    }

    private static int SharePerMille(ScenarioOptions options)
    {
        string given = options.Settings.GetValueOrDefault("share", "0.2");
        if (!double.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share) || share is < 0 or > 0.9)
        {
            throw new ArgumentException($"the share of dishonest nodes lies between 0 and 0.9, not '{given}'");
        }

        return (int)Math.Round(share * 1000);
    }

    private static AdversaryBehaviour BehaviourOf(ScenarioOptions options)
    {
        string given = options.Settings.GetValueOrDefault("behaviour", "collude");
        return s_behaviours.TryGetValue(given, out AdversaryBehaviour behaviour)
            ? behaviour
            : throw new ArgumentException($"there is no behaviour '{given}': {string.Join(", ", s_behaviours.Keys.Order(StringComparer.Ordinal))}");
    }
}
