using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

// Operations of the user: begun and cancelled by commands, so that the machine is only ever touched on its loop.
internal sealed partial class MainlineMember
{
    /// <summary>Begins an operation of the machine.</summary>
    public delegate OperationId Beginning(MainlineDht dht, Instant now);

    /// <summary>Starts an operation; its observer is told of the end in any case.</summary>
    public void Start(OperationObserver observer, Beginning begin, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            observer.Fail(new OperationCanceledException(cancellation));
            return;
        }

        observer.Ended = ended => _running.Remove(ended);
        bool posted = _loop.Post(new(_slot, now => Begin(observer, begin, now), observer.Fail));
        if (!posted)
        {
            observer.Fail(new InvalidOperationException("the node has stopped, or its command queue is full"));
            return;
        }

        if (cancellation.CanBeCanceled)
        {
            CancellationTokenRegistration registration = cancellation.UnsafeRegister(_ => Cancel(observer), null);
            observer.Completion.ContinueWith(_ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Asks the machine to end an operation.</summary>
    public void Cancel(OperationObserver observer)
    {
        observer.CancelRequested = true;
        if (!observer.HasEnded)
        {
            _loop.Post(new(
                _slot,
                now =>
                {
                    if (observer.Id.Value != 0 && !observer.HasEnded)
                    {
                        _dht!.Cancel(observer.Id, now);
                    }
                },
                null));
        }
    }

    /// <summary>Gives a waiting put its signed item.</summary>
    public void Provide(OperationObserver observer, SignedItem item) =>
        _loop.Post(new(_slot, now => _dht!.Provide(observer.Id, item, now), null));

    /// <summary>Runs a call without an operation.</summary>
    public void Tell(Action<MainlineDht, Instant> call) =>
        _loop.Post(new(
            _slot,
            now =>
            {
                if (_dht is not null)
                {
                    call(_dht, now);
                }
            },
            null));

    private void Begin(OperationObserver observer, Beginning begin, Instant now)
    {
        if (observer.CancelRequested)
        {
            observer.Fail(new OperationCanceledException());
            return;
        }

        _running.Add(observer);
        try
        {
            observer.Id = begin(_dht!, now);
        }
        catch (ArgumentException misuse)
        {
            // The caller's fault, not the machine's: the call fails, the node goes on.
            _running.Remove(observer);
            observer.Fail(misuse);
        }
    }
}
