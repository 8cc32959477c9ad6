namespace Kadath.Tests.Conformance.Crypto;

/// <summary>Reads the published test vectors that lie beside the test program.</summary>
internal static class Vectors
{
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([AppContext.BaseDirectory, "vectors", .. parts]);

    /// <summary>The lines of a text file without blanks and comments.</summary>
    public static string[] Lines(params ReadOnlySpan<string> parts) =>
        [.. File.ReadLines(PathOf(parts)).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
}
