using System.Buffers;
using System.Threading.Channels;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// A socket that another protocol owns: what the node sends is queued, and a pool thread hands it to the owner; what came in is offered by
/// the owner. It passes no pump.
/// </summary>
internal sealed class SharedUdpSocket : IUdpSocket
{
    // Two full batches: more than a node sends in one cycle; beyond, datagrams are dropped and counted as the kernel would.
    private const int Capacity = 128;

    private readonly SharedSocket _shared;
    private readonly bool _loopbackOnly;
    private readonly Channel<(byte[] Buffer, int Length, Endpoint To)> _outgoing =
        Channel.CreateBounded<(byte[] Buffer, int Length, Endpoint To)>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private byte[] _slot = ArrayPool<byte>.Shared.Rent(DatagramLimits.SendSlot);

    public SharedUdpSocket(SharedSocket shared, bool loopbackOnly)
    {
        (_shared, _loopbackOnly) = (shared, loopbackOnly);
        Sending = Task.Run(SendAsync);
    }

    public Endpoint Local => _shared.Local;

    public bool Readable => false;

    public UdpCounters Counters { get; } = new();

    /// <summary>Ends when all that was queued has been handed over, after the socket was disposed.</summary>
    public Task Sending { get; }

    public int Receive() => 0;

    public bool IsBacklogged(Instant now) => false;

    public bool TryGet(int index, out ReadOnlySpan<byte> datagram, out Endpoint from)
    {
        datagram = default;
        from = default;
        return false;
    }

    public Span<byte> Rent() => _slot.AsSpan(0, DatagramLimits.SendSlot);

    public void Send(int length, in Endpoint to)
    {
        if (!Counters.Judge(to, _loopbackOnly))
        {
            return;
        }

        if (_outgoing.Writer.TryWrite((_slot, length, to)))
        {
            Counters.Sent++;
            _slot = ArrayPool<byte>.Shared.Rent(DatagramLimits.SendSlot);
        }
        else
        {
            Counters.SendFailed++;
        }
    }

    public void Dispose() => _outgoing.Writer.TryComplete();

    private async Task SendAsync()
    {
        await foreach ((byte[] buffer, int length, Endpoint to) in _outgoing.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                _shared.Send(buffer.AsMemory(0, length), to);
            }
            catch (Exception)
            {
                // The owner's socket may be gone or full; a datagram more or less is what UDP promises.
                Interlocked.Increment(ref Counters.SendFailed);
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
