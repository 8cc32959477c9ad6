namespace Kadath.Node;

/// <summary>
/// One dedicated thread that carries many nodes and their sockets: it sleeps in one poll on sockets, a wake-up and the earliest deadline.
/// </summary>
public sealed class NodeLoop : IAsyncDisposable
{
    /// <summary>Starts a loop.</summary>
    public static NodeLoop Start(NodeLoopOptions? options = null) => throw new InvalidOperationException("not built yet");

    /// <summary>Ends when the loop has ended; faults if it ended by a fault of Kadath's own.</summary>
    public Task Completion => throw new InvalidOperationException("not built yet");

    /// <summary>The counters of all sockets of the loop.</summary>
    public TrafficCounters Traffic => throw new InvalidOperationException("not built yet");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new InvalidOperationException("not built yet");
}
