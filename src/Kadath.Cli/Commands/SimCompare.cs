using System.Globalization;
using System.Text.Json;
using Kadath.Simulator;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Lays two saved runs of the simulator side by side.</summary>
internal static class SimCompare
{
    // A report takes a few kilobytes.
    private const long MaxBytes = 16 << 20;

    /// <summary>Compares the reports in two files.</summary>
    public static int Run(string a, string b, bool json)
    {
        byte[] first = Read(a), second = Read(b);
        IReadOnlyList<ComparisonRow> rows;
        try
        {
            rows = ReportComparison.Of(first, second);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw CliException.Usage($"{a} and {b} cannot be compared: {e.Message}", "save two runs with --json");
        }

        if (json)
        {
            WriteJson(a, b, rows);
        }
        else
        {
            Table table = Tables.Create("", Path.GetFileName(a), Path.GetFileName(b), "B/A");
            foreach (ComparisonRow row in rows)
            {
                table.Row(row.Name, row.A ?? "", row.B ?? "", row.Ratio is { } ratio ? ratio.ToString("0.###", CultureInfo.InvariantCulture) : row.A == row.B ? "" : "differs");
            }

            Tables.Console().Write(table);
        }

        return ExitCodes.Done;
    }

    private static void WriteJson(string a, string b, IReadOnlyList<ComparisonRow> rows)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(output, new() { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("a", a);
            writer.WriteString("b", b);
            writer.WriteStartArray("rows");
            foreach (ComparisonRow row in rows)
            {
                writer.WriteStartObject();
                writer.WriteString("name", row.Name);
                writer.WriteString("a", row.A);
                writer.WriteString("b", row.B);
                if (row.Ratio is { } ratio && double.IsFinite(ratio))
                {
                    writer.WriteNumber("ratio", Math.Round(ratio, 6));
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static byte[] Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes ? File.ReadAllBytes(path) : throw CliException.Usage($"{path} is larger than {MaxBytes} bytes", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CliException.Usage(e.Message, "--compare takes two files that --json wrote");
        }
    }
}
