using System.CommandLine;
using Kadath.Mainline;
using Kadath.Node;
using Spectre.Console;

namespace Kadath.Cli.Commands;

/// <summary>Shows what the daemon is and does.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandFactory factory)
    {
        Command command = factory.Client("status", "Show what the running daemon is and does", "kadath status", "kadath status --json | jq '.nodes[0].contacts'");
        return factory.Runs<StatusLine>(command, static (_, _) => Task.FromResult<Call>(new StatusCall()), Render);
    }

    private static void Render(IAnsiConsole console, StatusLine line)
    {
        if (line.Nodes.Count == 0)
        {
            return;
        }

        Table table = Tables.Create("network", "endpoint", "id", "seen from outside", "contacts", "");
        foreach (StatusNode node in line.Nodes)
        {
            table.Row(node.Network, node.Endpoint, node.Id, node.ExternalEndpoint ?? "not known yet", node.Contacts, node.ReadOnly ? "read-only" : "");
        }

        console.Write(table);
        console.Facts(
            ("records", $"{line.Records.Announces} announces, {line.Records.Items} items"),
            ("queries", $"{line.Queries.In} in, {line.Queries.Out} out, {line.Queries.Dropped} dropped"),
            ("store", line.Store?.Mode),
            ("ALARM", line.Store?.Alarm),
            ("found", line.Store?.Opening),
            ("up for", TimeSpan.FromSeconds(line.UptimeSeconds)));
    }
}

/// <summary>Request of status.</summary>
internal sealed record StatusCall : Call
{
    public override Result Failed(ErrorInfo error) => new StatusLine { Error = error };

    public override async Task<Result> RunAsync(MainlineNode node, Action<Result> item, CancellationToken cancellationToken)
    {
        MainlineStatus status = await node.GetStatusAsync(cancellationToken);
        return new StatusLine
        {
            Nodes = [.. status.Sockets.Select(s => new StatusNode("mainline", s.Local.ToString(), Wire.Hex(s.Id), Wire.Text(s.External), s.Contacts, status.ReadOnly))],
            Records = new StatusRecords(status.Counters.Announces, status.Counters.Items),
            Queries = new StatusQueries(status.Counters.QueriesIn, status.Counters.QueriesOut, status.Counters.Dropped),
            Store = new StatusStore(ModeOf(status.Store.Mode), status.Store.Alarm, status.Store.Opening?.Detail),
            UptimeSeconds = (long)status.Uptime.TotalSeconds,
            Bootstrapped = status.Sockets.Any(static s => s.Bootstrapped),
            Bootstrap = status.Routers,
            SentOutsideLoopback = status.Traffic.SentOutsideLoopback,
        };
    }

    private static string ModeOf(StoreMode mode) => mode switch
    {
        StoreMode.Durable => "durable",
        StoreMode.Degraded => "degraded",
        _ => "memory",
    };
}

/// <summary>Result of status.</summary>
internal sealed record StatusLine : Result
{
    public IReadOnlyList<StatusNode> Nodes { get; init; } = [];

    public StatusRecords Records { get; init; } = new(0, 0);

    public StatusQueries Queries { get; init; } = new(0, 0, 0);

    public StatusStore? Store { get; init; }

    public long UptimeSeconds { get; init; }

    public bool Bootstrapped { get; init; }

    public IReadOnlyList<string> Bootstrap { get; init; } = [];

    /// <summary>Datagrams that went to an address that is not loopback.</summary>
    public long SentOutsideLoopback { get; init; }
}

/// <summary>One socket address of the node.</summary>
internal sealed record StatusNode(string Network, string Endpoint, string? Id, string? ExternalEndpoint, int Contacts, bool ReadOnly);

/// <summary>Records held.</summary>
internal sealed record StatusRecords(int Announces, int Items);

/// <summary>Queries since the start.</summary>
internal sealed record StatusQueries(long In, long Out, long Dropped);

/// <summary>How durable the records are.</summary>
internal sealed record StatusStore(string Mode, string? Alarm, string? Opening);
