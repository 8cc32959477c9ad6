using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Simulator;

/// <summary>Wants to know nothing of an operation; a base for observers that want to know little.</summary>
public class SilentObserver : IMainlineObserver
{
    /// <summary>The one that wants to know nothing.</summary>
    public static SilentObserver Instance { get; } = new();

    /// <inheritdoc/>
    public virtual void OnPeers(ReadOnlySpan<Endpoint> peers)
    {
    }

    /// <inheritdoc/>
    public virtual void OnNode(in NodeOutcome outcome)
    {
    }

    /// <inheritdoc/>
    public virtual void OnItem(in ItemView item)
    {
    }

    /// <inheritdoc/>
    public virtual void OnSamples(in SamplesView samples)
    {
    }

    /// <inheritdoc/>
    public virtual void OnAwaitingItem(long highestSequence)
    {
    }

    /// <inheritdoc/>
    public virtual void OnRound(in OperationReport report)
    {
    }

    /// <inheritdoc/>
    public virtual void OnCompleted(in OperationReport report)
    {
    }
}
