using System.Text.Json;

namespace Kadath.Simulator.Links;

/// <summary>
/// Reads a model of one's own: a JSON object with <c>name</c>, <c>shares</c> (parts of 1,000), <c>baseMs</c> (an array of rows), and, where
/// they differ from zero (jitter: 50), <c>jitterPerMille</c>, <c>lossPerMille</c>, <c>latePerMille</c>, <c>duplicatedPerMille</c>.
/// </summary>
public static class RttModelFile
{
    // A matrix of 64 regions takes some 16 kB.
    private const int MaxBytes = 1 << 20;

    /// <summary>The model in the file. Throws <see cref="ArgumentException"/> if it is none, and what <see cref="File"/> throws if it cannot be read.</summary>
    public static RttModel Load(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new ArgumentException($"{path} is larger than {MaxBytes} bytes");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            var model = new RttModel
            {
                Name = root.TryGetProperty("name", out JsonElement name) ? name.GetString() ?? "" : Path.GetFileNameWithoutExtension(path),
                Shares = [.. root.GetProperty("shares").EnumerateArray().Select(static share => share.GetInt32())],
                BaseMilliseconds = [.. root.GetProperty("baseMs").EnumerateArray().SelectMany(static row => row.EnumerateArray()).Select(static ms => ms.GetInt32())],
                JitterPerMille = Number(root, "jitterPerMille", 50),
                LossPerMille = Number(root, "lossPerMille", 0),
                LatePerMille = Number(root, "latePerMille", 0),
                DuplicatedPerMille = Number(root, "duplicatedPerMille", 0),
            };
            model.Validate();
            return model;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ArgumentException($"{path} is no RTT model: {e.Message}", e);
        }
    }

    private static int Number(JsonElement root, string name, int otherwise) => root.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : otherwise;
}
