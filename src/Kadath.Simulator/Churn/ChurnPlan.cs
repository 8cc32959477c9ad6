using Kadath.Primitives;

namespace Kadath.Simulator.Churn;

/// <summary>
/// Nodes that come and go: sessions are Weibull (shape 0.61, scale 3.66 h; half are over after two hours, four fifths after eight), and the
/// network begins in the stationary state, in which long sessions are the more often met. Who leaves says nothing and never returns; a
/// newcomer joins in the same moment. Node 0 stays.
/// </summary>
internal sealed class ChurnPlan(KademliaNetwork network)
{
    private const int TableSize = 1024;

    private readonly EntropyStream _chance = EntropyTree.FromSeed(network.Seed).Child(ChurnBranch).Stream(0);
    private const ulong ChurnBranch = 8;

    /// <summary>Nodes that left so far.</summary>
    public int Left { get; private set; }

    /// <summary>False from the moment on at which nobody leaves any more.</summary>
    public bool Running { get; set; } = true;

    /// <summary>Who stays whatever happens, beside node 0.</summary>
    public HashSet<int> Staying { get; } = [];

    /// <summary>Gives every live node the rest of a session, as if the network had been running for ever.</summary>
    public void Begin()
    {
        foreach (int node in network.Live.Nodes.ToArray())
        {
            Schedule(node, SessionTables.Residual[_chance.NextBelow(TableSize)]);
        }
    }

    private void Schedule(int node, long milliseconds)
    {
        if (node != 0 && !Staying.Contains(node))
        {
            network.After(TimeSpan.FromMilliseconds(milliseconds), () => Replace(node));
        }
    }

    private void Replace(int node)
    {
        if (!Running || !network.IsLive(node))
        {
            return;
        }

        network.Retire(node);
        Left++;
        int newcomer = network.Add();
        network.Start(newcomer);
        Schedule(newcomer, SessionTables.Weibull[_chance.NextBelow(TableSize)]);
    }
}
