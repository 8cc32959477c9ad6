using System.Net;
using System.Net.Sockets;

namespace Kadath.Tests.Interop.Peers;

/// <summary>A peer of a torrent that somebody is to find: an endpoint, and a listener there that sees whoever dials it.</summary>
internal sealed class Beacon : IDisposable
{
    private readonly TcpListener? _listener;

    private Beacon(IPEndPoint at, TcpListener? listener)
    {
        At = at;
        _listener = listener;
        listener?.Start();
    }

    /// <summary>Where the peer is.</summary>
    public IPEndPoint At { get; }

    /// <summary>A peer on a free port of an address.</summary>
    public static Beacon On(IPAddress address)
    {
        IPEndPoint at = Ports.Free(address);
        return new Beacon(at, new TcpListener(at));
    }

    /// <summary>A peer that listens itself.</summary>
    public static Beacon Of(IPEndPoint at) => new(at, null);

    /// <summary>Waits until somebody dials.</summary>
    public async Task<bool> DialledAsync(TimeSpan limit)
    {
        if (_listener is null)
        {
            throw new InvalidOperationException("nobody listens here");
        }

        try
        {
            using Socket connection = await _listener.AcceptSocketAsync().WaitAsync(limit);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener?.Dispose();
}
