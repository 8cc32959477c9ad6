using Kadath.Primitives;

namespace Kadath.Simulator.Scenarios;

/// <summary>The network falls into two halves for an hour and heals: how soon do lookups cross it again?</summary>
public sealed class PartitionScenario : Scenario
{
    private static readonly TimeSpan s_apart = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);
    private static readonly int[] s_minutes = [0, 2, 5, 10];

    /// <inheritdoc/>
    public override string Name => "partition";

    /// <inheritdoc/>
    public override string Summary => "two halves (--share, 0.5) apart for an hour; lookups across 0, 2, 5 and 10 minutes after healing";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Settings => ["share"];

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        Build(network, options);
        report.AddMaintenance(network);
        int share = (int)(1000 * Share(options, 0.5));
        int[] nodes = network.Live.Nodes.ToArray();
        foreach (int node in nodes)
        {
            network.Packets.SeatOf(node).Partition = network.Chance.NextBelow(1000) < share ? (byte)1 : (byte)0;
        }

        byte[] sides = [.. Enumerable.Range(0, network.Count).Select(node => network.Packets.SeatOf(node).Partition)];
        network.Run(s_apart);
        report.Add("forgottenShare", Across(network, sides));
        Array.ForEach(nodes, node => network.Packets.SeatOf(node).Partition = 0);
        Instant healed = network.Now;
        foreach (int minutes in s_minutes)
        {
            TimeSpan wait = healed + TimeSpan.FromMinutes(minutes) - network.Now;
            network.Run(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            List<LookupSample> samples = Cross(network, sides, Math.Max(1, options.Lookups / s_minutes.Length));
            report.Add($"crossedAfterMinutes{minutes}", samples.Count(static s => s.FoundClosest) / (double)Math.Max(1, samples.Count));
            report.Lookups = LookupSummary.Of(samples, network);
        }
    }

    /// <summary>Lookups whose closest node lies on the other side.</summary>
    private static List<LookupSample> Cross(KademliaNetwork network, byte[] sides, int count)
    {
        List<LookupSample> samples = [];
        int begun = 0;
        for (int i = 0; i < count; i++)
        {
            network.After(i * s_interval, () =>
            {
                int node = network.RandomHonest();
                Id160 target;
                do
                {
                    target = NodeIds.Random<Id160>(network.Chance);
                }
                while (sides[network.Closest(target, 1)[0]] == sides[node]);
                if (!network.Probes.IsRunning(node))
                {
                    begun++;
                    network.BeginLookup(node, target, samples.Add);
                }
            });
        }

        network.Run(count * s_interval);
        network.RunUntil(() => samples.Count == begun, TimeSpan.FromMinutes(2));
        return samples;
    }

    /// <summary>The share of table entries that a perfect memory would have on the other side, and that are gone.</summary>
    private static double Across(KademliaNetwork network, byte[] sides)
    {
        long all = 0, across = 0;
        var views = new Kademlia.ContactView<Id160, Endpoint>[1024];
        foreach (int node in network.Live.Nodes)
        {
            if (node != 0 && network.MachineOf(node) is { } machine)
            {
                int count = machine.TableOf(0).CopyContacts(0, views);
                all += count;
                foreach (ref readonly Kademlia.ContactView<Id160, Endpoint> view in views.AsSpan(0, count))
                {
                    across += network.NodeAt(view.Contact.Handle) is >= 0 and var other && sides[other] != sides[node] ? 1 : 0;
                }
            }
        }

        return all == 0 ? 1 : 1 - (2 * across / (double)all);
    }
}
