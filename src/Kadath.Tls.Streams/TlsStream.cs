using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Tls.Streams;

/// <summary>
/// TLS 1.3 over a stream or a socket. First <see cref="AuthenticateAsClientAsync"/> or <see cref="AuthenticateAsServerAsync"/>, then read and write.
/// </summary>
/// <remarks>
/// <para>One reader and one writer may be at work at once; a second of either throws. A read that is cancelled loses nothing, and reading can go
/// on. A write that is cancelled may have sent half a record: then writing is over, and says so.</para>
/// <para>A read of zero bytes returns when there is something to read, or the end. The end is told only by close_notify: a transport that ends
/// without it makes reads throw <see cref="TlsFailure.Truncated"/>. <see cref="CloseWriteAsync"/> ends our side, and reading goes on.</para>
/// <para>While no read is pending nothing is received; while one waits on a silent peer no buffer is held.</para>
/// </remarks>
public sealed partial class TlsStream : Stream, IThreadPoolWorkItem
{
    private readonly Transport _transport;

    // The machine takes one call at a time; reader and writer meet here, for no longer than it takes to seal or open a record.
    private readonly Lock _machine = new();
    private readonly SemaphoreSlim _sending = new(1);
    private TlsConnection? _connection;
    private TlsConnectionInfo? _info;
    private TlsException? _failure;
    private int _readers, _writers, _keyUpdatesSent, _keyUpdatesReceived;
    private bool _disposed;

    /// <summary>TLS over a stream.</summary>
    /// <param name="inner">A stream that reads and writes, such as a pipe or a <see cref="NetworkStream"/>.</param>
    /// <param name="leaveOpen">Whether it stays open when this stream is disposed of.</param>
    public TlsStream(Stream inner, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _transport = new StreamTransport(inner, leaveOpen);
    }

    /// <summary>TLS over a connected socket, which saves a layer.</summary>
    /// <param name="socket">A stream socket. Set <see cref="Socket.NoDelay"/> where answers matter.</param>
    /// <param name="ownsSocket">Whether it is closed when this stream is disposed of.</param>
    public TlsStream(Socket socket, bool ownsSocket = true)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _transport = new SocketTransport(socket, ownsSocket);
    }

    /// <summary>Whether the handshake is complete.</summary>
    public bool IsEstablished => _info is not null;

    /// <summary>What was agreed on.</summary>
    /// <exception cref="InvalidOperationException">The handshake is not complete.</exception>
    public TlsConnectionInfo Info => _info ?? throw NotEstablished();

    /// <summary>How often we have replaced our sending keys.</summary>
    public int KeyUpdatesSent => Volatile.Read(ref _keyUpdatesSent);

    /// <summary>How often the peer has replaced its sending keys.</summary>
    public int KeyUpdatesReceived => Volatile.Read(ref _keyUpdatesReceived);

    /// <inheritdoc/>
    public override bool CanRead => IsEstablished && !_disposed;

    /// <inheritdoc/>
    public override bool CanWrite => IsEstablished && !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <summary>Not supported: a connection has no length.</summary>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported: a connection has no position.</summary>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The driver's clock: monotonic, the same for all connections of the process, so that tickets of one serve another.</summary>
    internal static Instant Now => new(System.Diagnostics.Stopwatch.GetElapsedTime(0).Ticks);

    /// <summary>Exports keying material (RFC 9846 section 7.5): both sides get the same bytes, bound to this connection.</summary>
    /// <param name="label">A registered label such as <c>EXPORTER-Channel-Binding</c> (RFC 9266), or one that begins with <c>EXPERIMENTAL</c>.</param>
    /// <param name="context">Any context; an empty one and none are the same.</param>
    /// <param name="output">What to fill, at most 255 times the hash's length.</param>
    /// <exception cref="InvalidOperationException">The handshake is not complete.</exception>
    public void Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        lock (_machine)
        {
            Established().Handshake.Export(label, context, output);
        }
    }

    /// <summary>Not supported.</summary>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Says that we close, if nothing prevents it at once, erases the keys and closes what lies below.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        if (_connection is not null && _sending.Wait(0, CancellationToken.None))
        {
            using CancellationTokenSource deadline = new(ClosePatience);
            try
            {
                await SendCloseAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or TlsException)
            {
                // The peer will see an end without close_notify, as it has to.
            }
        }

        await _transport.DisposeAsync().ConfigureAwait(false);
        Forget();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !Interlocked.Exchange(ref _disposed, true))
        {
            if (_connection is not null && _sending.Wait(0, CancellationToken.None))
            {
                try
                {
                    _transport.Write(TakeClose());
                }
                catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
                {
                    // The peer will see an end without close_notify, as it has to.
                }
            }

            _transport.Dispose();
            Forget();
        }

        base.Dispose(disposing);
    }

    private static InvalidOperationException NotEstablished() => new("The handshake is not complete: call AuthenticateAsClientAsync or AuthenticateAsServerAsync first.");

    private TlsConnection Established()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _info is null ? throw NotEstablished() : _connection!;
    }

    private void Forget()
    {
        lock (_machine)
        {
            _connection?.Dispose();
            _idle?.Dispose();
        }
    }

    /// <summary>Takes what the machine has to tell. Under the lock.</summary>
    private void TakeEvents()
    {
        while (_connection!.TakeEvent() is { } fact)
        {
            switch (fact)
            {
                case TlsEvent.KeysUpdated { Direction: TrafficDirection.Send }:
                    _keyUpdatesSent++;
                    break;
                case TlsEvent.KeysUpdated:
                    _keyUpdatesReceived++;
                    break;
                default:
                    _facts.Take(fact);
                    break;
            }
        }
    }
}
