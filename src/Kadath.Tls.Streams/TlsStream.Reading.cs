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

        // What is here already comes without waiting.
        int taken = TakeAvailable(buffer.Span);
        if (taken > 0 || _plainLength > 0)
        {
            Volatile.Write(ref _readers, 0);
            FlushInPassing();
            return new ValueTask<int>(taken);
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
                int taken = TakeAvailable(buffer.Span);
                if (taken > 0 || _plainLength > 0 || _readEnded)
                {
                    return taken;
                }

                if (_failure is not null)
                {
                    throw _failure;
                }

                FlushInPassing();
                if (!await FillAsync(cancellation).ConfigureAwait(false))
                {
                    throw Break(TlsException.Truncated());
                }
            }
        }
        finally
        {
            // The alert that says why reading failed.
            FlushInPassing();
            Volatile.Write(ref _readers, 0);
        }
    }

    /// <summary>Opens records that are here whole, as many as there is room for. A failure is remembered, and what came before it handed out first.</summary>
    private int TakeAvailable(Span<byte> destination)
    {
        int total = 0;
        while (true)
        {
            if (_plainLength > 0)
            {
                total += TakePlain(destination[total..]);
                if (total == destination.Length)
                {
                    return total;
                }
            }

            if (_inputStart == _inputEnd || _readEnded || Step() is TlsReadKind.NeedsMore or TlsReadKind.Failed)
            {
                return total;
            }
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
                return TlsReadKind.Failed;
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

            if (read.Kind == TlsReadKind.Failed && _info is not null)
            {
                Break(TlsException.Of(_connection.Fault!));
            }

            return read.Kind;
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
