using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// The same behaviour as <see cref="LinuxBatchPump"/> on the sockets of .NET, for every platform: one system call a datagram.
/// </summary>
internal sealed class PortableSocketPump : IUdpPump
{
    private readonly bool _loopbackOnly;
    private readonly List<PortableUdpSocket> _sockets = [];
    private readonly List<Socket> _selected = [];
    private readonly Socket _waker;
    private readonly byte[] _wakeBuffer = new byte[1];
    private readonly Lock _wakeLock = new();
    private readonly AddressChanges _changes;
    private HashSet<Endpoint>? _present;
    private bool _disposed;

    public PortableSocketPump(bool loopbackOnly)
    {
        _loopbackOnly = loopbackOnly;
        // A datagram socket that sends to itself is the wake-up that every platform can select on.
        _waker = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        _waker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _waker.Connect(_waker.LocalEndPoint!);
        _changes = new(OnAddressesChanged);
    }

    internal byte[][] Slots { get; } = NewSlots();

    internal Endpoint[] Sources { get; } = new Endpoint[IUdpPump.Batch];

    internal int[] Lengths { get; } = new int[IUdpPump.Batch];

    internal byte[] SendSlot { get; } = new byte[DatagramLimits.SendSlot];

    internal bool LoopbackOnly => _loopbackOnly;

    public IUdpSocket Open(in Endpoint local, int receiveBufferBytes)
    {
        PortableUdpSocket socket = new(this, local, receiveBufferBytes);
        _sockets.Add(socket);
        return socket;
    }

    public void Wait(TimeSpan timeout)
    {
        if (Interlocked.Exchange(ref _present, null) is { } present)
        {
            foreach (PortableUdpSocket socket in _sockets)
            {
                socket.DropLegs(present);
            }
        }

        _selected.Clear();
        _selected.Add(_waker);
        foreach (PortableUdpSocket socket in _sockets)
        {
            foreach (PortableLeg leg in socket.Legs)
            {
                leg.Readable = false;
                _selected.Add(leg.Socket);
            }
        }

        long microseconds = Math.Clamp(timeout.Ticks / TimeSpan.TicksPerMicrosecond, 0, int.MaxValue);
        Socket.Select(_selected, null, null, (int)microseconds);
        bool woken = false;
        foreach (Socket ready in _selected)
        {
            woken |= ReferenceEquals(ready, _waker);
            MarkReadable(ready);
        }

        while (woken && _waker.Available > 0)
        {
            _waker.Receive(_wakeBuffer, 0, 1, SocketFlags.None, out _);
        }
    }

    public void Wake()
    {
        lock (_wakeLock)
        {
            if (!_disposed)
            {
                _waker.Send([1], 0, 1, SocketFlags.None, out _);
            }
        }
    }

    public void Flush()
    {
        // Each datagram was handed over when it was sent.
    }

    public void Dispose()
    {
        _changes.Dispose();
        lock (_wakeLock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _waker.Dispose();
        }

        while (_sockets.Count > 0)
        {
            _sockets[^1].Dispose();
        }
    }

    internal void Remove(PortableUdpSocket socket) => _sockets.Remove(socket);

    private void OnAddressesChanged()
    {
        try
        {
            HashSet<Endpoint> present = [];
            foreach (NetworkInterface nic in NetworkInterface.GetAllNetworkInterfaces())
            {
                foreach (UnicastIPAddressInformation unicast in nic.GetIPProperties().UnicastAddresses)
                {
                    present.Add(SocketAddressCodec.FromIPAddress(unicast.Address, 0));
                }
            }

            Interlocked.Exchange(ref _present, present);
            Wake();
        }
        catch (NetworkInformationException)
        {
            // An interface that goes while it is asked; the next change tells again.
        }
    }

    private void MarkReadable(Socket ready)
    {
        foreach (PortableUdpSocket socket in _sockets)
        {
            foreach (PortableLeg leg in socket.Legs)
            {
                if (ReferenceEquals(leg.Socket, ready))
                {
                    leg.Readable = true;
                    return;
                }
            }
        }
    }

    private static byte[][] NewSlots()
    {
        byte[][] slots = new byte[IUdpPump.Batch][];
        for (int i = 0; i < IUdpPump.Batch; i++)
        {
            // One byte more than a slot holds: a datagram that reaches it was longer, which not every platform tells.
            slots[i] = new byte[DatagramLimits.ReceiveSlot + 1];
        }

        return slots;
    }
}
