using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Simulator.Scenarios;

/// <summary>A network most of whose nodes stand behind NATs that let no stranger in: what tables hold of them, and what lookups find.</summary>
public sealed class NattedScenario : Scenario
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override string Name => "natted";

    /// <inheritdoc/>
    public override string Summary => "a share (--share, 0.6) behind NATs that let no stranger in; tables and lookups --hours after growth";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Settings => ["share"];

    /// <inheritdoc/>
    public override SimulationOptions NetworkOptions(ScenarioOptions options)
    {
        // Restricted, port-restricted and symmetric boxes to equal parts; full cones let strangers in, and are no part of the share.
        int third = (int)Math.Round(1000 * Share(options, 0.6) / 3);
        return base.NetworkOptions(options) with
        {
            Nats = new() { AddressRestrictedPerMille = third, PortRestrictedPerMille = third, SymmetricPerMille = third },
        };
    }

    /// <inheritdoc/>
    public override void Run(KademliaNetwork network, ScenarioOptions options, SimulationReport report)
    {
        if (options.IdealTables)
        {
            throw new ArgumentException("who is behind a NAT shows while tables grow: --tables ideal says nothing about it");
        }

        network.Grow(options.Nodes);
        Entries young = Look(network);
        network.Expected += TimeSpan.FromHours(options.Hours);
        network.Run(TimeSpan.FromHours(options.Hours));
        report.AddMaintenance(network);
        Entries old = Look(network);
        report.Add("natted", Enumerable.Range(0, network.Count).Count(node => network.NatOf(node) != NatKind.None));
        report.Add("contactsPerTable", old.PerTable);
        report.Add("unreachableShareStart", young.Unreachable);
        report.Add("unreachableShareEnd", old.Unreachable);
        report.Add("nattedShareStart", young.Natted);
        report.Add("nattedShareEnd", old.Natted);
        report.Lookups = LookupSummary.Of(Measure(network, options.Lookups, s_interval), network);
    }

    /// <summary>Looks at the entries of all tables but that of the bootstrap node.</summary>
    private static Entries Look(KademliaNetwork network)
    {
        long all = 0, unreachable = 0, natted = 0;
        int tables = 0;
        var views = new ContactView<Id160, Endpoint>[1024];
        foreach (int node in network.Live.Nodes)
        {
            if (node == 0 || network.MachineOf(node) is not { } machine)
            {
                continue;
            }

            int count = machine.TableOf(0).CopyContacts(0, views);
            tables++;
            all += count;
            foreach (ref readonly ContactView<Id160, Endpoint> view in views.AsSpan(0, count))
            {
                Endpoint endpoint = view.Contact.Handle;
                unreachable += network.Packets.WouldPass(node, endpoint) ? 0 : 1;
                natted += network.NodeAt(endpoint) is >= 0 and var other && network.NatOf(other) > NatKind.FullCone ? 1 : 0;
            }
        }

        double entries = Math.Max(1, all);
        return new(all / (double)Math.Max(1, tables), unreachable / entries, natted / entries);
    }

    /// <summary>What tables hold.</summary>
    /// <param name="PerTable">Entries of a table, on average.</param>
    /// <param name="Unreachable">The share to which a query of the table's owner would not get through at this moment.</param>
    /// <param name="Natted">The share that stands behind a NAT that lets no stranger in: of no use to whoever is told of it.</param>
    private readonly record struct Entries(double PerTable, double Unreachable, double Natted);
}
