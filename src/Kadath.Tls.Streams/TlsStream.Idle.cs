namespace Kadath.Tls.Streams;

public sealed partial class TlsStream
{
    /// <summary>Between looks whether anything was written; at the second in vain the sending buffer goes back. Short beside a connection's life, long beside pauses in a conversation.</summary>
    internal static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(5);

    // Armed only while there is a buffer to give back, so that streams in use cost one wake-up in five seconds and silent ones none.
    private Timer? _idle;
    private bool _idleArmed, _wroteSince;

    /// <summary>Bytes that the machine's buffers hold.</summary>
    internal int SendingBytes
    {
        get
        {
            lock (_machine)
            {
                return _connection!.BufferBytes;
            }
        }
    }

    /// <summary>Lets go of what the handshake needed, and of buffers after each burst of writes.</summary>
    private void WatchIdleness()
    {
        lock (_machine)
        {
            if (!_disposed)
            {
                _connection!.ReleaseBuffers();
                _idle = new Timer(static stream => ((TlsStream)stream!).LookWhetherIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Something was written. Under the lock.</summary>
    private void NoteWrite()
    {
        _wroteSince = true;
        if (!_idleArmed && _idle is not null)
        {
            _idleArmed = _idle.Change(IdleAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Gives the buffer back if nothing was written since the last look, and nothing waits to be sent; else looks again later.</summary>
    internal void LookWhetherIdle()
    {
        lock (_machine)
        {
            if (_disposed)
            {
                return;
            }

            if (_wroteSince || !_connection!.Output.IsEmpty)
            {
                _wroteSince = false;
                _idleArmed = _idle!.Change(IdleAfter, Timeout.InfiniteTimeSpan);
                return;
            }

            _connection.ReleaseBuffers();
            _idleArmed = false;
        }
    }
}
