using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadath.Tests.Interop.Peers;
using Kadath.Tests.Interop.Tls;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>Runs every cell and prints the table: peers by operations by direction, and Kadath's roles in a mixed network.</summary>
internal static class InteropTable
{
    private sealed record Row(string Peer, string Over, string What, string Direction, Verdict Verdict, bool Expected);

    /// <summary>Prints the table; 1 if a cell holds a failure, or not what is documented.</summary>
    /// <param name="json">As JSON.</param>
    /// <param name="tlsOnly">Only the table of TLS, which takes seconds.</param>
    public static async Task<int> PrintAsync(bool json, bool tlsOnly)
    {
        List<Row> rows = tlsOnly ? [] : await MainlineAsync();
        List<Row> tls = await TlsAsync();
        Console.WriteLine(json ? Json(rows, tls) : (tlsOnly ? "" : Text(rows) + Environment.NewLine) + TlsText(tls));
        return rows.Concat(tls).All(row => row.Expected && row.Verdict.Kind != VerdictKind.Fail) ? 0 : 1;
    }

    private static async Task<List<Row>> MainlineAsync()
    {
        List<Row> rows = [];
        await using (MatrixRun run = new())
        {
            await run.InitializeAsync();
            List<string> here = [.. PeerCatalog.Names.Where(name => PeerHome.Missing(name) is null)];
            foreach (Cell cell in Interplay.Cells.Where(cell => here.Contains(cell.Peer)))
            {
                Verdict seen = await run.Interplay.ResultAsync(cell);
                rows.Add(new Row(cell.Peer, $"{cell.Family}", $"{cell.Operation}", cell.Direction == Direction.KadathAsks ? "Kadath asks" : "peer asks", seen, Expectations.Allow(cell, seen)));
                Console.Error.WriteLine($"{cell}: {seen.Short}{(seen.Detail.Length > 0 ? $" ({seen.Detail})" : "")}");
            }

            foreach (string peer in here)
            {
                foreach (Role role in Enum.GetValues<Role>())
                {
                    Verdict seen = await run.Networks.ResultAsync(peer, role);
                    rows.Add(new Row(peer, "IPv4", $"Network{role}", "both", seen, seen.Kind == VerdictKind.Ok));
                    Console.Error.WriteLine($"{peer} Kadath as {role}: {seen.Short}{(seen.Detail.Length > 0 ? $" ({seen.Detail})" : "")}");
                }
            }
        }

        return rows;
    }

    private static async Task<List<Row>> TlsAsync()
    {
        List<Row> rows = [];
        foreach (TlsCell cell in TlsCell.All.Where(cell => TlsPeer.Named(cell.Peer).Missing is null))
        {
            Verdict seen = await TlsInterplay.RunAsync(cell);
            rows.Add(new Row(cell.Peer, "TLS", $"{cell.Feature}", cell.Role == TlsRole.KadathConnects ? "Kadath connects" : "Kadath serves", seen, seen.Kind == TlsExpectations.Of(cell).Kind));
            Console.Error.WriteLine($"{cell}: {seen.Short}{(seen.Detail.Length > 0 ? $" ({seen.Detail})" : "")}");
        }

        return rows;
    }

    private static JsonArray Cells(List<Row> rows) => [.. rows.Select(row => new JsonObject
    {
        ["peer"] = row.Peer,
        ["over"] = row.Over,
        ["operation"] = row.What,
        ["direction"] = row.Direction,
        ["result"] = row.Verdict.Short,
        ["detail"] = row.Verdict.Detail,
        ["asDocumented"] = row.Expected,
    })];

    private static string Json(List<Row> rows, List<Row> tls)
    {
        JsonObject skipped = [];
        foreach (string peer in PeerCatalog.Names.Where(name => PeerHome.Missing(name) is not null))
        {
            skipped[peer] = PeerHome.Missing(peer);
        }

        foreach (TlsPeer peer in TlsPeer.All.Where(peer => peer.Missing is not null))
        {
            skipped[peer.Name] = peer.Missing;
        }

        return new JsonObject { ["cells"] = Cells(rows), ["tls"] = Cells(tls), ["skipped"] = skipped }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static string Text(List<Row> rows)
    {
        StringBuilder text = new("K> Kadath asks, K< the peer asks; ok; - not spoken; ? not observable; fN peer fault N, below; FAIL");
        Lines(text, rows.OrderBy(row => row.What.StartsWith("Network", StringComparison.Ordinal)).ThenBy(row => row.Over, StringComparer.Ordinal), row => $"{row.What} {row.Over}");
        foreach (string peer in PeerCatalog.Names.Where(name => PeerHome.Missing(name) is not null))
        {
            text.AppendLine($"skipped {peer}: {PeerHome.Missing(peer)}");
        }

        return text.ToString();
    }

    private static string TlsText(List<Row> rows)
    {
        StringBuilder text = new("TLS 1.3. K> Kadath connects, K< Kadath serves; ok; - not spoken; ? not observable; fN peer fault N, below; FAIL");
        Lines(text, rows, static row => row.What);
        foreach (TlsPeer peer in TlsPeer.All.Where(peer => peer.Missing is not null))
        {
            text.AppendLine($"skipped {peer.Name}: {peer.Missing}");
        }

        return text.ToString();
    }

    /// <summary>A line for each thing that was done, a column for each peer; then the faults, and what is not as it should be.</summary>
    private static void Lines(StringBuilder text, IEnumerable<Row> rows, Func<Row, string> heading)
    {
        List<Row> all = [.. rows];
        List<string> faults = [];
        List<string> peers = [.. all.Select(row => row.Peer).Distinct()];
        text.AppendLine().AppendLine();
        text.Append($"{"",-24}").AppendLine(string.Concat(peers.Select(peer => $"{peer,-16}")));
        foreach (IGrouping<string, Row> line in all.GroupBy(heading))
        {
            text.Append($"{line.Key,-24}");
            foreach (string peer in peers)
            {
                string cell = string.Join(' ', line.Where(row => row.Peer == peer).Select(row => Mark(row, faults)));
                text.Append($"{cell,-16}");
            }

            text.AppendLine();
        }

        text.AppendLine();
        for (int i = 0; i < faults.Count; i++)
        {
            text.AppendLine($"f{i + 1} peer fault: {faults[i]}");
        }

        foreach (Row row in all.Where(row => row.Verdict.Kind == VerdictKind.Fail || !row.Expected))
        {
            text.AppendLine($"{row.Peer} {row.Over} {row.What}, {row.Direction}: {row.Verdict.Short} {row.Verdict.Detail}");
        }
    }

    private static string Mark(Row row, List<string> faults)
    {
        string arrow = row.Direction switch { "Kadath asks" or "Kadath connects" => "K>", "peer asks" or "Kadath serves" => "K<", _ => "" };
        if (row.Verdict.Kind == VerdictKind.PeerFault)
        {
            string fault = $"{row.Peer} {row.Verdict.Detail}";
            if (!faults.Contains(fault))
            {
                faults.Add(fault);
            }

            return $"{arrow}f{faults.IndexOf(fault) + 1}";
        }

        return arrow + row.Verdict.Kind switch
        {
            VerdictKind.Ok => "ok",
            VerdictKind.NotSpoken => "-",
            VerdictKind.NotObservable => "?",
            _ => "FAIL",
        };
    }
}
