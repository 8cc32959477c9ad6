using System.IO.Compression;
using System.Text.Json;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>Reads the published test vectors that lie beside the test program.</summary>
internal static class Vectors
{
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([AppContext.BaseDirectory, "vectors", .. parts]);

    /// <summary>The lines of a text file without blanks and comments.</summary>
    public static string[] Lines(params ReadOnlySpan<string> parts) =>
        [.. File.ReadLines(PathOf(parts)).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>The objects of a compressed file that has one per line.</summary>
    public static IEnumerable<JsonElement> JsonLines(params string[] parts)
    {
        using var reader = new StreamReader(Decompressed(parts));
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    /// <summary>A file compressed with gzip.</summary>
    public static Stream Decompressed(params ReadOnlySpan<string> parts) => new GZipStream(File.OpenRead(PathOf(parts)), CompressionMode.Decompress);

    /// <summary>A member in hexadecimal; of an array, its first element.</summary>
    public static byte[] Bytes(this JsonElement parent, string name)
    {
        var value = parent.GetProperty(name);
        return Convert.FromHexString((value.ValueKind == JsonValueKind.Array ? value[0] : value).GetString()!);
    }
}
