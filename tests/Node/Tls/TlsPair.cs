using System.Net;
using System.Net.Sockets;
using Kadath.Crypto;
using Kadath.Tls;
using Kadath.Tls.Streams;

namespace Kadath.Tests.Node.Tls;

/// <summary>Two ends of one connection over loopback.</summary>
internal sealed class TlsPair : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TlsPair(TlsStream client, TlsStream server, Socket clientSocket, Socket serverSocket)
    {
        (Client, Server, ClientSocket, ServerSocket) = (client, server, clientSocket, serverSocket);
    }

    /// <summary>A credential that all tests may show: making one takes time.</summary>
    public static Credential Certificate { get; } = TlsCredentials.SelfSigned();

    public TlsStream Client { get; }

    public TlsStream Server { get; }

    public Socket ClientSocket { get; }

    public Socket ServerSocket { get; }

    public static SpkiPin PinOf(Credential credential) => SpkiPin.Of(credential.Key.PublicKeyInfo.Span, CryptoProvider.Default.Sha256);

    public static TlsTrust Pinned(Credential credential) => new() { Pins = [PinOf(credential)] };

    public static TlsClientAuthenticationOptions Client1(Credential? trusted = null) =>
        new() { TargetHost = "localhost", Trust = Pinned(trusted ?? Certificate), HandshakeTimeout = Patience };

    public static TlsServerAuthenticationOptions Server1(Credential? shown = null) => new() { Credentials = [shown ?? Certificate], HandshakeTimeout = Patience };

    /// <summary>Two streams on connected sockets, not yet authenticated.</summary>
    public static async Task<TlsPair> OpenAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Task connecting = client.ConnectAsync(listener.LocalEndPoint!);
        Socket server = await listener.AcceptAsync();
        await connecting;
        server.NoDelay = true;
        return new TlsPair(new TlsStream(client), new TlsStream(server), client, server);
    }

    /// <summary>Two streams that are authenticated.</summary>
    public static async Task<TlsPair> ConnectAsync(TlsClientAuthenticationOptions? client = null, TlsServerAuthenticationOptions? server = null)
    {
        TlsPair pair = await OpenAsync();
        await Task.WhenAll(pair.Client.AuthenticateAsClientAsync(client ?? Client1()), pair.Server.AuthenticateAsServerAsync(server ?? Server1())).WaitAsync(Patience);
        return pair;
    }

    /// <summary>What both sides fail with; null for a side that does not.</summary>
    public static async Task<(TlsException? Client, TlsException? Server)> FailAsync(TlsClientAuthenticationOptions client, TlsServerAuthenticationOptions server)
    {
        await using TlsPair pair = await OpenAsync();
        return await pair.FailAsync(client, server, Patience);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }

    private async Task<(TlsException? Client, TlsException? Server)> FailAsync(TlsClientAuthenticationOptions client, TlsServerAuthenticationOptions server, TimeSpan patience)
    {
        Task<TlsException?> serving = EndOfAsync(Server, Server.AuthenticateAsServerAsync(server));
        Task<TlsException?> connecting = EndOfAsync(Client, Client.AuthenticateAsClientAsync(client));
        await Task.WhenAll(serving, connecting).WaitAsync(patience);
        return (await connecting, await serving);
    }

    /// <summary>A client is done before the server has judged it: what the server says comes with the first read.</summary>
    private static async Task<TlsException?> EndOfAsync(TlsStream stream, Task authenticating)
    {
        try
        {
            await authenticating;
            await stream.CloseWriteAsync();
            while (await stream.ReadAsync(new byte[100]) > 0)
            {
            }

            return null;
        }
        catch (TlsException e)
        {
            await stream.DisposeAsync();
            return e;
        }
    }
}
