using System.Xml.Linq;

namespace Kadath.Tests.Unit.Architecture;

/// <summary>The source tree that these tests were built from, and the assemblies built beside them.</summary>
internal static class Repository
{
    private static readonly string[] CodeFolders = ["src", "tests", "bench", "samples"];
    private static readonly string[] NotSource = ["artifacts", "bin", "obj", ".git", "node_modules", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>The names of the projects under src/, which are also the names of their folders.</summary>
    public static IReadOnlyList<string> SourceProjects { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder)!)
            .Where(name => File.Exists(ProjectFile(name))).Order(StringComparer.Ordinal)];

    public static string ProjectFile(string project) => Path.Combine(Root, "src", project, project + ".csproj");

    /// <summary>The projects that a project file references.</summary>
    public static IEnumerable<string> ProjectReferences(string projectFile) =>
        XDocument.Load(projectFile).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));

    /// <summary>The assembly of a project in the configuration of this very run, or null where only these tests were built.</summary>
    public static string? AssemblyOf(string project)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(Root, "artifacts", "bin", project, configuration, project + ".dll");
        return File.Exists(path) ? path : null;
    }

    /// <summary>All files of the tree with this extension, build output and installed packages left out, as paths relative to the root.</summary>
    public static IEnumerable<string> Files(string extension) => Walk(Root, extension).Select(path => Path.GetRelativePath(Root, path));

    /// <summary>All C# files under src, tests, bench and samples, relative to the root.</summary>
    public static IEnumerable<string> CodeFiles() => CodeFolders.Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
        .SelectMany(folder => Walk(folder, ".cs")).Select(path => Path.GetRelativePath(Root, path));

    private static IEnumerable<string> Walk(string folder, string extension)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*" + extension).Order(StringComparer.Ordinal))
        {
            yield return file;
        }

        foreach (var child in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (NotSource.Contains(Path.GetFileName(child)))
            {
                continue;
            }

            foreach (var file in Walk(child, extension))
            {
                yield return file;
            }
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Kadath.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Kadath.slnx above {AppContext.BaseDirectory}: run the tests from where they were built.");
    }
}
