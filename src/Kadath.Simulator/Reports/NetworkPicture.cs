using Kadath.Kademlia;
using Kadath.Primitives;
using Kadath.Simulator.Scenarios;

namespace Kadath.Simulator;

/// <summary>What the nodes that live at the end of a run are like, one by one.</summary>
public sealed record NetworkPicture
{
    /// <summary>Datagrams that each live node handled since the run began, fewest first.</summary>
    public required IReadOnlyList<double> Load { get; init; }

    /// <summary>Contacts in each table of an honest node but the bootstrap node's.</summary>
    public required IReadOnlyList<double> Contacts { get; init; }

    /// <summary>The share of contacts that do not live, in each of these tables that holds any.</summary>
    public required IReadOnlyList<double> StaleShares { get; init; }

    /// <summary>All tables together.</summary>
    public required TableHealth Tables { get; init; }

    /// <summary>How unevenly the load is spread: 0 if all nodes carry the same, near 1 if one carries everything (Gini).</summary>
    public double LoadGini { get; private init; }

    /// <summary>Looks at a network and changes nothing in it.</summary>
    internal static NetworkPicture Of(KademliaNetwork network)
    {
        List<double> contacts = [], stale = [], load = [];
        var views = new ContactView<Id160, Endpoint>[1024];
        foreach (int node in network.Live.Nodes)
        {
            load.Add(network.Packets.SeatOf(node).Handled);
            if (node == 0 || network.MachineOf(node) is not { } machine || !network.IsHonest(node))
            {
                continue;
            }

            int count = machine.TableOf(0).CopyContacts(0, views), gone = 0;
            foreach (ref readonly ContactView<Id160, Endpoint> view in views.AsSpan(0, count))
            {
                gone += network.NodeAt(view.Contact.Handle) is >= 0 and var other && network.IsLive(other) ? 0 : 1;
            }

            contacts.Add(count);
            if (count > 0)
            {
                stale.Add(gone / (double)count);
            }
        }

        load.Sort();
        return new() { Load = load, Contacts = contacts, StaleShares = stale, Tables = TableHealth.Of(network), LoadGini = Gini(load) };
    }

    /// <summary>The Gini coefficient of sorted values, none of them negative.</summary>
    internal static double Gini(IReadOnlyList<double> sorted)
    {
        double weighted = 0, sum = 0;
        for (int i = 0; i < sorted.Count; i++)
        {
            weighted += (i + 1) * sorted[i];
            sum += sorted[i];
        }

        return sum > 0 ? ((2 * weighted) / (sorted.Count * sum)) - ((sorted.Count + 1.0) / sorted.Count) : 0;
    }
}
