using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace Kadath.Tests.Unit.Architecture;

public sealed class SizeTests
{
    private const int LinesPerFile = 500;

    // A screen. Counted from a method's first statement to its last, so signature and braces are not in it.
    private const int LinesPerMethod = 60;

    public static TheoryData<string> Projects => [.. Repository.SourceProjects];

    [Fact]
    public void No_code_file_is_longer_than_five_hundred_lines()
    {
        var long_files = Repository.CodeFiles().Select(path => (path, lines: File.ReadLines(Path.Combine(Repository.Root, path)).Count()))
            .Where(file => file.lines > LinesPerFile).Select(file => $"{file.path}: {file.lines} lines").ToArray();
        Assert.True(long_files.Length == 0, $"Split by noun, not by size; at most {LinesPerFile} lines:{Environment.NewLine}{string.Join(Environment.NewLine, long_files)}");
    }

    [Theory, MemberData(nameof(Projects))]
    public void No_method_is_longer_than_a_screen(string project)
    {
        var path = Repository.AssemblyOf(project);
        Assert.SkipWhen(path is null, "not built: `./test` or `dotnet build Kadath.slnx` builds it");
        var long_methods = MethodsOf(path!).Where(method => method.Lines > LinesPerMethod)
            .Select(method => $"{method.File}: {method.Name}, {method.Lines} lines").ToArray();
        Assert.True(long_methods.Length == 0, $"Name the steps and make each a method; at most {LinesPerMethod} lines:{Environment.NewLine}{string.Join(Environment.NewLine, long_methods)}");
    }

    [Fact]
    public void The_count_sees_methods_as_long_as_they_are()
    {
        var iterator = MethodsOf(typeof(SizeTests).Assembly.Location).Single(method => method.Name.Contains($"<{nameof(MethodsOf)}>", StringComparison.Ordinal)
            && method.Name.EndsWith("MoveNext", StringComparison.Ordinal));
        Assert.InRange(iterator.Lines, 20, 40);
    }

    /// <summary>Lengths from the debug information: what was compiled, generated code left out.</summary>
    private static IEnumerable<(string File, string Name, int Lines)> MethodsOf(string assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly, ".pdb")));
        var (metadata, debug) = (image.GetMetadataReader(), symbols.GetMetadataReader());
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            var name = metadata.GetString(method.Name);
            if (name.StartsWith('.'))
            {
                continue; // A constructor's points include field initializers anywhere in the file.
            }

            var type = metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name);
            var points = debug.GetMethodDebugInformation(handle.ToDebugInformationHandle()).GetSequencePoints().Where(point => !point.IsHidden).ToArray();
            if (points.Length == 0)
            {
                continue;
            }

            var file = Path.GetRelativePath(Repository.Root, debug.GetString(debug.GetDocument(points[0].Document).Name));
            if (!file.StartsWith("artifacts", StringComparison.Ordinal))
            {
                yield return (file, $"{type}.{name}", points.Max(point => point.EndLine) - points.Min(point => point.StartLine) + 1);
            }
        }
    }
}
