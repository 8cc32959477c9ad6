using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Kadath.Tls.Streams;

public sealed partial class TlsStream
{
    // Two of the longest records: a full one is there while the next arrives.
    private const int InputBytes = 2 * TlsConnection.MaxRecordBytes;

    private byte[]? _input;
    private int _inputStart, _inputEnd, _inputUsed, _plainStart, _plainLength;
    private bool _readEnded;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Established();
        if (Interlocked.Exchange(ref _readers, 1) != 0)
        {
            throw new NotSupportedException("A read is pending already: one reader at a time.");
        }

        try
        {
            // What was opened before is there without waiting.
            if (_plainLength > 0)
            {
                int taken = TakePlain(buffer.Span);
                Volatile.Write(ref _readers, 0);
                return new ValueTask<int>(taken);
            }
        }
        catch
        {
            Volatile.Write(ref _readers, 0);
            throw;
        }

        return ReadSlowAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadSlowAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                if (_plainLength > 0)
                {
                    return TakePlain(buffer.Span);
                }

                if (_readEnded)
                {
                    return 0;
                }

                if (Step() == TlsReadKind.NeedsMore && !await FillAsync(cancellation).ConfigureAwait(false))
                {
                    throw Break(TlsException.Truncated());
                }

                FlushInPassing();
            }
        }
        finally
        {
            // The alert that says why reading failed.
            FlushInPassing();
            Volatile.Write(ref _readers, 0);
        }
    }

    /// <summary>Has the machine take one record.</summary>
    private TlsReadKind Step()
    {
        lock (_machine)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_failure is not null)
            {
                throw _failure;
            }

            TlsRead read = _connection!.Receive(_input is null ? [] : _input.AsSpan(_inputStart, _inputEnd - _inputStart), Now);
            switch (read.Kind)
            {
                case TlsReadKind.ApplicationData:
                    (_plainStart, _plainLength) = (_inputStart + read.Offset, read.Length);
                    break;
                case TlsReadKind.EarlyData:
                    _earlyData.Write(_input.AsSpan(_inputStart + read.Offset, read.Length));
                    break;
                case TlsReadKind.Closed:
                    _readEnded = true;
                    break;
            }

            _inputStart += read.Consumed;
            if (read.Kind is not (TlsReadKind.ApplicationData or TlsReadKind.NeedsMore))
            {
                _outputWaits = !_connection.Output.IsEmpty;
                TakeEvents();
            }

            return read.Kind != TlsReadKind.Failed || _info is null ? read.Kind : throw Break(TlsException.Of(_connection.Fault!));
        }
    }

    private int TakePlain(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _plainLength);
        _input.AsSpan(_plainStart, count).CopyTo(destination);
        _plainStart += count;
        _plainLength -= count;
        return count;
    }

    /// <summary>Receives something behind what is there; false at the transport's end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        try
        {
            if (_inputStart == _inputEnd)
            {
                // Silent peers hold no buffer. A transport that cannot wait so returns at once.
                ValueTask<int> waiting = _transport.ReadAsync(Memory<byte>.Empty, cancellation);
                if (!waiting.IsCompleted)
                {
                    ReturnInput();
                }

                await waiting.ConfigureAwait(false);
                (_inputStart, _inputEnd) = (0, 0);
            }

            _input ??= ArrayPool<byte>.Shared.Rent(InputBytes);
            if (_inputStart > 0)
            {
                _input.AsSpan(_inputStart, _inputEnd - _inputStart).CopyTo(_input);
                (_inputStart, _inputEnd) = (0, _inputEnd - _inputStart);
            }

            int count = await _transport.ReadAsync(_input.AsMemory(_inputEnd), cancellation).ConfigureAwait(false);
            _inputEnd += count;
            _inputUsed = Math.Max(_inputUsed, _inputEnd);
            return count > 0;
        }
        catch (Exception e) when (e is SocketException or (IOException and not TlsException))
        {
            throw Break(new TlsException(TlsFailure.Network, null, "the transport failed while reading", e));
        }
    }

    /// <summary>Gives the empty buffer back. It held plaintext, which nobody else shall find.</summary>
    private void ReturnInput()
    {
        if (_input is not null)
        {
            _input.AsSpan(0, _inputUsed).Clear();
            ArrayPool<byte>.Shared.Return(_input);
            (_input, _inputUsed) = (null, 0);
        }
    }

    /// <summary>Remembers the failure: all that follows throws it again.</summary>
    private TlsException Break(TlsException failure) => _failure ??= failure;
}
