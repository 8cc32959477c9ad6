using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace Kadath.Tests.Unit.Architecture;

public sealed class RowTests
{
    public static TheoryData<string> Projects => [.. Repository.SourceProjects];

    [Theory, MemberData(nameof(Projects))]
    public void A_project_stands_in_a_row_and_in_the_solution(string project)
    {
        Assert.True(Rows.IndexOf(project) >= 0, $"{project} is in no row: add it to tests/Unit/Architecture/Rows.cs, in the lowest row whose rights it needs.");
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Kadath.slnx"));
        Assert.True(solution.Contains($"\"src/{project}/{project}.csproj\"", StringComparison.Ordinal), $"{project} is not in Kadath.slnx: dotnet sln add src/{project}");
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_project_file_references_lower_rows_only(string project) =>
        AssertAllowed(project, Repository.ProjectReferences(Repository.ProjectFile(project)));

    [Theory, MemberData(nameof(Projects))]
    public void An_assembly_references_lower_rows_only(string project)
    {
        var path = Repository.AssemblyOf(project);
        Assert.SkipWhen(path is null, "not built: `./test` or `dotnet build Kadath.slnx` builds it");
        using var file = new PEReader(File.OpenRead(path!));
        var metadata = file.GetMetadataReader();
        AssertAllowed(project, metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => name == "Kadath" || name.StartsWith("Kadath.", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_machine_declares_itself_so_that_banned_APIs_are_analyzed(string project)
    {
        var declared = File.ReadAllText(Repository.ProjectFile(project)).Contains("<KadathMachine>true</KadathMachine>", StringComparison.Ordinal);
        Assert.True(declared == Rows.IsMachine(project), Rows.IsMachine(project)
            ? $"{project} stands below the drivers: set <KadathMachine>true</KadathMachine> in its project file."
            : $"{project} is a driver or an app: take <KadathMachine> out of its project file.");
    }

    [Theory]
    [InlineData("Kadath.Kademlia", "Kadath.Node")]
    [InlineData("Kadath.Kademlia", "Kadath.Mainline")]
    [InlineData("Kadath.Mainline", "Kadath.Discv5")]
    [InlineData("Kadath.LibP2p", "Kadath.Mainline")]
    [InlineData("Kadath.Node", "Kadath.Simulator")]
    [InlineData("Kadath.Simulator", "Kadath.Node")]
    [InlineData("Kadath.Stores.Sqlite", "Kadath.Node")]
    [InlineData("Kadath.Tls", "Kadath.Quic")]
    [InlineData("Kadath.Dashboard", "Kadath.Cli")]
    [InlineData("Kadath.Primitives", "Kadath.Unheard")]
    public void The_rule_refuses(string from, string to) => Assert.NotNull(Rows.Violation(from, to));

    [Theory]
    [InlineData("Kadath.Mainline", "Kadath.Kademlia")]
    [InlineData("Kadath.Node", "Kadath.Mainline")]
    [InlineData("Kadath.Quic", "Kadath.Tls")]
    [InlineData("Kadath.Cli", "Kadath.Dashboard")]
    [InlineData("Kadath.Dashboard", "Kadath")]
    public void The_rule_allows(string from, string to) => Assert.Null(Rows.Violation(from, to));

    private static void AssertAllowed(string project, IEnumerable<string> references)
    {
        var violations = references.Where(reference => reference != project).Select(reference => Rows.Violation(project, reference)).OfType<string>();
        Assert.True(!violations.Any(), string.Join(Environment.NewLine, violations));
    }
}
