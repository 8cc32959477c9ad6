using System.Net;
using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>A socket of a <see cref="PortableSocketPump"/>, whose slots it shares with the pump's other sockets.</summary>
internal sealed class PortableUdpSocket : IUdpSocket
{
    private readonly PortableSocketPump _pump;
    private readonly uint _scopeId;
    private readonly bool _v6;
    private readonly SocketAddress _source;
    private readonly SocketAddress _destination;

    public PortableUdpSocket(PortableSocketPump pump, in Endpoint local, int receiveBufferBytes)
    {
        _pump = pump;
        _v6 = local.IsV6;
        _scopeId = SocketAddressCodec.ScopeIdOf(local);
        Socket = UdpBinding.Bind(local, _scopeId, receiveBufferBytes, out Endpoint bound);
        Local = bound;
        AddressFamily family = _v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        _source = new(family);
        _destination = new(family);
    }

    public Endpoint Local { get; }

    public bool Readable { get; set; }

    public UdpCounters Counters { get; } = new();

    internal Socket Socket { get; }

    public int Receive()
    {
        int count = 0;
        // The first receive follows the word of the wait, so that an empty datagram cannot block the queue; the others look first, since
        // finding nothing is an exception here, and exceptions are slow.
        bool trusted = Readable;
        Readable = false;
        while (count < PortableSocketPump.Batch && (trusted || Socket.Available > 0))
        {
            trusted = false;
            if (!TryReceive(out int length))
            {
                break;
            }

            Counters.Received++;
            _pump.Lengths[count] = length;
            _pump.Sources[count++] = SocketAddressCodec.Read(_source.Buffer.Span, _v6);
        }

        return count;

        bool TryReceive(out int length)
        {
            length = 0;
            try
            {
                _source.Size = _source.Buffer.Length;
                length = Socket.ReceiveFrom(_pump.Slots[count], SocketFlags.None, _source);
                return true;
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.MessageSize)
            {
                length = DatagramLimits.ReceiveSlot + 1;
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    public bool IsBacklogged(Instant now) => Socket.Available > 0;

    public bool TryGet(int index, out ReadOnlySpan<byte> datagram, out Endpoint from)
    {
        int length = _pump.Lengths[index];
        from = _pump.Sources[index];
        if (length > DatagramLimits.ReceiveSlot)
        {
            Counters.Truncated++;
            datagram = default;
            return false;
        }

        datagram = _pump.Slots[index].AsSpan(0, length);
        return true;
    }

    public Span<byte> Rent() => _pump.SendSlot;

    public void Send(int length, in Endpoint to)
    {
        if (!Counters.Judge(to, _pump.LoopbackOnly))
        {
            return;
        }

        if (to.IsV6 != _v6)
        {
            Counters.SendFailed++;
            return;
        }

        try
        {
            SocketAddressCodec.WriteAddress(to, _scopeId, _destination.Buffer.Span);
            Socket.SendTo(_pump.SendSlot.AsSpan(0, length), SocketFlags.None, _destination);
            Counters.Sent++;
        }
        catch (SocketException)
        {
            Counters.SendFailed++;
        }
    }

    public void Dispose()
    {
        _pump.Remove(this);
        Socket.Dispose();
    }
}
