using System.Threading.Channels;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>An operation whose findings are read as a stream.</summary>
internal abstract class OperationStream<T> : OperationObserver, IOperationStream<T>
{
    // More peers than a lookup of a large swarm brings in a moment, and 400 kB at the most.
    private const int Capacity = 16_384;

    private readonly Channel<T> _found;
    private readonly CancellationToken _cancellation;
    private long _lost;

    protected OperationStream(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _found = Channel.CreateBounded<T>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, AllowSynchronousContinuations = false },
            _ => Interlocked.Increment(ref _lost));
    }

    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Cancels the operation in the machine; set by whoever starts it.</summary>
    public Action? Cancel { get; set; }

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(_cancellation, cancellationToken);
        try
        {
            await foreach (T found in _found.Reader.ReadAllAsync(linked.Token).ConfigureAwait(false))
            {
                yield return found;
            }
        }
        finally
        {
            // Leaving the enumeration early ends the search.
            Cancel?.Invoke();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cancel?.Invoke();
        await ((Task)Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void OnCompleted(in OperationReport report)
    {
        _found.Writer.TryComplete();
        base.OnCompleted(report);
    }

    public override void Fail(Exception reason)
    {
        _found.Writer.TryComplete(reason);
        base.Fail(reason);
    }

    protected void Found(T found) => _found.Writer.TryWrite(found);
}

/// <summary>The peers of a torrent as they are found.</summary>
internal sealed class PeerStream(CancellationToken cancellation) : OperationStream<Endpoint>(cancellation)
{
    public override void OnPeers(ReadOnlySpan<Endpoint> peers)
    {
        foreach (Endpoint peer in peers)
        {
            Found(peer);
        }
    }
}

/// <summary>The values of a mutable item as they change.</summary>
internal sealed class ItemStream(CancellationToken cancellation) : OperationStream<FoundItem>(cancellation)
{
    public override void OnItem(in ItemView item)
    {
        base.OnItem(item);
        Found(Item!);
    }

    public override void OnNode(in NodeOutcome outcome)
    {
        // A follower runs for days: its outcomes are nobody's.
    }
}

/// <summary>Samples of info-hashes as nodes give them.</summary>
internal sealed class SampleStream(CancellationToken cancellation) : OperationStream<SampleReply>(cancellation)
{
    public override void OnSamples(in SamplesView samples)
    {
        base.OnSamples(samples);
        Found(Sample!);
    }

    public override void OnNode(in NodeOutcome outcome)
    {
    }
}

/// <summary>Something kept up until disposed.</summary>
internal sealed class Maintained : OperationObserver, IMaintained
{
    private readonly TaskCompletionSource<OperationReport> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile NodeOutcome[] _last = [];
    private int _rounds;

    public int Rounds => Volatile.Read(ref _rounds);

    public IReadOnlyList<NodeOutcome> LastOutcomes => _last;

    public Task<OperationReport> FirstRound => _first.Task;

    /// <summary>Cancels the operation in the machine; set by whoever starts it.</summary>
    public Action? Cancel { get; set; }

    public override void OnRound(in OperationReport report)
    {
        _last = [.. Outcomes];
        Outcomes.Clear();
        Volatile.Write(ref _rounds, _rounds + 1);
        _first.TrySetResult(report);
    }

    public override void OnCompleted(in OperationReport report)
    {
        base.OnCompleted(report);
        _first.TrySetResult(report);
    }

    public override void Fail(Exception reason)
    {
        base.Fail(reason);
        _first.TrySetException(reason);
    }

    public async ValueTask DisposeAsync()
    {
        Cancel?.Invoke();
        await ((Task)Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
