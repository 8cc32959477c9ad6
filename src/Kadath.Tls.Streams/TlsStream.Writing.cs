using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Kadath.Tls.Streams;

public sealed partial class TlsStream
{
    // Sealed at a time: enough that a system call carries two full records, and no more memory while a slow peer is awaited.
    private const int ChunkBytes = 32 * 1024;

    private static readonly TimeSpan ClosePatience = TimeSpan.FromMilliseconds(500);

    private volatile bool _outputWaits;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Established();
        return buffer.IsEmpty ? ValueTask.CompletedTask : ActAsync(WriteAction.Data, buffer, cancellationToken);
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
                case WriteAction.Data: _connection!.Write(data, Now); break;
                case WriteAction.Close: _connection!.CloseWrite(); break;
                default: _connection!.UpdateKeys(askPeer: action == WriteAction.UpdateBothKeys); break;
            }
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
        Data,
        Close,
        UpdateOwnKeys,
        UpdateBothKeys,
    }
}
