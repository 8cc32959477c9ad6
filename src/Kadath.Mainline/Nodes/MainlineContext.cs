using Kadath.Crypto;
using Kadath.Mainline.Addresses;
using Kadath.Primitives;

namespace Kadath.Mainline.Nodes;

/// <summary>What the nodes of one machine (one per socket address) have in common.</summary>
internal sealed class MainlineContext
{
    private readonly List<MainlineNode> _nodes = new(1);
    private RateLimit _errors = new(perSecond: 500, burst: 500);

    public MainlineContext(MainlineOptions options, EntropyTree entropy, IMainlineEffects effects, MainlineMemory memory)
    {
        Options = options;
        Effects = effects;
        Memory = memory;
        Tree = entropy;
        Entropy = entropy.Stream(0);
    }

    public MainlineOptions Options { get; }

    public IMainlineEffects Effects { get; }

    public MainlineMemory Memory { get; }

    public EntropyTree Tree { get; }

    /// <summary>Transaction ids and node ids.</summary>
    public EntropyStream Entropy { get; }

    public CryptoProvider Crypto => CryptoProvider.Default;

    public CounterSet Counters { get; } = new();

    public IReadOnlyList<MainlineNode> Nodes => _nodes;

    /// <summary>Bootstrap endpoints of both families.</summary>
    public Endpoint[] Routers { get; set; } = [];

    public void Add(MainlineNode node) => _nodes.Add(node);

    /// <summary>The node of the other family with the same scope, which can speak for itself in <c>nodes</c> or <c>nodes6</c>; null without one.</summary>
    public MainlineNode? Sibling(MainlineNode node)
    {
        foreach (MainlineNode other in _nodes)
        {
            if (other.IsV6 != node.IsV6 && other.Scope == node.Scope)
            {
                return other;
            }
        }

        return null;
    }

    /// <summary>Error replies have a fixed rate: they are worth least, and a flood of nonsense must not double as a flood of answers.</summary>
    public bool MaySendError(Instant now) => _errors.TryTake(now);

    internal sealed class CounterSet
    {
        public long QueriesIn;
        public long QueriesOut;
        public long Dropped;
    }
}
