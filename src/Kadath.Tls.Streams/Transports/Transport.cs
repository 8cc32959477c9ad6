using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Kadath.Tls.Streams;

/// <summary>What a TLS stream lies on.</summary>
internal abstract class Transport
{
    /// <summary>Bytes that came, at least one; 0 at the end. With an empty buffer: waits until there are some, or returns at once where the transport cannot.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Sends all bytes.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Sends all bytes and waits for it.</summary>
    public abstract void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Says that nothing more will be sent, where the transport can.</summary>
    public virtual void ShutdownWrite()
    {
    }

    public abstract ValueTask DisposeAsync();

    public abstract void Dispose();
}

/// <summary>Over any stream.</summary>
internal sealed class StreamTransport(Stream stream, bool leaveOpen) : Transport
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) => stream.ReadAsync(buffer, cancellation);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => stream.WriteAsync(bytes, cancellation);

    public override void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    public override ValueTask DisposeAsync() => leaveOpen ? ValueTask.CompletedTask : stream.DisposeAsync();

    public override void Dispose()
    {
        if (!leaveOpen)
        {
            stream.Dispose();
        }
    }
}

/// <summary>Over a connected socket.</summary>
internal sealed class SocketTransport(Socket socket, bool ownsSocket) : Transport
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        buffer.IsEmpty ? WaitAsync(cancellation) : socket.ReceiveAsync(buffer, SocketFlags.None, cancellation);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ValueTask<int> sending = socket.SendAsync(bytes, SocketFlags.None, cancellation);
        return sending.IsCompletedSuccessfully && sending.Result == bytes.Length ? ValueTask.CompletedTask : FinishAsync(sending, bytes, cancellation);
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes, SocketFlags.None)..];
        }
    }

    public override void ShutdownWrite()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer is gone already.
        }
    }

    public override ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public override void Dispose()
    {
        if (ownsSocket)
        {
            socket.Dispose();
        }
    }

    private ValueTask<int> WaitAsync(CancellationToken cancellation) => socket.Poll(0, SelectMode.SelectRead) ? ValueTask.FromResult(0) : WaitLongerAsync(cancellation);

    /// <summary>A receive of nothing may return for a readiness that was used up before: then it is tried again, though not for ever.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitLongerAsync(CancellationToken cancellation)
    {
        for (int tries = 0; tries < 3; tries++)
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellation).ConfigureAwait(false);
            if (socket.Poll(0, SelectMode.SelectRead))
            {
                break;
            }
        }

        return 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask<int> sending, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        bytes = bytes[await sending.ConfigureAwait(false)..];
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation).ConfigureAwait(false)..];
        }
    }
}
