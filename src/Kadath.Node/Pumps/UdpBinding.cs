using System.Net;
using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>Binds UDP sockets the same way for both pumps, and explains why it did not work.</summary>
internal static class UdpBinding
{
    // Windows reports a peer's ICMP "port unreachable" as an error of the next receive unless this is off.
    private const int WindowsConnectionReset = unchecked((int)0x9800000C);

    private const int SendBufferBytes = 1 << 20;

    public static Socket Bind(in Endpoint local, uint scopeId, int receiveBufferBytes, out Endpoint bound)
    {
        Socket? socket = null;
        try
        {
            socket = Create(local, receiveBufferBytes);
            socket.Bind(SocketAddressCodec.ToIPEndPoint(local, scopeId));
            bound = local.WithPort((ushort)((IPEndPoint)socket.LocalEndPoint!).Port);
            return socket;
        }
        catch (SocketException fault)
        {
            socket?.Dispose();
            throw Explain(local, fault);
        }
    }

    /// <summary>A socket that is ready to be bound. Throws <see cref="SocketException"/>.</summary>
    public static Socket Create(in Endpoint local, int receiveBufferBytes)
    {
        Socket socket = new(local.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            Blocking = false,
            ReceiveBufferSize = receiveBufferBytes,
            SendBufferSize = SendBufferBytes,
        };
        if (local.IsV6)
        {
            socket.DualMode = false;
        }

        if (OperatingSystem.IsWindows())
        {
            socket.IOControl(WindowsConnectionReset, [0, 0, 0, 0], null);
        }

        return socket;
    }

    private static BindException Explain(in Endpoint local, SocketException fault) => fault.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => new(local, "the port is in use", "stop the program that has it, or choose another port (0 takes a free one)", fault),
        SocketError.AddressNotAvailable => new(local, "this machine has no such address", "bind an address of this machine, or 0.0.0.0 or [::] for all", fault),
        SocketError.AccessDenied => new(local, "not permitted", "choose a port of 1024 or higher", fault),
        SocketError.AddressFamilyNotSupported => new(local, "the address family is not available here", "bind an address of another family", fault),
        _ => new(local, fault.Message, "check the address and the port", fault),
    };
}
