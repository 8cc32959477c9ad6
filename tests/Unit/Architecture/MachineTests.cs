using Xunit;

namespace Kadath.Tests.Unit.Architecture;

public sealed class MachineTests
{
    public static TheoryData<string> Machines => [.. Repository.SourceProjects.Where(Rows.IsMachine)];

    [Theory, MemberData(nameof(Machines))]
    public void A_machine_mentions_no_IO_clock_thread_or_ambient_randomness(string project)
    {
        var path = Repository.AssemblyOf(project);
        Assert.SkipWhen(path is null, "not built: `./test` or `dotnet build Kadath.slnx` builds it");
        var found = BannedApi.FromRepository().FindIn(path!);
        found = [.. found.Where(mention => project != "Kadath.Crypto" || !mention.StartsWith(KeyEntropyTests.Generator, StringComparison.Ordinal))];
        Assert.True(found.Count == 0, $"{project} is a machine, and mentions in a field, signature or body:{Environment.NewLine}"
            + string.Join(Environment.NewLine, found)
            + $"{Environment.NewLine}Take it as an argument, make it an effect, or move the code to a driver (ARCHITECTURE.md, rule 1).");
    }

    [Theory, MemberData(nameof(Machines))]
    public void A_machine_uses_no_package(string project)
    {
        var packages = File.ReadLines(Repository.ProjectFile(project)).Where(line => line.Contains("<PackageReference", StringComparison.Ordinal));
        Assert.True(!packages.Any(), $"{project} is a machine: what needs a package belongs to a driver. It has {string.Join(", ", packages.Select(line => line.Trim()))}");
    }

    [Fact]
    public void The_search_finds_fields_members_and_namespaces()
    {
        var found = string.Join('\n', BannedApi.FromRepository().FindIn(typeof(MachineTests).Assembly.Location));
        Assert.Contains("System.Random:", found, StringComparison.Ordinal);
        Assert.Contains("System.IO.File:", found, StringComparison.Ordinal);
        Assert.Contains("System.Net.Sockets.Socket:", found, StringComparison.Ordinal);
        Assert.Contains("System.Environment.get_TickCount64:", found, StringComparison.Ordinal);
        Assert.Contains("System.Threading.Timer:", found, StringComparison.Ordinal);
    }

    /// <summary>What the search must find: in this assembly, which is no machine.</summary>
    private sealed class Offender
    {
        public System.Net.Sockets.Socket? Bare = null;

        public static long Now() => Environment.TickCount64;

        public static void Wake(System.Threading.Timer timer) => timer.Dispose();
    }
}
