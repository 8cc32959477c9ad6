using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>A socket of a <see cref="LinuxBatchPump"/>, whose slots it shares with the pump's other sockets.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxUdpSocket : IUdpSocket
{
    // SOL_SOCKET and SO_MEMINFO: nine counters of the socket's memory, of which the first is what is queued for reading, the second its
    // bound, and the last the number of datagrams dropped.
    private const int SocketLevel = 1, MemoryInfo = 55, MemoryInfoSize = 36;

    // A system call every ten milliseconds at most: a buffer of 4 MiB takes longer to fill.
    private static readonly TimeSpan BacklogInterval = TimeSpan.FromMilliseconds(10);

    private readonly LinuxBatchPump _pump;
    private readonly Socket _socket;
    private Instant _judgedUntil;
    private uint _drops;
    private bool _backlogged;

    public LinuxUdpSocket(LinuxBatchPump pump, in Endpoint local, int receiveBufferBytes)
    {
        _pump = pump;
        ScopeId = SocketAddressCodec.ScopeIdOf(local);
        _socket = UdpBinding.Bind(local, ScopeId, receiveBufferBytes, out Endpoint bound);
        Local = bound;
        Descriptor = (int)_socket.SafeHandle.DangerousGetHandle();
        if (local.AddressHigh == 0 && local.AddressLow == 0)
        {
            (int level, int name) = LinuxPacketInfo.Option(local.IsV6);
            _socket.SetRawSocketOption(level, name, [1, 0, 0, 0]);
            Asked = new();
        }
    }

    public Endpoint Local { get; }

    public bool Readable { get; set; }

    public UdpCounters Counters { get; } = new();

    internal int Descriptor { get; }

    internal uint ScopeId { get; }

    /// <summary>Where a wildcard socket was asked; null for a socket with one address.</summary>
    internal AskedAddresses<Endpoint>? Asked { get; }

    public int Receive() => _pump.Receive(this);

    public bool IsBacklogged(Instant now)
    {
        if (now < _judgedUntil)
        {
            return _backlogged;
        }

        _judgedUntil = now + BacklogInterval;
        Span<byte> memory = stackalloc byte[MemoryInfoSize];
        try
        {
            _socket.GetRawSocketOption(SocketLevel, MemoryInfo, memory);
        }
        catch (SocketException)
        {
            // A kernel before 4.12 does not tell: then a full batch has to do.
            _judgedUntil = Instant.Never;
            return _backlogged = true;
        }

        ReadOnlySpan<uint> counters = MemoryMarshal.Cast<byte, uint>(memory);
        uint queued = counters[0], bound = counters[1], drops = counters[8];
        _backlogged = drops != _drops || queued > bound / 2;
        _drops = drops;
        return _backlogged;
    }

    public bool TryGet(int index, out ReadOnlySpan<byte> datagram, out Endpoint from) => _pump.TryGet(this, index, out datagram, out from);

    public Span<byte> Rent() => _pump.Rent();

    public void Send(int length, in Endpoint to) => _pump.Send(this, length, to);

    public void Dispose()
    {
        _pump.Remove(this);
        _socket.Dispose();
    }
}
