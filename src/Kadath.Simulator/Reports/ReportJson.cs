using System.Text.Json;

namespace Kadath.Simulator;

/// <summary>Writes a report as the command's one JSON object. What is infinite or no number is null.</summary>
public static class ReportJson
{
    /// <summary>The object in UTF-8.</summary>
    public static byte[] Write(SimulationReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            Head(json, report);
            if (report.Lookups is { } lookups)
            {
                Lookups(json, lookups);
            }

            foreach ((string name, double value) in report.Extra)
            {
                Number(json, name, value);
            }

            json.WriteStartArray("failures");
            foreach (string failure in report.Failures)
            {
                json.WriteStringValue(failure);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Head(Utf8JsonWriter json, SimulationReport report)
    {
        ScenarioOptions options = report.Options;
        json.WriteString("scenario", options.Scenario);
        json.WriteNumber("nodes", options.Nodes);
        json.WriteNumber("seed", options.Seed);
        json.WriteString("commit", SimulationReport.Commit);
        json.WriteStartObject("parameters");
        json.WriteString("network", options.Network);
        json.WriteNumber("k", options.K);
        json.WriteNumber("alpha", options.Alpha);
        json.WriteNumber("paths", options.Paths);
        json.WriteNumber("lookups", options.Lookups);
        json.WriteNumber("hours", options.Hours);
        foreach ((string name, string value) in options.Settings.OrderBy(static setting => setting.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteString("rttModel", options.Rtt.Name);
        json.WriteString("tables", options.IdealTables ? "ideal" : "grown");
        json.WriteString("traceHash", report.TraceHash);
        json.WriteNumber("events", report.Events);
        Number(json, "wallSeconds", report.Wall.TotalSeconds);
        Number(json, "eventsPerSecond", report.EventsPerSecond);
        Number(json, "rpcsPerSecond", report.RpcsPerSecond);
        Number(json, "bytesPerNode", report.BytesPerNode);
        Number(json, "maintenanceBytesPerNodeHour", report.MaintenanceBytesPerNodeHour);
    }

    private static void Lookups(Utf8JsonWriter json, LookupSummary lookups)
    {
        json.WriteStartObject("lookups");
        json.WriteNumber("count", lookups.Count);
        Number(json, "success", lookups.Success);
        Number(json, "successLow", lookups.SuccessLow);
        Number(json, "successClosest", lookups.SuccessClosest);
        Number(json, "coverage", lookups.Coverage);
        Number(json, "stretch", lookups.Stretch);
        Write(json, "firstAnswerMs", lookups.FirstAnswerMs);
        Write(json, "firstOfKMs", lookups.FirstOfKMs);
        Write(json, "doneMs", lookups.DoneMs);
        Write(json, "hops", lookups.Hops);
        Write(json, "messages", lookups.Messages);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, in Distribution distribution)
    {
        json.WriteStartObject(name);
        Number(json, "mean", distribution.Mean);
        Number(json, "p50", distribution.P50);
        Number(json, "p95", distribution.P95);
        Number(json, "p99", distribution.P99);
        Number(json, "max", distribution.Max);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, Math.Round(value, 6));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
