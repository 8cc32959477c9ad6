using Kadath.Kademlia;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Simulator.Scenarios;

/// <summary>How true the routing tables of all live honest nodes are.</summary>
/// <param name="Contacts">Contacts of a table, on average.</param>
/// <param name="StaleShare">Contacts that do not live (any more).</param>
/// <param name="Fullness">Contacts over those that a table of perfect knowledge would have room for.</param>
/// <param name="Closest">The share of tables that hold their node's k closest neighbours, all of them.</param>
/// <param name="BadShare">Contacts that are adversaries.</param>
public sealed record TableHealth(double Contacts, double StaleShare, double Fullness, double Closest, double BadShare)
{
    /// <summary>Looks at every table.</summary>
    public static TableHealth Of(KademliaNetwork network)
    {
        long contacts = 0, stale = 0, bad = 0, room = 0;
        int tables = 0, complete = 0;
        var views = new ContactView<Id160, Endpoint>[1024];
        foreach (int node in network.Live.Nodes)
        {
            // The bootstrap node keeps a map of the whole network, which says nothing of the others.
            if (node == 0 || network.MachineOf(node) is not { } machine || !network.IsHonest(node))
            {
                continue;
            }

            RoutingTable<Id160, Endpoint> table = machine.TableOf(0);
            int count = table.CopyContacts(0, views);
            tables++;
            contacts += count;
            room += RoomOf(network, table);
            foreach (ref readonly ContactView<Id160, Endpoint> view in views.AsSpan(0, count))
            {
                int other = network.NodeAt(view.Contact.Handle);
                stale += other >= 0 && network.IsLive(other) ? 0 : 1;
                bad += other >= 0 && !network.IsHonest(other) ? 1 : 0;
            }

            complete += network.ClosestOthers(table.Self, network.Width, node).All(other => table.Contains(network.IdOf(other))) ? 1 : 0;
        }

        return new(contacts / (double)tables, stale / (double)contacts, contacts / (double)room, complete / (double)tables, bad / (double)contacts);
    }

    /// <summary>Puts the numbers into a report.</summary>
    public void AddTo(SimulationReport report)
    {
        report.Add("contactsPerTable", Contacts);
        report.Add("staleShare", StaleShare);
        report.Add("tableFullness", Fullness);
        report.Add("neighbourhoodsComplete", Closest);
        report.Add("badTableShare", BadShare);
    }

    private static int RoomOf(KademliaNetwork network, RoutingTable<Id160, Endpoint> table)
    {
        int room = 0;
        for (int depth = 0; depth < Id160.Bits; depth++)
        {
            (int from, int to) = network.Live.RangeOf(Id160.Flip(table.Self, depth), depth + 1);
            (int nearFrom, int nearTo) = network.Live.RangeOf(table.Self, depth + 1);
            room += Math.Min(to - from, table.Options.WidthAt(depth));
            if (nearTo - nearFrom <= 1)
            {
                break;
            }
        }

        return room;
    }
}
