using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// Collects what one operation finds. The machine calls it on the loop; whoever waits sees the result on the pool, when it has ended.
/// </summary>
internal class OperationObserver : IMainlineObserver
{
    // A lookup asks some hundreds of nodes at most; an operation that lasts for ever must not gather without a bound.
    private const int MaxOutcomes = 4096;

    private readonly TaskCompletionSource<OperationReport> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The operation's name, once the machine has given it.</summary>
    public OperationId Id { get; set; }

    /// <summary>The caller has lost interest.</summary>
    public volatile bool CancelRequested;

    /// <summary>Ends when the operation has ended.</summary>
    public Task<OperationReport> Completion => _completion.Task;

    /// <summary>True once the operation has ended.</summary>
    public bool HasEnded => _completion.Task.IsCompleted;

    /// <summary>Outcomes in order of arrival. Read it after the end, or on the loop.</summary>
    public List<NodeOutcome> Outcomes { get; } = [];

    /// <summary>The best item so far.</summary>
    public FoundItem? Item { get; private set; }

    /// <summary>The last sample.</summary>
    public SampleReply? Sample { get; private set; }

    /// <summary>Signs a mutable item once the highest sequence number is known; called on the pool.</summary>
    public Action<long>? Sign { get; init; }

    /// <summary>Called on the loop when the operation has ended.</summary>
    public Action<OperationObserver>? Ended { get; set; }

    public virtual void OnPeers(ReadOnlySpan<Endpoint> peers)
    {
    }

    public virtual void OnNode(in NodeOutcome outcome)
    {
        if (Outcomes.Count < MaxOutcomes)
        {
            Outcomes.Add(outcome);
        }
    }

    public virtual void OnItem(in ItemView item)
    {
        bool mutable = !item.PublicKey.IsEmpty;
        Item = new(item.Value.ToArray(), item.PublicKey.ToArray(), item.Signature.ToArray(), mutable ? item.Sequence : null, item.Copies);
    }

    public virtual void OnSamples(in SamplesView samples)
    {
        Id160[] hashes = new Id160[samples.Samples.Length / Id160.Size];
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i] = Id160.Read(samples.Samples[(i * Id160.Size)..]);
        }

        Sample = new(samples.From, hashes, samples.Total, samples.Interval);
    }

    public void OnAwaitingItem(long highestSequence)
    {
        if (Sign is { } sign)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.sign(state.highestSequence), (sign, highestSequence), preferLocal: false);
        }
    }

    public virtual void OnRound(in OperationReport report)
    {
    }

    public virtual void OnCompleted(in OperationReport report)
    {
        Ended?.Invoke(this);
        _completion.TrySetResult(report);
    }

    /// <summary>Ends it without a report: the node stopped, or the call could not be made.</summary>
    public virtual void Fail(Exception reason) => _completion.TrySetException(reason);
}
