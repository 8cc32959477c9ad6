using System.Globalization;
using Kadath.Node;

namespace Kadath.Cli.Nodes;

/// <summary>
/// At the end of a node's life says on standard error how much it sent, and how much of it left the loopback, where KADATH_TRAFFIC is set:
/// so tests can hold every command to what it should send.
/// </summary>
internal sealed class TrafficReport(MainlineNode node) : IAsyncDisposable
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Environment.GetEnvironmentVariable("KADATH_TRAFFIC") is { Length: > 0 })
        {
            TrafficCounters traffic = (await node.GetStatusAsync()).Traffic;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"traffic: {traffic.Sent} sent, {traffic.SentOutsideLoopback} outside loopback"));
        }
    }
}
