using System.Net.Sockets;
using System.Runtime.Versioning;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>A socket of a <see cref="LinuxBatchPump"/>, whose slots it shares with the pump's other sockets.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxUdpSocket : IUdpSocket
{
    private readonly LinuxBatchPump _pump;
    private readonly Socket _socket;

    public LinuxUdpSocket(LinuxBatchPump pump, in Endpoint local, int receiveBufferBytes)
    {
        _pump = pump;
        ScopeId = SocketAddressCodec.ScopeIdOf(local);
        _socket = UdpBinding.Bind(local, ScopeId, receiveBufferBytes, out Endpoint bound);
        Local = bound;
        Descriptor = (int)_socket.SafeHandle.DangerousGetHandle();
        if (local.AddressHigh == 0 && local.AddressLow == 0)
        {
            (int level, int name) = AskedAddresses.Option(local.IsV6);
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
    internal AskedAddresses? Asked { get; }

    public int Receive() => _pump.Receive(this);

    public bool TryGet(int index, out ReadOnlySpan<byte> datagram, out Endpoint from) => _pump.TryGet(this, index, out datagram, out from);

    public Span<byte> Rent() => _pump.Rent();

    public void Send(int length, in Endpoint to) => _pump.Send(this, length, to);

    public void Dispose()
    {
        _pump.Remove(this);
        _socket.Dispose();
    }
}
