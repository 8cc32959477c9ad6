namespace Kadath.Tests.Unit.Architecture;

/// <summary>
/// The rows of the house, lowest first. A project may reference any project in a lower row, never one in its own row or
/// above, but for the pairs in <see cref="Exceptions"/>. A new project is added here, in the row whose rights it needs.
/// </summary>
internal static class Rows
{
    private static readonly (string Row, bool Machine, string[] Projects)[] All =
    [
        ("base", true, ["Kadath.Primitives"]),
        ("crypto", true, ["Kadath.Crypto"]),
        ("machines", true, ["Kadath.Kademlia", "Kadath.Tls", "Kadath.Quic", "Kadath.Nat", "Kadath.Content"]),
        ("networks", true, ["Kadath.Mainline", "Kadath.LibP2p", "Kadath.Discv5", "Kadath.Overlay"]),
        ("drivers", false, ["Kadath.Node", "Kadath.Tls.Streams", "Kadath.Stores.*", "Kadath.Simulator"]),
        ("apps", false, ["Kadath", "Kadath.Cli", "Kadath.Dashboard"]),
    ];

    private static readonly (string From, string To)[] Exceptions =
    [
        ("Kadath.Quic", "Kadath.Tls"),
        ("Kadath.Cli", "Kadath.Dashboard"),
        ("Kadath.Cli", "Kadath"),
        ("Kadath.Dashboard", "Kadath"),
    ];

    /// <summary>The index of the project's row, lowest 0, or -1 for a project that no row lists.</summary>
    public static int IndexOf(string project) => Array.FindIndex(All, row => row.Projects.Any(name => Matches(name, project)));

    /// <summary>Whether the project is a machine: synchronous, without I/O, clock and ambient randomness.</summary>
    public static bool IsMachine(string project) => IndexOf(project) is >= 0 and var index && All[index].Machine;

    /// <summary>Why <paramref name="from"/> must not reference <paramref name="to"/> and what to do, or null where it may.</summary>
    public static string? Violation(string from, string to)
    {
        var (lower, upper) = (IndexOf(to), IndexOf(from));
        if (upper < 0)
        {
            return $"{from} is in no row: add it to tests/Unit/Architecture/Rows.cs, in the lowest row whose rights it needs.";
        }

        if (lower < 0)
        {
            return $"{from} references {to}, which is in no row: add it to tests/Unit/Architecture/Rows.cs.";
        }

        if (lower < upper || Exceptions.Contains((from, to)))
        {
            return null;
        }

        var where = lower == upper ? "its own row" : "a higher row";
        return $"{from} ({All[upper].Row}) references {to} ({All[lower].Row}), which stands in {where}. Move what both need into a "
            + "lower row, or turn the call into an effect or an event that the project above carries out.";
    }

    private static bool Matches(string name, string project) =>
        name.EndsWith(".*", StringComparison.Ordinal) ? project.StartsWith(name[..^1], StringComparison.Ordinal) : name == project;
}
