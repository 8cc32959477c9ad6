using System.Net;
using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// A socket of a <see cref="PortableSocketPump"/>, whose slots it shares with the pump's other sockets. A wildcard one gets a leg for each
/// address at which it is asked.
/// </summary>
internal sealed class PortableUdpSocket : IUdpSocket
{
    // Addresses of one machine that are asked: a server has a handful, and a temporary IPv6 address comes every day. What is asked at more is
    // answered as the kernel sees fit.
    private const int MaxLegs = 32;

    private readonly PortableSocketPump _pump;
    private readonly List<PortableLeg> _legs = [];
    private readonly AskedAddresses<PortableLeg>? _asked;
    private readonly uint _scopeId;
    private readonly int _receiveBufferBytes;
    private readonly bool _v6;
    private readonly SocketAddress _source;
    private readonly SocketAddress _destination;
    private int _turn;
    private bool _alone;

    public PortableUdpSocket(PortableSocketPump pump, in Endpoint local, int receiveBufferBytes)
    {
        _pump = pump;
        _v6 = local.IsV6;
        _receiveBufferBytes = receiveBufferBytes;
        _scopeId = SocketAddressCodec.ScopeIdOf(local);
        Socket socket = UdpBinding.Bind(local, _scopeId, receiveBufferBytes, out Endpoint bound);
        Local = bound;
        _legs.Add(new(socket, bound));
        AddressFamily family = _v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        _source = new(family);
        _destination = new(family);
        if (local.AddressHigh == 0 && local.AddressLow == 0)
        {
            _asked = TellsWhereItWasAsked(socket) ? new() : null;
        }
    }

    public Endpoint Local { get; }

    public bool Readable => _legs.Exists(static leg => leg.Readable);

    public UdpCounters Counters { get; } = new();

    /// <summary>The sockets to wait for.</summary>
    internal List<PortableLeg> Legs => _legs;

    public int Receive()
    {
        int count = 0;
        // Each batch begins with another leg, so that a busy one starves none; legs that come meanwhile have their turn in the next.
        for (int i = 0, legs = _legs.Count; i < legs && count < IUdpPump.Batch; i++)
        {
            count = Receive(_legs[(_turn + i) % legs], count);
        }

        _turn = (_turn + 1) % _legs.Count;
        return count;
    }

    public bool IsBacklogged(Instant now) => _legs.Exists(static leg => leg.Socket.Available > 0);

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
        return from.IsValid;
    }

    public Span<byte> Rent() => _pump.SendSlot;

    public void Send(int length, in Endpoint to)
    {
        if (!Counters.Judge(to, _pump.LoopbackOnly))
        {
            return;
        }

        bool own = to.IsV6 == _v6;
        bool sent = own && _asked is not null && _asked.TryGet(to, out PortableLeg? leg) && TrySend(leg, length, to);
        if (sent || (own && TrySend(_legs[0], length, to)))
        {
            Counters.Sent++;
        }
        else
        {
            Counters.SendFailed++;
        }
    }

    /// <summary>Addresses of this machine came or went: legs at those that are gone go too, for what leaves from there is answered to nobody.</summary>
    /// <param name="present">The addresses that there are, without port; those of the loopback interface are always there.</param>
    internal void DropLegs(HashSet<Endpoint> present)
    {
        for (int i = _legs.Count - 1; i > 0; i--)
        {
            Endpoint local = _legs[i].Local;
            if (local.Scope != AddressScope.Loopback && !present.Contains(local.WithPort(0)))
            {
                _asked!.Forget();
                _legs[i].Dispose();
                _legs.RemoveAt(i);
                _turn = 0;
            }
        }

        _alone = false;
    }

    public void Dispose()
    {
        _pump.Remove(this);
        _legs.ForEach(static leg => leg.Dispose());
    }

    private bool TellsWhereItWasAsked(Socket socket)
    {
        try
        {
            socket.SetSocketOption(_v6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            return true;
        }
        catch (SocketException)
        {
            // Not on this platform: the system chooses where a reply leaves from.
            return false;
        }
    }

    private int Receive(PortableLeg leg, int count)
    {
        // The first receive follows the word of the wait, so that an empty datagram cannot block the queue; the others look first, since
        // finding nothing is an exception here, and exceptions are slow.
        bool trusted = leg.Readable;
        leg.Readable = false;
        while (count < IUdpPump.Batch && (trusted || leg.Socket.Available > 0))
        {
            trusted = false;
            if (!TryReceive(leg, _pump.Slots[count], out int length, out Endpoint from))
            {
                break;
            }

            Counters.Received++;
            _pump.Lengths[count] = length;
            _pump.Sources[count++] = from;
        }

        return count;
    }

    private bool TryReceive(PortableLeg leg, byte[] slot, out int length, out Endpoint from)
    {
        bool received;
        if (_asked is not null && ReferenceEquals(leg, _legs[0]))
        {
            received = leg.TryReceive(slot, out length, out from, out Endpoint asked);
            if (received && AskedAddresses<PortableLeg>.CanAnswer(asked) && LegAt(asked) is { } own)
            {
                _asked.Remember(from, own);
            }

            return received;
        }

        received = leg.TryReceive(slot, _source, out length);
        from = received ? SocketAddressCodec.Read(_source.Buffer.Span, _v6) : default;
        if (received)
        {
            _asked?.Remember(from, leg);
        }

        return received;
    }

    private PortableLeg? LegAt(in Endpoint asked)
    {
        foreach (PortableLeg leg in _legs)
        {
            if (leg.Local == asked)
            {
                return leg;
            }
        }

        if (_alone || _legs.Count > MaxLegs)
        {
            return null;
        }

        PortableLeg? opened = PortableLeg.TryOpenBeside(_legs[0], asked, _receiveBufferBytes);
        if (opened is null)
        {
            // A platform that refuses once refuses always.
            _alone = true;
            return null;
        }

        _legs.Add(opened);
        return opened;
    }

    private bool TrySend(PortableLeg leg, int length, in Endpoint to)
    {
        try
        {
            SocketAddressCodec.WriteAddress(to, _scopeId, _destination.Buffer.Span);
            leg.Socket.SendTo(_pump.SendSlot.AsSpan(0, length), SocketFlags.None, _destination);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
