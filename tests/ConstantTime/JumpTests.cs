using System.Runtime.InteropServices;
using Xunit;

namespace Kadath.Tests.ConstantTime;

/// <summary>The machine code of the kernels has no conditional jump and no division that is not on the list, in no tier of the compiler.</summary>
public sealed class JumpTests
{
    private const string NoCompiler = "the compiler for ReadyToRun images is not in the package cache: `./kadath` brings it there";

    public static TheoryData<string> Tiers => [.. Compiler.Tiers];

    [Theory, MemberData(nameof(Tiers))]
    public void Kernels_have_no_instruction_of_variable_time_that_is_not_listed(string tier)
    {
        RequireReadableCode();
        var compiled = Compiler.Compile(tier);
        Assert.SkipWhen(compiled is null, NoCompiler);
        var (listings, name) = compiled!.Value;
        Assert.Contains(listings, listing => listing.Tier == name);
        AssertListed(listings);
    }

    [Fact]
    public void Nor_has_the_code_of_a_ReadyToRun_image()
    {
        RequireReadableCode();
        var listings = Compiler.CompileAhead();
        Assert.SkipWhen(listings is null, NoCompiler);
        Assert.NotEmpty(listings!);
        AssertListed(listings!);
    }

    [Fact]
    public void A_selection_by_condition_is_caught_before_it_is_optimised()
    {
        RequireReadableCode();
        var (listings, _) = Compiler.Compile("tier 0")!.Value;
        Assert.Contains(listings, listing => listing is { Method: "LeakyControl:Choose", VariableTime.Count: > 0 });
        Assert.Contains(listings, listing => listing is { Method: "LeakyControl:Compare", VariableTime.Count: > 1 });
    }

    [Fact]
    public void Every_kernel_on_the_list_is_compiled()
    {
        RequireReadableCode();
        var list = JumpList.FromFile();
        var listings = Compiler.Compile("without tiers")!.Value.Listings.Concat(Compiler.Compile("tier 0")!.Value.Listings).ToArray();

        // Some have code only where the processor has their vectors.
        Assert.All(list.Kernels.Where(kernel => !kernel.Contains("Wide", StringComparison.Ordinal) && !kernel.Contains("Vector", StringComparison.Ordinal) && !kernel.Contains("Quad", StringComparison.Ordinal)), kernel =>
            Assert.True(listings.Any(listing => list.Covers(kernel, listing)), $"no code of {kernel} was seen: mend tests/ConstantTime/jumps.txt or Kernels.cs"));
    }

    private static void AssertListed(IReadOnlyList<Listing> listings)
    {
        var list = JumpList.FromFile();
        var kernels = listings.Where(list.IsKernel).ToArray();
        Assert.NotEmpty(kernels);
        var found = kernels.Where(listing => listing.VariableTime.Count > Allowed(listing))
            .Select(listing => $"{listing.Method} {listing.VariableTime.Count} ({listing.Tier}; allowed {Allowed(listing)}): {string.Join("; ", listing.VariableTime.Take(4))}")
            .Distinct().Order(StringComparer.Ordinal).ToArray();

        // A profile may have the test of a loop laid out twice; where there is none to double, none may appear.
        int Allowed(Listing listing) => list.AllowedIn(listing) * (listing.Tier.EndsWith("Tier1", StringComparison.Ordinal) ? 2 : 1);
        Assert.True(found.Length == 0, $"Jumps or divisions that are not in tests/ConstantTime/jumps.txt. Do they depend on public values only? Then list them with the reason."
            + Environment.NewLine + string.Join(Environment.NewLine, found));
    }

    private static void RequireReadableCode()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the reader knows the instructions of x64 only");
        var debuggable = typeof(Crypto.CryptoProvider).Assembly.GetCustomAttributes(typeof(System.Diagnostics.DebuggableAttribute), false);
        Assert.SkipWhen(debuggable is [System.Diagnostics.DebuggableAttribute { IsJITOptimizerDisabled: true }], "a Debug build has no tiers: build with -c Release");
    }
}
