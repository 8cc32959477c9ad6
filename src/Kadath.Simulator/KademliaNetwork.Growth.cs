using Kadath.Kademlia;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Simulator.Events;

namespace Kadath.Simulator;

/// <content>How a network comes about: by joins, or by decree.</content>
public sealed partial class KademliaNetwork
{
    /// <summary>
    /// Adds nodes until there are so many, each of which joins through node 0 as real nodes do, and lets the network settle.
    /// </summary>
    public void Grow(int nodes)
    {
        int rate = Options.JoinsPerSecond > 0 ? Options.JoinsPerSecond : Math.Max(20, nodes / 200);
        long interval = SimClock.Quanta(TimeSpan.FromSeconds(1)) / rate, at = Packets.Quantum;
        while (Count < nodes)
        {
            int node = Add();
            Packets.At(at, () => Start(node));
            at += interval;
        }

        Expected = SimClock.InstantOf(at) - SimulationReport.Origin + Options.Settling;
        Run(SimClock.InstantOf(at) - Now);
        Run(Options.Settling);
    }

    /// <summary>
    /// Adds nodes until there are so many and fills their tables by decree: in each bucket as many random members of its part of the network
    /// as it has room for. No maintenance runs afterwards, unless <see cref="SetMaintenance"/> says so.
    /// </summary>
    public void GrowIdeal(int nodes)
    {
        int first = Count;
        _maintains = false;
        MainlineDht[] machines = new MainlineDht[nodes];
        for (int node = first; node < nodes; node++)
        {
            Add();
            machines[node] = CreateMachine(node, node == 0 ? _bootstrap : _plain, saved: false);
            Live.Add(node, machines[node].StateOf(0).Id);
        }

        // Machines come before tables, since a table names ids that machines have chosen.
        for (int node = first; node < nodes; node++)
        {
            FillIdeal(node, machines[node].TableOf(0));
            Packets.Start(node, machines[node]);
        }
    }

    /// <summary>Has all nodes maintain their tables, those that start later included, or none.</summary>
    public void SetMaintenance(bool on)
    {
        _maintains = on;
        foreach (int node in Live.Nodes.ToArray())
        {
            MachineOf(node)?.SuspendMaintenance(0, !on);
            Packets.Do(node, static _ => { });
        }
    }

    private void FillIdeal(int node, RoutingTable<Id160, Endpoint> table)
    {
        Id160 self = table.Self;
        for (int depth = 0; depth < Id160.Bits; depth++)
        {
            int width = table.Options.WidthAt(depth);
            (int from, int to) = Live.RangeOf(Id160.Flip(self, depth), depth + 1);
            (int nearFrom, int nearTo) = Live.RangeOf(self, depth + 1);
            AddSome(node, table, from, to, width);
            if (nearTo - nearFrom <= 1)
            {
                return;
            }
        }
    }

    private void AddSome(int node, RoutingTable<Id160, Endpoint> table, int from, int to, int width)
    {
        if (to - from <= 2 * width)
        {
            // Few enough to try them all, from a random one on.
            int begin = to > from ? Chance.NextBelow(to - from) : 0;
            for (int i = 0, added = 0; i < to - from && added < width; i++)
            {
                added += TryAdd(node, table, from + ((begin + i) % (to - from))) ? 1 : 0;
            }

            return;
        }

        for (int tries = 4 * width, added = 0; tries > 0 && added < width; tries--)
        {
            added += TryAdd(node, table, from + Chance.NextBelow(to - from)) ? 1 : 0;
        }
    }

    private bool TryAdd(int node, RoutingTable<Id160, Endpoint> table, int position)
    {
        int other = Live.Nodes[position];
        return other != node && table.Answered(Live.Ids[position], EndpointOf(other), RoundTrip(node, other), Now) == Admission.Added;
    }
}
