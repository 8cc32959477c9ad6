using System.Globalization;
using Kadath.Primitives;

namespace Kadath.Tests.Fuzz;

/// <summary>
/// How long a fuzz test runs and with which seed. Without variables every run is the same and takes a few seconds; KADATH_FUZZ_FACTOR
/// multiplies the rounds, KADATH_FUZZ_SEED chooses others.
/// </summary>
internal static class FuzzRun
{
    public static int Factor => (int)Variable("KADATH_FUZZ_FACTOR", 1);

    public static ulong Seed => Variable("KADATH_FUZZ_SEED", 1);

    public static EntropyStream Stream(ulong index) => EntropyTree.FromSeed(Seed).Stream(index);

    private static ulong Variable(string name, ulong otherwise) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : otherwise;
}
