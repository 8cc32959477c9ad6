using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Kadath.Mainline;

namespace Kadath.Node;

/// <summary>
/// Meter and activity source of all nodes of the process, both named "Kadath". The instruments read snapshots: an observation asks each node
/// for a new one and reports the one before, so that nothing waits for a loop.
/// </summary>
public static class NodeTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Kadath";

    private static readonly Meter Meter = new(Name);
    private static readonly ConcurrentDictionary<MainlineNode, MainlineStatus?> Nodes = new();

    static NodeTelemetry()
    {
        Meter.CreateObservableCounter("kadath.queries.in", () => Sum(status => status.Counters.QueriesIn), "{query}", "Queries that came in.");
        Meter.CreateObservableCounter("kadath.queries.out", () => Sum(status => status.Counters.QueriesOut), "{query}", "Queries sent.");
        Meter.CreateObservableCounter("kadath.dropped", () => Sum(status => status.Counters.Dropped), "{datagram}", "Datagrams and queries dropped.");
        Meter.CreateObservableCounter("kadath.datagrams.received", () => Sum(status => status.Traffic.Received), "{datagram}", "Datagrams received.");
        Meter.CreateObservableCounter("kadath.datagrams.sent", () => Sum(status => status.Traffic.Sent), "{datagram}", "Datagrams sent.");
        Meter.CreateObservableGauge("kadath.contacts", () => Sum(status => status.Sockets.Sum(socket => socket.Contacts)), "{contact}", "Contacts in routing tables.");
        Meter.CreateObservableGauge("kadath.announces", () => Sum(status => status.Counters.Announces), "{announce}", "Announces held.");
        Meter.CreateObservableGauge("kadath.items", () => Sum(status => status.Counters.Items), "{item}", "Items held.");
    }

    /// <summary>One activity for each operation of a user.</summary>
    internal static ActivitySource Activities { get; } = new(Name);

    /// <summary>The node counts from now on.</summary>
    internal static void Add(MainlineNode node) => Nodes[node] = null;

    /// <summary>The node has stopped.</summary>
    internal static void Remove(MainlineNode node) => Nodes.TryRemove(node, out _);

    /// <summary>Notes in an activity how an operation ended.</summary>
    internal static void Finish(Activity? activity, in OperationReport report) =>
        activity?.SetTag("kadath.end", report.End.ToString()).SetTag("kadath.messages", report.Messages).SetTag("kadath.answered", report.Answered);

    private static long Sum(Func<MainlineStatus, long> value)
    {
        long sum = 0;
        foreach ((MainlineNode node, MainlineStatus? status) in Nodes)
        {
            sum += status is null ? 0 : value(status);
            _ = RefreshAsync(node);
        }

        return sum;
    }

    private static async Task RefreshAsync(MainlineNode node)
    {
        try
        {
            MainlineStatus status = await node.GetStatusAsync().ConfigureAwait(false);
            Nodes.TryUpdate(node, status, Nodes.GetValueOrDefault(node));
        }
        catch (Exception fault) when (fault is ObjectDisposedException or InvalidOperationException)
        {
            // A node that is stopping, or busy beyond its command queue, keeps its last snapshot.
        }
    }
}
