using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Architecture;

/// <summary>Key material comes from the operating system: no product can make it from a seed.</summary>
public sealed class KeyEntropyTests
{
    public const string Generator = "System.Security.Cryptography.RandomNumberGenerator";

    private const string Simulator = "Kadath.Simulator";

    public static TheoryData<string> Products => [.. Repository.SourceProjects.Where(project => project != Simulator)];

    [Theory, MemberData(nameof(Products))]
    public void A_product_derives_no_key_entropy_of_its_own(string project)
    {
        var path = Repository.AssemblyOf(project);
        Assert.SkipWhen(path is null, "not built: `./test` or `dotnet build Kadath.slnx` builds it");
        string[] allowed = project == "Kadath.Crypto" ? ["OperatingSystemEntropy"] : [];
        Assert.Equal(allowed, KeyEntropiesIn(path!));
    }

    /// <summary>The types that may reach the constructor are those that this library lets see its internals: the simulator and tests.</summary>
    [Fact]
    public void Only_the_simulator_and_tests_see_what_key_entropy_is_made_of()
    {
        var friends = typeof(KeyEntropy).Assembly.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(System.Runtime.CompilerServices.InternalsVisibleToAttribute))
            .Select(attribute => (string)attribute.ConstructorArguments[0].Value!).ToArray();
        Assert.NotEmpty(friends);
        Assert.All(friends, friend => Assert.True(friend == Simulator || friend.StartsWith("Kadath.Tests.", StringComparison.Ordinal), friend));
        Assert.DoesNotContain(typeof(KeyEntropy).GetConstructors(
            System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic), constructor => !constructor.IsAssembly);
    }

    /// <summary>An app may run simulations, but reach no further than the simulator's public API: the seeded twin is not part of it.</summary>
    [Fact]
    public void The_simulator_keeps_its_seeded_twin_to_itself()
    {
        var path = Repository.AssemblyOf(Simulator);
        Assert.SkipWhen(path is null, "no simulator, or not built");
        using var file = new PEReader(File.OpenRead(path!));
        var metadata = file.GetMetadataReader();
        Assert.All(metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Where(type => BaseOf(metadata, type) == nameof(KeyEntropy)), type =>
            Assert.NotEqual(System.Reflection.TypeAttributes.Public, type.Attributes & System.Reflection.TypeAttributes.VisibilityMask));
        var friends = File.ReadAllLines(Repository.ProjectFile(Simulator)).Where(line => line.Contains("InternalsVisibleTo", StringComparison.Ordinal));

        // Tests and benchmarks are in no product.
        Assert.All(friends, friend => Assert.Matches("\"Kadath\\.(Tests\\.|Bench\")", friend));
    }

    [Fact]
    public void The_library_asks_the_operating_system_in_one_place()
    {
        var sources = Repository.CodeFiles().Where(path => path.StartsWith(Path.Combine("src", "Kadath.Crypto") + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .Where(path => File.ReadAllText(Path.Combine(Repository.Root, path)).Contains("RandomNumberGenerator", StringComparison.Ordinal));
        Assert.Equal([Path.Combine("src", "Kadath.Crypto", "Entropy", "KeyEntropy.cs")], sources);
    }

    [Fact]
    public void The_search_finds_a_derived_type() =>
        Assert.Equal(["SeededKeyEntropy"], KeyEntropiesIn(typeof(KeyEntropyTests).Assembly.Location));

    private static string[] KeyEntropiesIn(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return [.. metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Where(type => BaseOf(metadata, type) == nameof(KeyEntropy)).Select(type => metadata.GetString(type.Name))];
    }

    private static string? BaseOf(MetadataReader metadata, TypeDefinition type) => type.BaseType switch
    {
        { IsNil: true } => null,
        { Kind: HandleKind.TypeReference } handle => metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)handle).Name),
        { Kind: HandleKind.TypeDefinition } handle => metadata.GetString(metadata.GetTypeDefinition((TypeDefinitionHandle)handle).Name),
        _ => null,
    };
}
