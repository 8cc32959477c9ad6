using System.Diagnostics.CodeAnalysis;
using Kadath.Crypto;
using Kadath.Kademlia;
using Kadath.Mainline.Queries;
using Kadath.Mainline.Records;
using Kadath.Primitives;

namespace Kadath.Mainline.Nodes;

/// <summary>What the nodes of one machine (one per socket address) have in common.</summary>
internal sealed class MainlineContext
{
    private static readonly InboundBudgetOptions Inbound = new() { ErrorsPerSecond = 500 };

    private readonly List<SocketNode> _nodes = new(1);

    public MainlineContext(MainlineOptions options, EntropyTree entropy, IMainlineEffects effects, MainlineMemory memory)
    {
        Options = options;
        Effects = effects;
        Memory = memory;
        Tree = entropy;
        Entropy = entropy.Stream(0);
        Budget = new(Inbound, Entropy);
        Records = new(options, effects, Crypto, entropy.Child(1), memory);
        if (!options.TokenSecret.IsEmpty)
        {
            Tokens = new(options.TokenSecret.Span, Crypto);
        }
    }

    public MainlineOptions Options { get; }

    public IMainlineEffects Effects { get; }

    public MainlineMemory Memory { get; }

    public EntropyTree Tree { get; }

    /// <summary>Who is served when not all can be, over all sockets.</summary>
    public InboundBudget Budget { get; }

    /// <summary>Transaction ids and node ids.</summary>
    public EntropyStream Entropy { get; }

    public CryptoProvider Crypto => CryptoProvider.Default;

    /// <summary>Write tokens of all sockets; made with the first one, unless their secret was given.</summary>
    [field: MaybeNull]
    public WriteTokens Tokens
    {
        get => field ??= new(Tree.Child(2).Stream(0), Crypto);
        private init;
    }

    /// <summary>What is kept for others.</summary>
    public MainlineRecords Records { get; }

    /// <summary>Puts that wait for a signature to be verified or a disk to be written; made with the first one.</summary>
    public PendingPuts Puts => field ??= new();

    /// <summary>What peers were seen to do wrong.</summary>
    public Conduct Conduct => field ??= new(this);

    public CounterSet Counters { get; } = new();

    public IReadOnlyList<SocketNode> Nodes => _nodes;

    /// <summary>Bootstrap endpoints of both families.</summary>
    public Endpoint[] Routers { get; set; } = [];

    public void Add(SocketNode node) => _nodes.Add(node);

    /// <summary>What a record at this key is worth to us: the bits that it shares with the nearest of our ids.</summary>
    public byte WorthOf(in Id160 key)
    {
        int worth = 0;
        foreach (SocketNode node in _nodes)
        {
            worth = Math.Max(worth, NodeIds.CommonPrefix(key, node.Id));
        }

        return (byte)worth;
    }

    /// <summary>The node of the other family with the same scope, which can speak for itself in <c>nodes</c> or <c>nodes6</c>; null without one.</summary>
    public SocketNode? Sibling(SocketNode node)
    {
        foreach (SocketNode other in _nodes)
        {
            if (other.IsV6 != node.IsV6 && other.Scope == node.Scope)
            {
                return other;
            }
        }

        return null;
    }

    internal sealed class CounterSet
    {
        public long QueriesIn;
        public long QueriesOut;
        public long Dropped;
    }
}
