using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// What a running operation finds, as it comes: enumerate it once, then await <see cref="Completion"/>. Disposing it cancels the operation.
/// A slow reader loses the oldest results beyond a bound, counted in <see cref="Lost"/>.
/// </summary>
/// <typeparam name="T">What it finds.</typeparam>
public interface IOperationStream<out T> : IAsyncEnumerable<T>, IAsyncDisposable
{
    /// <summary>The sum of the operation, when it has ended.</summary>
    Task<OperationReport> Completion { get; }

    /// <summary>Results that a slow reader lost.</summary>
    long Lost { get; }
}

/// <summary>Something that is kept up until it is disposed: an announce, a published item.</summary>
public interface IMaintained : IAsyncDisposable
{
    /// <summary>Rounds that have ended.</summary>
    int Rounds { get; }

    /// <summary>The outcomes of the last round that has ended, or empty.</summary>
    IReadOnlyList<NodeOutcome> LastOutcomes { get; }

    /// <summary>Waits for the end of the first round.</summary>
    Task<OperationReport> FirstRound { get; }
}
