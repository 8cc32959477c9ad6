// Two peers that know each other by their keys and nothing else: TLS 1.3 with raw public keys (RFC 7250), both sides authenticated,
// the key exchange post-quantum. No certificate, no authority, no name.
//
//   dotnet run --project samples/TlsEcho
using System.Net;
using System.Net.Sockets;
using System.Text;
using Kadath.Crypto;
using Kadath.Tls;
using Kadath.Tls.Streams;

// Each peer makes a key, and tells the other its pin beforehand: in a contact list, a QR code, a DHT.
using Credential alice = TlsCredentials.RawPublicKey(), bob = TlsCredentials.RawPublicKey();
Console.WriteLine($"Alice is {PinOf(alice)}");
Console.WriteLine($"Bob is   {PinOf(bob)}");

using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
listener.Listen();
Task serving = ServeAsync();

Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
await socket.ConnectAsync(listener.LocalEndPoint!);
await using TlsStream stream = new(socket);
await stream.AuthenticateAsClientAsync(new TlsClientAuthenticationOptions
{
    TargetHost = "localhost",
    ServerCertificateTypes = [CertificateType.RawPublicKey],
    Credentials = [bob],
    Trust = new TlsTrust { Pins = [PinOf(alice)] },
});
Console.WriteLine($"Bob is connected: {stream.Info.Group}, {stream.Info.Suite}; Alice is {stream.Info.PeerState.ToString().ToLowerInvariant()}");

byte[] message = Encoding.UTF8.GetBytes("Is anybody there?"), echo = new byte[message.Length];
await stream.WriteAsync(message);
await stream.ReadExactlyAsync(echo);
Console.WriteLine($"Bob hears: {Encoding.UTF8.GetString(echo)}");
await stream.CloseWriteAsync();
await serving;

async Task ServeAsync()
{
    await using TlsStream server = new(await listener.AcceptAsync());
    await server.AuthenticateAsServerAsync(new TlsServerAuthenticationOptions
    {
        Credentials = [alice],
        ClientAuthentication = ClientAuthentication.Require,
        ClientCertificateTypes = [CertificateType.RawPublicKey],
        ClientTrust = new TlsTrust { Pins = [PinOf(bob)] },
    });
    byte[] buffer = new byte[4096];
    int read;
    while ((read = await server.ReadAsync(buffer)) > 0)
    {
        await server.WriteAsync(buffer.AsMemory(0, read));
    }

    await server.CloseWriteAsync();
}

static SpkiPin PinOf(Credential credential) => SpkiPin.Of(credential.Key.PublicKeyInfo.Span, CryptoProvider.Default.Sha256);
