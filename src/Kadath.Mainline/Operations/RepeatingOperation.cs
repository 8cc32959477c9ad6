using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>
/// Runs one kind of search again and again until it is cancelled: keeps a torrent announced, an item published, or follows a mutable item.
/// Each round is an operation of its own; its end is told as a round.
/// </summary>
internal sealed class RepeatingOperation : Operation, IMainlineObserver
{
    // A round that reached nobody is tried again soon; the network may just have come back.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(30);

    private readonly Func<IMainlineObserver, Instant, SearchOperation> _round;
    private readonly TimeSpan _interval;
    private readonly EntropyStream _entropy;
    private readonly bool _newItemsOnly;
    private SearchOperation? _running;
    private Instant _next;
    private OperationReport _sum;
    private long _newest = -1;

    /// <param name="table">Where rounds run.</param>
    /// <param name="round">Makes the operation of a round.</param>
    /// <param name="interval">From the start of one round to the start of the next; shortened by up to a tenth, so that nodes do not act in step.</param>
    /// <param name="newItemsOnly">Report an item only if its sequence number is higher than those before.</param>
    /// <param name="observer">The user's.</param>
    /// <param name="now">The time.</param>
    public RepeatingOperation(
        OperationTable table, Func<IMainlineObserver, Instant, SearchOperation> round, TimeSpan interval, bool newItemsOnly, IMainlineObserver observer, Instant now)
        : base(table, observer, TimeSpan.Zero, now)
    {
        _round = round;
        _interval = interval;
        _newItemsOnly = newItemsOnly;
        _entropy = table.Context.Entropy;
        _next = now;
    }

    /// <inheritdoc/>
    protected override Instant NextStep => _running is null ? _next : Instant.Never;

    /// <inheritdoc/>
    public override void Start(Instant now) => Step(now);

    /// <inheritdoc/>
    public void OnPeers(ReadOnlySpan<Endpoint> peers) => Observer.OnPeers(peers);

    /// <inheritdoc/>
    public void OnNode(in NodeOutcome outcome) => Observer.OnNode(outcome);

    /// <inheritdoc/>
    public void OnItem(in ItemView item)
    {
        if (!_newItemsOnly || item.Sequence > _newest)
        {
            _newest = item.Sequence;
            Observer.OnItem(item);
        }
    }

    /// <inheritdoc/>
    public void OnSamples(in SamplesView samples) => Observer.OnSamples(samples);

    /// <inheritdoc/>
    public void OnAwaitingItem(long highestSequence)
    {
    }

    /// <inheritdoc/>
    public void OnRound(in OperationReport report)
    {
    }

    /// <inheritdoc/>
    public void OnCompleted(in OperationReport report)
    {
        SearchOperation? ended = _running;
        _running = null;
        if (IsDone || ended is null)
        {
            return;
        }

        _sum = _sum with
        {
            Hops = report.Hops,
            Messages = _sum.Messages + report.Messages,
            Answered = report.Answered,
            Stored = report.Stored,
        };
        bool nobody = report.Answered == 0 || report.End is OperationEnd.NoNodes or OperationEnd.Refused;
        TimeSpan pause = nobody && AfterFailure < _interval ? AfterFailure : _interval - _entropy.NextBelow(_interval / 10);
        _next = Instant.Max(_next + pause, Started + report.Elapsed);
        Observer.OnRound(report);
    }

    /// <inheritdoc/>
    protected override void Step(Instant now)
    {
        _next = now;
        _running = _round(this, now);
        Table.Start(_running, now);
    }

    /// <inheritdoc/>
    protected override OperationReport Sum(OperationEnd end, Instant now) => _sum with { Operation = Id, End = end, Elapsed = now - Started, Seeds = -1, Peers = -1 };

    /// <inheritdoc/>
    protected override void Close(Instant now) => _running?.Finish(OperationEnd.Cancelled, now);
}
