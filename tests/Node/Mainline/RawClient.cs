using System.Net;
using System.Net.Sockets;
using System.Text;
using Kadath.Primitives;

namespace Kadath.Tests.Node.Mainline;

/// <summary>Speaks KRPC without any of Kadath's code: what it sees is on the wire.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly UdpClient _client;
    private int _transactions;

    public RawClient(bool v6 = false) => _client = new(new IPEndPoint(v6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0));

    public Endpoint Local => Endpoint.TryParse(_client.Client.LocalEndPoint!.ToString(), out Endpoint local) ? local : default;

    /// <summary>Sends a query with these bencoded arguments beside the id, in key order after it; gives the whole reply in Latin-1.</summary>
    public async Task<string> AskAsync(Endpoint to, string method, string arguments, TimeSpan? patience = null)
    {
        string transaction = $"t{Interlocked.Increment(ref _transactions):000}"[^4..];
        byte[] query = Encoding.Latin1.GetBytes($"d1:ad2:id20:rawclientrawclientra{arguments}e1:q{method.Length}:{method}1:t4:{transaction}1:y1:qe");
        await SendAsync(to, query);
        using CancellationTokenSource limit = new(patience ?? TimeSpan.FromSeconds(5));
        while (true)
        {
            UdpReceiveResult answer = await _client.ReceiveAsync(limit.Token);
            string text = Encoding.Latin1.GetString(answer.Buffer);
            if (text.Contains($"1:t4:{transaction}", StringComparison.Ordinal) && !text.Contains("1:y1:q", StringComparison.Ordinal))
            {
                return text;
            }
        }
    }

    public Task SendAsync(Endpoint to, ReadOnlyMemory<byte> datagram) =>
        _client.SendAsync(datagram, IPEndPoint.Parse(to.ToString())).AsTask();

    /// <summary>The string value of a key, or null.</summary>
    public static string? Field(string reply, string key)
    {
        string marker = $"{key.Length}:{key}";
        int at = reply.IndexOf(marker, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        at += marker.Length;
        int colon = reply.IndexOf(':', at);
        return int.TryParse(reply.AsSpan(at, Math.Max(colon - at, 0)), out int length) ? reply.Substring(colon + 1, length) : null;
    }

    public void Dispose() => _client.Dispose();
}
