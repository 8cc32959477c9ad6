using Kadath.Tests.Interop.Peers;
using Kadath.Tls.Streams;

namespace Kadath.Tests.Interop.Tls;

/// <summary>A foreign implementation of TLS 1.3, in both roles.</summary>
internal abstract class TlsPeer
{
    public abstract string Name { get; }

    /// <summary>Why it cannot be used here, or null if it can.</summary>
    public abstract string? Missing { get; }

    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<TlsPeer> All { get; } = [new OpenSslPeer(), new NodePeer(), new SslStreamPeer(), new GoPeer(), new RustlsPeer()];

    /// <summary>The one of this name.</summary>
    public static TlsPeer Named(string name) => All.Single(peer => peer.Name == name);

    /// <summary>The programs can be built without these commands: then their other tests run, and these say why they do not.</summary>
    protected static string? WithoutTls(string program) =>
        File.ReadAllBytes(program).AsSpan().IndexOf("tls-server"u8) >= 0 ? null : $"{Path.GetFileName(program)} was built without its tls commands";

    /// <summary>Starts a server that sends back what comes.</summary>
    public abstract Task<TlsPeerServer> ServeAsync(TlsSetup setup);

    /// <summary>Connects to our server, sends bytes and gets them back (twice if the setup resumes), and ends.</summary>
    /// <exception cref="PeerException">It did not work out.</exception>
    public abstract Task<TlsReport> ConnectAsync(int port, TlsSetup setup);
}

/// <summary>A foreign server that runs.</summary>
internal abstract class TlsPeerServer : IAsyncDisposable
{
    private const int LineBytes = 4096;

    public abstract int Port { get; }

    /// <summary>What it sends back for a line that we send.</summary>
    public virtual byte[] EchoOf(byte[] line) => line;

    /// <summary>Sends lines, and gets them back.</summary>
    public virtual async Task ExchangeAsync(TlsStream stream, TlsSetup setup)
    {
        byte[] line = new byte[Math.Min(setup.Bytes, LineBytes)];
        for (int i = 0; i < line.Length - 1; i++)
        {
            line[i] = (byte)('a' + (i % 23));
        }

        line[^1] = (byte)'\n';
        int lines = (setup.Bytes + line.Length - 1) / line.Length;
        Task sending = SendAsync(stream, line, lines);
        byte[] echo = EchoOf(line), back = new byte[line.Length];
        for (int i = 0; i < lines; i++)
        {
            await stream.ReadExactlyAsync(back);
            if (!back.AsSpan().SequenceEqual(echo))
            {
                throw new PeerException($"line {i} came back changed");
            }
        }

        await sending;
    }

    /// <summary>What it says of the connection that came last.</summary>
    public abstract Task<TlsReport> ReportAsync();

    /// <summary>Has it update its keys, if it can.</summary>
    public virtual Task UpdateKeysAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    private static async Task SendAsync(TlsStream stream, byte[] line, int lines)
    {
        for (int i = 0; i < lines; i++)
        {
            await stream.WriteAsync(line);
        }
    }
}
