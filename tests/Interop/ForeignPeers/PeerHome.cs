namespace Kadath.Tests.Interop.Peers;

/// <summary>Where <c>peers/setup.sh</c> put the foreign peers, and why one of them may be missing.</summary>
internal static class PeerHome
{
    /// <summary>The folder into which the peers were installed.</summary>
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("KADATH_PEERS") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                    ? cache
                    : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
                "kadath", "peers");

    /// <summary>The folder of the scripts, in the source tree.</summary>
    public static string Scripts { get; } = Path.Combine(SourceTree(), "tests", "Interop", "peers");

    /// <summary>Path of an installed binary.</summary>
    public static string Binary(string name) => Path.Combine(Folder, "bin", name);

    /// <summary>Path of a script.</summary>
    public static string Script(string name) => Path.Combine(Scripts, name);

    /// <summary>Why a peer cannot be started here, or null if it can.</summary>
    public static string? Missing(string peer)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "the foreign peers run on Linux only";
        }

        if (!File.Exists(Path.Combine(Folder, "stamp")))
        {
            return "the foreign peers are not installed: run tests/Interop/peers/setup.sh";
        }

        string reason = Path.Combine(Folder, "missing", peer);
        return File.Exists(reason) ? File.ReadAllText(reason).Trim() : null;
    }

    /// <summary>The root of the repository: the nearest folder above the program that holds the solution.</summary>
    public static string SourceTree()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Kadath.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The interop tests run from within the source tree.");
    }
}
