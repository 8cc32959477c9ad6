using Kadath.Mainline;
using Microsoft.Extensions.Logging;

namespace Kadath.Node;

/// <summary>Writes a node's events to a logger, on the pool.</summary>
internal static partial class MainlineLogger
{
    // The alarm of a store is no event of the machine: it is looked for this often.
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs until the node stops.</summary>
    public static async Task RunAsync(MainlineNode node, ILogger logger, CancellationToken cancellation)
    {
        Started(logger, string.Join(", ", node.Endpoints), string.Join(", ", node.Ids));
        Task alarms = WatchAlarmsAsync(node, logger, cancellation);
        await foreach (MainlineEvent happened in node.EventsAsync(cancellationToken: CancellationToken.None).ConfigureAwait(false))
        {
            Write(logger, happened);
        }

        await alarms.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (node.Completion.Exception?.InnerException is { } fault)
        {
            Broken(logger, fault);
        }
        else
        {
            Stopped(logger);
        }
    }

    private static void Write(ILogger logger, in MainlineEvent happened)
    {
        switch (happened.Kind)
        {
            case MainlineEventKind.Bootstrapped:
                Bootstrapped(logger, happened.Socket, happened.Count);
                break;
            case MainlineEventKind.Rebootstrapping:
                Rebootstrapping(logger, happened.Socket);
                break;
            case MainlineEventKind.ExternalAddress:
                ExternalAddress(logger, happened.Socket, happened.Endpoint.ToString());
                break;
            case MainlineEventKind.IdChanged:
                IdChanged(logger, happened.Socket, happened.Id.ToString());
                break;
            default:
                if (logger.IsEnabled(LogLevel.Debug))
                {
                    Other(logger, happened.Kind, happened.Socket, happened.Id.ToString(), happened.Endpoint.ToString(), happened.Count);
                }

                break;
        }
    }

    private static async Task WatchAlarmsAsync(MainlineNode node, ILogger logger, CancellationToken cancellation)
    {
        string? last = null;
        while (!cancellation.IsCancellationRequested)
        {
            StoreStatus store = (await node.GetStatusAsync(cancellation).ConfigureAwait(false)).Store;
            if (store.Alarm is { } alarm && alarm != last)
            {
                StoreAlarm(logger, alarm);
            }

            last = store.Alarm;
            await Task.Delay(AlarmInterval, cancellation).ConfigureAwait(false);
        }
    }
}
