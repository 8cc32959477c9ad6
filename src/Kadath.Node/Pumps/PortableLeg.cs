using System.Net;
using System.Net.Sockets;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>
/// One socket of .NET under a <see cref="PortableUdpSocket"/>: its own, or one of those that stand beside a wildcard socket on the same port,
/// each at one address of this machine, so that a reply leaves from the address that was asked. .NET has no call that names the source of a
/// datagram; a socket of its own for each address is what every platform understands.
/// </summary>
internal sealed class PortableLeg(Socket socket, in Endpoint local) : IDisposable
{
    /// <summary>The socket.</summary>
    public Socket Socket { get; } = socket;

    /// <summary>The address, and the port.</summary>
    public Endpoint Local { get; } = local;

    /// <summary>The last wait found it readable.</summary>
    public bool Readable { get; set; }

    /// <summary>
    /// Binds a socket beside a wildcard one, which keeps the port from everybody else before and after; null where the platform refuses.
    /// </summary>
    public static PortableLeg? TryOpenBeside(PortableLeg wildcard, in Endpoint address, int receiveBufferBytes)
    {
        Endpoint local = address.WithPort(wildcard.Local.Port);
        Socket? socket = null;
        try
        {
            Share(wildcard.Socket);
            socket = UdpBinding.Create(local, receiveBufferBytes);
            Share(socket);
            socket.Bind(SocketAddressCodec.ToIPEndPoint(local, 0));
            Unshare(socket);
            return new(socket, local);
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
        finally
        {
            Unshare(wildcard.Socket);
        }
    }

    /// <summary>Takes a datagram; false if there is none. A length beyond the slot's means that it was cut.</summary>
    public bool TryReceive(byte[] slot, SocketAddress source, out int length)
    {
        length = 0;
        try
        {
            source.Size = source.Buffer.Length;
            length = Socket.ReceiveFrom(slot, SocketFlags.None, source);
            return true;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.MessageSize)
        {
            length = slot.Length;
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The same for a wildcard socket, with the address that was asked. It allocates: only the first datagrams to an address come here.</summary>
    public bool TryReceive(byte[] slot, out int length, out Endpoint from, out Endpoint asked)
    {
        (length, from, asked) = (0, default, default);
        SocketFlags flags = SocketFlags.None;
        EndPoint any = Local.IsV6 ? new IPEndPoint(IPAddress.IPv6Any, 0) : new IPEndPoint(IPAddress.Any, 0);
        try
        {
            length = Socket.ReceiveMessageFrom(slot, 0, slot.Length, ref flags, ref any, out IPPacketInformation info);
            length = (flags & SocketFlags.Truncated) != 0 ? slot.Length : length;
            from = any is IPEndPoint { Address: { } source } peer ? SocketAddressCodec.FromIPAddress(source, peer.Port) : default;
            asked = info.Address is { } address ? SocketAddressCodec.FromIPAddress(address, Local.Port) : default;
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => Socket.Dispose();

    // Only while a sister is being bound: a port that stays shared could be taken by any program.
    private static void Share(Socket socket) => socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);

    private static void Unshare(Socket socket)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, false);
        }
        catch (SocketException)
        {
            // A platform that does not take it back: the port stays shared, and everything works.
        }
    }
}
