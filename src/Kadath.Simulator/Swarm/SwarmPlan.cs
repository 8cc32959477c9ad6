using System.Globalization;
using Kadath.Primitives;

namespace Kadath.Simulator.Swarm;

/// <summary>The faults that a swarm run may have.</summary>
[Flags]
internal enum SwarmFaults
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Datagrams are lost and late.</summary>
    Loss = 1,

    /// <summary>Datagrams arrive twice.</summary>
    Duplication = 2,

    /// <summary>Bytes are changed on the way.</summary>
    Corruption = 4,

    /// <summary>Nodes leave for good, others come.</summary>
    Churn = 8,

    /// <summary>A third of the nodes leaves at once.</summary>
    MassLeave = 16,

    /// <summary>Two halves do not reach each other for a while.</summary>
    Partition = 32,

    /// <summary>Nodes sleep for a while, and wake with an old clock.</summary>
    Sleep = 64,

    /// <summary>All of them.</summary>
    All = 127,
}

/// <summary>What one seed of the swarm does: drawn from it, or given to replay a part of it.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Nodes">Nodes to begin with.</param>
/// <param name="Minutes">Virtual minutes of faults.</param>
/// <param name="K">One k for everything, or 0 for the network's own constants.</param>
/// <param name="Faults">What goes wrong.</param>
internal readonly record struct SwarmPlan(ulong Seed, int Nodes, int Minutes, int K, SwarmFaults Faults)
{
    /// <summary>The fewest nodes that make a network.</summary>
    public const int FewestNodes = 12;

    /// <summary>The plan of a seed.</summary>
    public static SwarmPlan Draw(ulong seed)
    {
        EntropyStream chance = EntropyTree.FromSeed(seed).Child(PlanBranch).Stream(0);
        int nodes = FewestNodes + chance.NextBelow(60), minutes = 2 + chance.NextBelow(8);
        int k = (chance.NextBelow(3)) switch { 0 => 0, 1 => 8, _ => 20 };
        return new(seed, nodes, minutes, k, (SwarmFaults)chance.NextBelow((int)SwarmFaults.All + 1));
    }

    /// <summary>The options with which the command does just this.</summary>
    public string Command => string.Create(
        CultureInfo.InvariantCulture, $"kadath sim swarm --seed {Seed} --nodes {Nodes} --k {K} --set length={Minutes} --set faults={(int)Faults}");

    /// <summary>Smaller plans, to be tried in this order: fewer nodes, one fault less, shorter.</summary>
    public IEnumerable<SwarmPlan> Smaller()
    {
        if (Nodes > FewestNodes)
        {
            yield return this with { Nodes = Math.Max(FewestNodes, Nodes / 2) };
        }

        for (int fault = 1; fault < (int)SwarmFaults.All; fault <<= 1)
        {
            if (((int)Faults & fault) != 0)
            {
                yield return this with { Faults = Faults & ~(SwarmFaults)fault };
            }
        }

        if (Minutes > 1)
        {
            yield return this with { Minutes = Minutes / 2 };
        }
    }

    private const ulong PlanBranch = 6;
}
