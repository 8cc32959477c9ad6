using Kadath.Kademlia;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Simulator.Churn;
using Kadath.Simulator.Nodes;

namespace Kadath.Simulator.Scenarios;

/// <summary>
/// Nodes that were away for an hour, a day or a week come back with the tables that they saved: how soon does a lookup succeed? The time away
/// is not run: whoever would have left by then, by the table of what is left of Weibull sessions, is replaced within half an hour.
/// </summary>
public sealed class OfflineScenario : Scenario
{
    private const int Residuals = 1024;

    private static readonly int[] s_hours = [1, 24, 168];
    private static readonly TimeSpan s_replacing = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public override string Name => "offline";

    /// <inheritdoc/>
    public override string Summary => "nodes return after 1 hour, 24 hours and 7 days with saved tables: time to the first lookup that succeeds";

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        if (options.IdealTables)
        {
            throw new ArgumentException("newcomers join while others are away: --tables ideal has no maintenance for it");
        }

        network.Grow(options.Nodes);
        report.AddMaintenance(network);
        int each = Math.Max(1, Math.Min(options.Lookups, options.Nodes / 10) / s_hours.Length);
        Dictionary<int, WrittenRecord> saved = Leave(network, each * s_hours.Length, out int[] away);
        (int Node, long Leaves)[] others = [.. network.Live.Nodes.ToArray().Where(static node => node != 0)
            .Select(node => (node, SessionTables.Residual[network.Chance.NextBelow(Residuals)]))];
        List<LookupSample> firsts = [];
        double before = 0;
        for (int i = 0; i < s_hours.Length; i++)
        {
            double until = TimeSpan.FromHours(s_hours[i]).TotalMilliseconds;
            Replace(network, [.. others.Where(other => other.Leaves > before && other.Leaves <= until).Select(static other => other.Node)]);
            before = until;
            int[] returning = away[(i * each)..((i + 1) * each)];
            report.Add($"savedAliveAfterHours{s_hours[i]}", AliveShare(network, returning));
            double[] times = ComeBack(network, returning, saved, firsts);
            var distribution = Distribution.Of(times);
            report.Add($"returnedAfterHours{s_hours[i]}", times.Count(double.IsFinite));
            report.Add($"firstSuccessMsP50AfterHours{s_hours[i]}", distribution.P50);
            report.Add($"firstSuccessMsP95AfterHours{s_hours[i]}", distribution.P95);
            report.Add($"firstSuccessMsMaxAfterHours{s_hours[i]}", distribution.Max);
        }

        report.Lookups = LookupSummary.Of(firsts, network);
    }

    /// <summary>Random nodes save their contacts and stop.</summary>
    private static Dictionary<int, WrittenRecord> Leave(KademliaNetwork network, int count, out int[] away)
    {
        Dictionary<int, WrittenRecord> saved = [];
        network.Host.Written = (node, record) =>
        {
            if (record.Collection == MainlineCollection.Contacts)
            {
                saved[node] = record;
            }
        };
        away = new int[count];
        for (int i = 0; i < count; i++)
        {
            int node;
            do
            {
                node = network.RandomHonest();
            }
            while (node == 0);
            network.Do(node, static (machine, now) => machine.Checkpoint(now));
            network.Stop(node);
            away[i] = node;
        }

        network.Host.Written = null;
        return saved;
    }

    /// <summary>Each of these leaves for good, and a newcomer joins in the same moment, evenly over half an hour; then tables get time to settle.</summary>
    private static void Replace(KademliaNetwork network, int[] leaving)
    {
        for (int i = 0; i < leaving.Length; i++)
        {
            int node = leaving[i];
            network.After(s_replacing * (i / (double)leaving.Length), () =>
            {
                network.Retire(node);
                network.Start(network.Add());
            });
        }

        network.Run(s_replacing + network.Options.Settling);
    }

    /// <summary>The share of what nodes saved that still lives.</summary>
    private static double AliveShare(KademliaNetwork network, int[] nodes)
    {
        int alive = 0, all = 0;
        var views = new ContactView<Id160, Endpoint>[1024];
        foreach (int node in nodes)
        {
            int count = network.MachineOf(node)!.TableOf(0).CopyContacts(0, views);
            all += count;
            foreach (ref readonly ContactView<Id160, Endpoint> view in views.AsSpan(0, count))
            {
                alive += network.NodeAt(view.Contact.Handle) is >= 0 and var other && network.IsLive(other) ? 1 : 0;
            }
        }

        return alive / (double)Math.Max(1, all);
    }

    /// <summary>Nodes come back one after the other and look up at once, and again until it succeeds: the milliseconds until the success has returned.</summary>
    private static double[] ComeBack(KademliaNetwork network, int[] nodes, Dictionary<int, WrittenRecord> saved, List<LookupSample> firsts)
    {
        double[] times = new double[nodes.Length];
        Array.Fill(times, double.PositiveInfinity);
        for (int i = 0; i < nodes.Length; i++)
        {
            int number = i;
            network.After((i + 1) * s_interval, () =>
            {
                WrittenRecord record = saved[nodes[number]];
                network.Return(nodes[number], record.Key, record.Value);
                Look(number, network.Now, first: true);
            });
        }

        network.Run(nodes.Length * s_interval);
        network.RunUntil(() => times.All(double.IsFinite), TimeSpan.FromMinutes(2));
        return times;

        void Look(int number, Instant back, bool first) => network.BeginLookup(nodes[number], NodeIds.Random<Id160>(network.Chance), sample =>
        {
            if (first)
            {
                firsts.Add(sample);
            }

            if (sample.Success)
            {
                times[number] = (network.Now - back).TotalMilliseconds;
            }
            else
            {
                network.After(s_again, () => Look(number, back, first: false));
            }
        });
    }
}
