using Kadath.Mainline.Queries;

namespace Kadath.Mainline;

/// <summary>The options of a Mainline node. Defaults fit a long-lived node on a home connection.</summary>
public sealed record MainlineOptions
{
    internal const int MaxPaths = 8;

    /// <summary>Send <c>ro</c> in queries and answer none (BEP 43): for short-lived clients.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Announces kept at most, over all info-hashes; 1 to 10,000,000.</summary>
    public int MaxAnnounces { get; init; } = 1_000_000;

    /// <summary>Items kept at most (BEP 44); 1 to 1,000,000.</summary>
    public int MaxItems { get; init; } = 100_000;

    /// <summary>
    /// Disjoint paths of every lookup, 1 to 8: paths that share no node resist liars, at about a third more messages for each doubling.
    /// </summary>
    public int Paths { get; init; } = 1;

    /// <summary>The shape of the routing table: <see cref="MainlineProfile.Bootstrap"/> for nodes that others bootstrap from.</summary>
    public MainlineProfile Profile { get; init; } = MainlineProfile.Standard;

    /// <summary>
    /// The base secret of write tokens, 32 to 1,024 bytes, for sister nodes behind one set of addresses, which then take each other's tokens;
    /// empty (the default) for a secret of the node's own. Draw it from a cryptographic generator: who knows it can announce and put for any
    /// address. A copy is taken when the machine is made; the caller may erase its bytes then. Sisters keep their clocks within a few
    /// seconds of each other; a driver tells the time through <see cref="MainlineDht.AlignTokens"/>.
    /// </summary>
    public ReadOnlyMemory<byte> TokenSecret { get; init; }

    /// <summary>The constants of the network; all nodes that share a <see cref="MainlineMemory"/> best have the same instance.</summary>
    public MainlineConstants Constants { get; init; } = MainlineConstants.Standard;

    /// <summary>Throws <see cref="ArgumentException"/> naming the option that is out of its bounds.</summary>
    internal void Validate()
    {
        Within(MaxAnnounces, 10_000_000, nameof(MaxAnnounces));
        Within(MaxItems, 1_000_000, nameof(MaxItems));
        Within(Paths, MaxPaths, nameof(Paths));
        Constants.Validate();
        if (TokenSecret.Length is not (0 or (>= WriteTokens.SecretSize and <= 1024)))
        {
            throw new ArgumentOutOfRangeException(nameof(TokenSecret), TokenSecret.Length, $"{nameof(TokenSecret)} must have {WriteTokens.SecretSize} to 1,024 bytes, or none.");
        }

        static void Within(int value, int most, string name)
        {
            if (value < 1 || value > most)
            {
                throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between 1 and {most}.");
            }
        }
    }
}

/// <summary>Shapes of a routing table.</summary>
public enum MainlineProfile : byte
{
    /// <summary>Buckets of 128, 64, 32, 16, then 8: about 325 contacts in a network of 100,000.</summary>
    Standard,

    /// <summary>Every bucket splits: a map of the network with up to 100,000 contacts.</summary>
    Bootstrap,
}
