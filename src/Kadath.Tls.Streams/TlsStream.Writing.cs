using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Kadath.Tls.Streams;

public sealed partial class TlsStream
{
    // Sealed at a time: enough that a system call carries two full records, and no more memory while a slow peer is awaited.
    private const int ChunkBytes = 32 * 1024;

    private static readonly TimeSpan ClosePatience = TimeSpan.FromMilliseconds(500);

    // Records that may wait to be sent together: some fifty small ones, which a system call carries for the price of a few.
    private const int QueueBytes = 64 * 1024;

    private volatile bool _outputWaits;
    private int _queued;

    /// <summary>
    /// Whether a write returns when its records wait to be sent, so that those of several writes leave in one send. Sending begins at once, on
    /// another thread: an idle socket delays nothing. A write that finds 64 KiB waiting waits too; <see cref="FlushAsync(CancellationToken)"/> and
    /// <see cref="CloseWriteAsync"/> return when all is sent; what fails in between is thrown by the next call.
    /// </summary>
    public bool SendsTogether { get; init; }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Established();
        if (buffer.IsEmpty)
        {
            return ValueTask.CompletedTask;
        }

        return SendsTogether && buffer.Length <= ChunkBytes && TryQueue(buffer.Span) ? ValueTask.CompletedTask : ActAsync(WriteAction.Data, buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <summary>Closes our side: the peer reads to the end of what we wrote and finds that it is the end. Reading goes on. A second call does nothing.</summary>
    /// <exception cref="TlsException">The connection has failed.</exception>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default)
    {
        Established();
        return ActAsync(WriteAction.Close, default, cancellationToken);
    }

    /// <summary>Moves to the next sending keys (RFC 9846 section 4.6.3). It happens by itself as often as the policy says.</summary>
    /// <param name="askPeer">Whether the peer is asked to do the same.</param>
    /// <param name="cancellationToken">Ends the wait; see the remarks on cancelled writes.</param>
    /// <exception cref="TlsException">The connection has failed.</exception>
    public ValueTask UpdateKeysAsync(bool askPeer = true, CancellationToken cancellationToken = default)
    {
        Established();
        return ActAsync(askPeer ? WriteAction.UpdateBothKeys : WriteAction.UpdateOwnKeys, default, cancellationToken);
    }

    /// <summary>Returns when what was written is sent.</summary>
    /// <exception cref="TlsException">The connection has failed.</exception>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        SendsTogether && IsEstablished ? ActAsync(WriteAction.Nothing, default, cancellationToken).AsTask() : Task.CompletedTask;

    /// <inheritdoc cref="FlushAsync(CancellationToken)"/>
    public override void Flush() => FlushAsync(CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Sends what was queued, on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _queued, 0);
        _outputWaits = true;
        FlushInPassing();
    }

    /// <summary>Seals the data and has it sent soon; false if too much waits already.</summary>
    private bool TryQueue(ReadOnlySpan<byte> data)
    {
        if (Interlocked.Exchange(ref _writers, 1) != 0)
        {
            throw new NotSupportedException("A write is pending already: one writer at a time.");
        }

        try
        {
            lock (_machine)
            {
                if (_failure is not null || _disposed || _connection!.Output.Length > QueueBytes)
                {
                    return false;
                }

                _connection.Write(data, Now);
                NoteWrite();
            }
        }
        finally
        {
            Volatile.Write(ref _writers, 0);
        }

        if (Interlocked.Exchange(ref _queued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ActAsync(WriteAction action, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _writers, 1) != 0)
        {
            throw new NotSupportedException("A write is pending already: one writer at a time.");
        }

        try
        {
            await _sending.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                do
                {
                    ReadOnlyMemory<byte> part = data[..Math.Min(data.Length, ChunkBytes)];
                    data = data[part.Length..];
                    Act(action, part.Span);
                    await SendHeldAsync(cancellation).ConfigureAwait(false);
                }
                while (!data.IsEmpty);
            }
            finally
            {
                _sending.Release();
            }
        }
        finally
        {
            Volatile.Write(ref _writers, 0);
        }

        FlushInPassing();
    }

    private void Act(WriteAction action, ReadOnlySpan<byte> data)
    {
        lock (_machine)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_failure is not null)
            {
                throw _failure;
            }

            switch (action)
            {
                case WriteAction.Nothing: break;
                case WriteAction.Data: _connection!.Write(data, Now); break;
                case WriteAction.Close: _connection!.CloseWrite(); break;
                default: _connection!.UpdateKeys(askPeer: action == WriteAction.UpdateBothKeys); break;
            }

            NoteWrite();
        }
    }

    /// <summary>Sends what waits until nothing does. The caller holds <see cref="_sending"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendHeldAsync(CancellationToken cancellation)
    {
        byte[]? buffer = null;
        try
        {
            int count;
            while ((count = TakeOutput(ref buffer)) > 0)
            {
                await _transport.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Break(new TlsException(TlsFailure.Network, null, "a write was cancelled, and may have sent half a record"));
            throw;
        }
        catch (Exception e) when (e is SocketException or (IOException and not TlsException) or ObjectDisposedException)
        {
            throw Break(new TlsException(TlsFailure.Network, null, "the transport failed while writing", e));
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Copies finished records out of the machine, which may be called again meanwhile.</summary>
    private int TakeOutput(ref byte[]? buffer)
    {
        lock (_machine)
        {
            ReadOnlyMemory<byte> output = _disposed ? default : _connection!.Output;
            TakeEvents();
            _outputWaits = false;
            if (output.IsEmpty)
            {
                return 0;
            }

            buffer ??= ArrayPool<byte>.Shared.Rent(output.Length);
            int count = Math.Min(output.Length, buffer.Length);
            output.Span[..count].CopyTo(buffer);
            _connection!.Sent(count);
            return count;
        }
    }

    /// <summary>
    /// Sends what reading brought about: an answer to a key update, an alert. It never waits: a reader that waited for a peer that waits for its
    /// reader would wait for ever. Whoever is sending now sends this too.
    /// </summary>
    private void FlushInPassing()
    {
        if (_outputWaits && _sending.Wait(0, CancellationToken.None))
        {
            _ = SendAndReleaseAsync();
        }
    }

    private async Task SendAndReleaseAsync()
    {
        try
        {
            await SendHeldAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (TlsException)
        {
            // Remembered; reader and writer will throw it.
        }
        finally
        {
            _sending.Release();
        }

        FlushInPassing();
    }

    private async ValueTask SendCloseAsync(CancellationToken cancellation)
    {
        byte[] close = TakeClose();
        if (close.Length > 0)
        {
            await _transport.WriteAsync(close, cancellation).ConfigureAwait(false);
        }

        // An alert that a reset overtakes is an alert that nobody reads: what the peer has sent meanwhile is taken first.
        if (_failure is { Failure: TlsFailure.RefusedByUs })
        {
            _transport.ShutdownWrite();
            byte[] drain = new byte[4096];
            while (await _transport.ReadAsync(drain, cancellation).ConfigureAwait(false) > 0)
            {
            }
        }
    }

    private byte[] TakeClose()
    {
        lock (_machine)
        {
            if (_info is not null && _failure is null)
            {
                _connection!.CloseWrite();
            }

            byte[] output = _connection!.Output.ToArray();
            _connection.Sent(output.Length);
            return output;
        }
    }

    private enum WriteAction
    {
        Nothing,
        Data,
        Close,
        UpdateOwnKeys,
        UpdateBothKeys,
    }
}
