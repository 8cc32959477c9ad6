using System.Text.Json;

namespace Kadath.Simulator;

/// <summary>One line of a comparison.</summary>
/// <param name="Name">The member's path in the report, with dots.</param>
/// <param name="A">Its value in the first run as JSON; null where it has none.</param>
/// <param name="B">Its value in the second run.</param>
/// <param name="Ratio">The second over the first, where both are numbers and the first is not 0.</param>
public sealed record ComparisonRow(string Name, string? A, string? B, double? Ratio);

/// <summary>Lays two reports, as <see cref="ReportJson"/> writes them, side by side.</summary>
public static class ReportComparison
{
    /// <summary>
    /// All members of both, in the order of the first, then what only the second has. Throws <see cref="JsonException"/> for what is no
    /// JSON, and <see cref="ArgumentException"/> for what is no report.
    /// </summary>
    public static IReadOnlyList<ComparisonRow> Of(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b)
    {
        List<(string Name, JsonElement Value)> first = Flat(a), second = Flat(b);
        Dictionary<string, JsonElement> left = Index(first), right = Index(second);
        return [.. first.Concat(second).Select(static member => member.Name).Distinct(StringComparer.Ordinal).Select(name => Row(name, left, right))];
    }

    private static ComparisonRow Row(string name, Dictionary<string, JsonElement> left, Dictionary<string, JsonElement> right)
    {
        bool hasA = left.TryGetValue(name, out JsonElement a), hasB = right.TryGetValue(name, out JsonElement b);
        bool numbers = hasA && hasB && a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number;
        double? ratio = numbers && a.GetDouble() != 0 ? b.GetDouble() / a.GetDouble() : null;
        return new(name, hasA ? Text(a) : null, hasB ? Text(b) : null, ratio);
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static Dictionary<string, JsonElement> Index(List<(string Name, JsonElement Value)> members)
    {
        var index = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in members)
        {
            index[name] = value;
        }

        return index;
    }

    private static List<(string Name, JsonElement Value)> Flat(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("traceHash", out _))
        {
            throw new ArgumentException("it is no report of kadath sim --json");
        }

        List<(string, JsonElement)> members = [];
        Collect(root.Clone(), "", members);
        return members;
    }

    private static void Collect(JsonElement value, string prefix, List<(string, JsonElement)> members)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object)
            {
                Collect(member.Value, $"{prefix}{member.Name}.", members);
            }
            else
            {
                members.Add((prefix + member.Name, member.Value));
            }
        }
    }
}
