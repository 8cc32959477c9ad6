using Kadath.Primitives;

namespace Kadath.Simulator.Scenarios;

/// <summary>Everybody (as many as --lookups) wants the peers of one torrent within a minute.</summary>
public sealed class FlashCrowdScenario : Scenario
{
    private const int Announcers = 20;

    private static readonly TimeSpan s_rush = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override string Name => "flash-crowd";

    /// <inheritdoc/>
    public override string Summary => "readers (--lookups of them) of one key within 60 s: success, and the busiest node's load";

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.AddMaintenance(network);
        Id160 key = NodeIds.Random<Id160>(network.Chance);
        for (int i = 0; i < Announcers; i++)
        {
            network.Do(network.RandomHonest(), (machine, now) => machine.Announce(new(key, 0), SilentObserver.Instance, now));
        }

        network.Run(s_rush);
        uint[] before = Loads(network);
        int found = 0, ended = 0;
        List<double> milliseconds = [];
        for (int i = 0; i < options.Lookups; i++)
        {
            network.After(i * (s_rush / options.Lookups), () => network.Do(network.RandomHonest(), (machine, now) => machine.GetPeers(
                new(key),
                new Reader(network, elapsed =>
                {
                    ended++;
                    found += double.IsFinite(elapsed) ? 1 : 0;
                    milliseconds.Add(elapsed);
                }),
                now)));
        }

        network.Run(s_rush);
        network.RunUntil(() => ended == options.Lookups, TimeSpan.FromMinutes(2));
        double[] loads = [.. Loads(network).Select((load, node) => (double)(load - before[node])).Order()];
        report.Add("success", found / (double)options.Lookups);
        report.Add("successLow", LookupSummary.WilsonLow(found, options.Lookups));
        report.Add("firstPeerMsP50", Distribution.Of(milliseconds).P50);
        report.Add("firstPeerMsP95", Distribution.Of(milliseconds).P95);
        report.Add("busiestNodeDatagrams", loads[^1]);
        report.Add("loadGini", Gini(loads));
    }

    private static uint[] Loads(KademliaNetwork network) => [.. Enumerable.Range(0, network.Count).Select(node => network.Packets.SeatOf(node).Handled)];

    /// <summary>How unevenly a load is spread: 0 is even, 1 all on one.</summary>
    private static double Gini(double[] sorted)
    {
        double weighted = 0, sum = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            weighted += (i + 1) * sorted[i];
            sum += sorted[i];
        }

        return sum == 0 ? 0 : ((2 * weighted) / (sorted.Length * sum)) - ((sorted.Length + 1) / (double)sorted.Length);
    }

    private sealed class Reader(KademliaNetwork network, Action<double> done) : SilentObserver
    {
        private readonly Instant _began = network.Now;
        private double _first = double.PositiveInfinity;

        public override void OnPeers(ReadOnlySpan<Endpoint> peers) =>
            _first = Math.Min(_first, (network.Now - _began).TotalMilliseconds);

        public override void OnCompleted(in Mainline.OperationReport report) => done(_first);
    }
}
