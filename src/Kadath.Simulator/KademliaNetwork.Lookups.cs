using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Simulator.Lookups;

namespace Kadath.Simulator;

/// <content>Measured lookups.</content>
public sealed partial class KademliaNetwork
{
    private static readonly TimeSpan s_lookupLimit = TimeSpan.FromMinutes(2);

    private readonly HashSet<int> _dishonest = [];

    /// <summary>k as the measure has it: how many of the closest nodes count.</summary>
    public int Width => Options.Constants.Lookup.Width;

    /// <summary>Marks a node as an adversary: its answers are no success.</summary>
    public void MarkDishonest(int node) => _dishonest.Add(node);

    /// <summary>Whether a node plays by the rules.</summary>
    public bool IsHonest(int node) => !_dishonest.Contains(node);

    /// <summary>Begins a measured lookup (find_node) at a live node that runs none; its sample comes when it has ended, or never if the node stops.</summary>
    public void BeginLookup(int node, in Id160 target, Action<LookupSample> done)
    {
        LookupProbe probe = new(this, node, target, Width, sample =>
        {
            Probes.End(node);
            done(sample);
        });
        Probes.Begin(probe);
        Id160 wanted = target;
        Do(node, (machine, now) =>
        {
            probe.Seeds(machine);
            machine.FindNode(wanted, TimeSpan.Zero, probe, now);
        });
    }

    /// <summary>Runs one measured lookup to its end.</summary>
    public LookupSample Lookup(int node, in Id160 target)
    {
        LookupSample? sample = null;
        BeginLookup(node, target, done => sample = done);
        RunUntil(() => sample is not null, s_lookupLimit);
        return sample ?? throw new InvalidOperationException("A lookup did not end in two minutes.");
    }

    /// <summary>A random live node that plays by the rules.</summary>
    internal int RandomHonest()
    {
        while (true)
        {
            int node = Live.Nodes[Chance.NextBelow(LiveCount)];
            if (IsHonest(node) && MachineOf(node) is not null)
            {
                return node;
            }
        }
    }

    /// <summary>The closest live nodes but for one, which cannot find itself.</summary>
    internal int[] ClosestOthers(in Id160 target, int k, int except)
    {
        Span<int> nodes = stackalloc int[k + 1];
        int count = Live.Closest(target, nodes);
        int[] others = new int[Math.Min(k, count)];
        int next = 0;
        for (int i = 0; i < count && next < others.Length; i++)
        {
            if (nodes[i] != except)
            {
                others[next++] = nodes[i];
            }
        }

        return next == others.Length ? others : others[..next];
    }
}
