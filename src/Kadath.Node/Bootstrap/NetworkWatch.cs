namespace Kadath.Node;

/// <summary>
/// Tells when addresses of this machine come or go. Several changes in a moment are told once, when they have settled; where they do not
/// settle (a link that flaps), every ten seconds.
/// </summary>
internal sealed class NetworkWatch : IDisposable
{
    /// <summary>How long nothing must change before it is told.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    /// <summary>How long after the first change it is told in any case.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly ITimer _timer;
    private readonly AddressChanges _changes;
    private long _first;
    private bool _waiting;
    private bool _disposed;

    /// <summary>Begins to watch.</summary>
    /// <param name="changed">Called on a thread of the pool.</param>
    /// <param name="time">What the settling is measured with.</param>
    public NetworkWatch(Action changed, TimeProvider time)
    {
        (_changed, _time) = (changed, time);
        _timer = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _changes = new(Notice);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _changes.Dispose();
        lock (_lock)
        {
            _disposed = true;
            _timer.Dispose();
        }
    }

    /// <summary>An address has come or gone.</summary>
    public void Notice()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                // The last event may cross the end of the node.
                return;
            }

            _first = _waiting ? _first : _time.GetTimestamp();
            _waiting = true;
            TimeSpan left = Longest - _time.GetElapsedTime(_first);
            _timer.Change(left < TimeSpan.Zero ? TimeSpan.Zero : left < Settle ? left : Settle, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tell()
    {
        lock (_lock)
        {
            if (!_waiting || _disposed)
            {
                return;
            }

            _waiting = false;
        }

        _changed();
    }
}
