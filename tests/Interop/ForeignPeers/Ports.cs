using System.Net;
using System.Net.Sockets;

namespace Kadath.Tests.Interop.Peers;

/// <summary>Free ports on loopback addresses.</summary>
internal static class Ports
{
    /// <summary>An endpoint whose port is free for UDP and TCP now.</summary>
    public static IPEndPoint Free(string address) => Free(IPAddress.Parse(address));

    /// <inheritdoc cref="Free(string)"/>
    public static IPEndPoint Free(IPAddress address)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            using Socket udp = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(address, 0));
            IPEndPoint chosen = (IPEndPoint)udp.LocalEndPoint!;
            using Socket tcp = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                tcp.Bind(chosen);
                return chosen;
            }
            catch (SocketException)
            {
                // Taken for TCP: try another.
            }
        }

        throw new InvalidOperationException($"no free port at {address}");
    }
}
