namespace Kadath.Kademlia;

/// <summary>The constants of a network's lookups. Validated when a lookup starts; one instance serves all lookups of a process.</summary>
public sealed record LookupOptions
{
    /// <summary>k: how many of the closest nodes must be confirmed live; 1 to 64 (a reply's worth of nodes, times three).</summary>
    public int Width { get; init; } = 8;

    /// <summary>α: queries in flight on each path that have not passed their soft timeout; 1 to 64.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>d: paths that share no node; 1 (a plain lookup) to 8. More paths resist liars, at a third more messages for each doubling.</summary>
    public int Paths { get; init; } = 1;

    /// <summary>Queries handed out at most, retries included; 1 to 1,024. An honest network of a million needs 25 to 75.</summary>
    public int MaxQueries { get; init; } = 256;

    /// <summary>Candidates kept that were not asked yet, over all paths; <see cref="Width"/> to 1,024. Beyond it the furthest leave.</summary>
    public int Shortlist { get; init; } = 128;

    /// <summary>Contacts taken from one peer, all parts of its reply together; 1 to 256. What it names beyond is ignored.</summary>
    public int ContactsPerReply { get; init; } = 32;

    /// <summary>Nodes of one narrow group (an IP address) that one lookup relies on at most; 0 for no limit.</summary>
    public int NarrowLimit { get; init; } = 1;

    /// <summary>Nodes of one wide group (a /24 or /64) that one lookup relies on at most; 0 for no limit.</summary>
    public int WideLimit { get; init; } = 2;

    /// <summary>No answer is awaited longer than this after a query was sent. At least the soft timeout's floor of 50 ms.</summary>
    public TimeSpan HardTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A query that could not be sent for this long (a dial that hangs, a paced address) counts as failed in this lookup.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The lookup ends at the latest after this time, with what it has.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Ask a peer that is silent past its soft timeout once more, with the plain find-node query: for methods that not every node speaks,
    /// where silence says nothing about liveness. An answer to either query counts.
    /// </summary>
    public bool PlainAfterSilence { get; init; }

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> naming the option that is out of its bounds.</summary>
    public void Validate()
    {
        Within(Width, 1, 64, nameof(Width));
        Within(Parallelism, 1, 64, nameof(Parallelism));
        Within(Paths, 1, 8, nameof(Paths));
        Within(MaxQueries, 1, 1024, nameof(MaxQueries));
        Within(Shortlist, Width, 1024, nameof(Shortlist));
        Within(ContactsPerReply, 1, 256, nameof(ContactsPerReply));
        Within(NarrowLimit, 0, 64, nameof(NarrowLimit));
        Within(WideLimit, 0, 64, nameof(WideLimit));
        ArgumentOutOfRangeException.ThrowIfLessThan(HardTimeout, RoundTripEstimator.Floor);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(DialTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Deadline, TimeSpan.Zero);
    }

    private static void Within(int value, int low, int high, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, low, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, high, name);
    }
}
