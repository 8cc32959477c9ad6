namespace Kadath.Mainline;

/// <summary>The options of a Mainline node. Defaults fit a long-lived node on a home connection.</summary>
public sealed record MainlineOptions
{
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

    /// <summary>Throws <see cref="ArgumentException"/> naming the option that is out of its bounds.</summary>
    internal void Validate()
    {
        Within(MaxAnnounces, 10_000_000, nameof(MaxAnnounces));
        Within(MaxItems, 1_000_000, nameof(MaxItems));
        Within(Paths, 8, nameof(Paths));

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
