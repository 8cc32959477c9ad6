using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

/// <summary>A required signature holds for both sides, in full handshakes and resumed ones.</summary>
public sealed class SignatureFloorTests
{
    private static readonly Instant Start = Instant.FromSeconds(1000);

    [Theory]
    [InlineData(SignatureFloor.PostQuantum, PublicKeyKind.Ed25519, false)]
    [InlineData(SignatureFloor.PostQuantum, PublicKeyKind.P384, false)]
    [InlineData(SignatureFloor.PostQuantum, PublicKeyKind.MlDsa44, true)]
    [InlineData(SignatureFloor.PostQuantum192, PublicKeyKind.MlDsa44, false)]
    [InlineData(SignatureFloor.PostQuantum192, PublicKeyKind.MlDsa65, true)]
    [InlineData(SignatureFloor.PostQuantum192, PublicKeyKind.MlDsa87, true)]
    public void A_server_shows_nothing_below_the_floor_whoever_sets_it(SignatureFloor floor, PublicKeyKind kind, bool agrees)
    {
        foreach (var (atClient, atServer) in new[] { (floor, SignatureFloor.Classical), (SignatureFloor.Classical, floor) })
        {
            using var pair = new TlsPair(Client(atClient), Server(atServer), Setup.Raw(kind));
            pair.Run();
            Assert.Equal(agrees, pair.Client.Connection.IsEstablished);
            Assert.Equal(agrees ? null : AlertDescription.UnrecognizedName, pair.Client.Connection.Fault?.Alert);
        }
    }

    [Fact]
    public void A_server_that_signs_below_the_clients_floor_all_the_same_is_refused()
    {
        // Somebody on the way puts Ed25519 where the client said ML-DSA-44.
        using var pair = new HandshakePair(Client(SignatureFloor.PostQuantum), Server(SignatureFloor.Classical), Setup.Raw());
        pair.ToServer = message =>
        {
            var at = message.AsSpan().IndexOf<byte>([0x09, 0x05, 0x09, 0x04, 0x09, 0x06]);
            if (at >= 0)
            {
                (message[at + 2], message[at + 3]) = (0x08, 0x07);
            }

            return message;
        };
        pair.Run();
        Assert.Equal(AlertDescription.IllegalParameter, Assert.Single(pair.Client.Alerts));
    }

    [Theory]
    [InlineData(PublicKeyKind.Ed25519, false)]
    [InlineData(PublicKeyKind.MlDsa65, true)]
    public void A_client_has_to_sign_at_the_servers_floor(PublicKeyKind kind, bool agrees)
    {
        var server = Server(SignatureFloor.PostQuantum) with { ClientAuthentication = ClientAuthentication.Require };
        using var pair = new TlsPair(Client(SignatureFloor.Classical), server, Setup.Raw(PublicKeyKind.MlDsa44), Setup.Raw(kind, seed: 9));
        pair.Run();
        Assert.Equal(agrees, pair.Server.Connection.IsEstablished);
        Assert.Equal(agrees ? null : AlertDescription.CertificateRequired, pair.Server.Connection.Fault?.Alert);
        if (agrees)
        {
            Assert.DoesNotContain(SignatureScheme.Ed25519, pair.Client.Pauses.OfType<CredentialNeeded>().Single().Schemes);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_session_that_began_below_the_floor_is_not_resumed(bool floorAtClient)
    {
        using var store = new StatefulTickets(new SeededKeyEntropy(9));
        var server = Server(SignatureFloor.Classical) with { TakeSessions = true, ClientAuthentication = ClientAuthentication.Request };
        using (var first = new TlsPair(Client(SignatureFloor.Classical), server, Setup.Raw(), Setup.Raw(seed: 8), now: Start))
        {
            first.Run();
            var kept = first.Server.Connection.Server!.CreateSession(TimeSpan.FromHours(1), out var nonce);
            first.Server.Connection.Server.SendTicket(kept, nonce, store.Issue(kept, Start)!);
            first.Run();
            using var session = first.Client.Event<TlsEvent.SessionReceived>().Session;
            var client = Client(floorAtClient ? SignatureFloor.PostQuantum : SignatureFloor.Classical) with { Session = session };
            server = floorAtClient ? server : server with { Policy = Server(SignatureFloor.PostQuantum).Policy };
            using var second = new TlsPair(client, server, Setup.Raw(PublicKeyKind.MlDsa65), now: Start);
            second.Server.FindSession = needed => (store.Find(needed.Identities[0].Span, Start), 0);
            second.Run();
            Assert.Null(second.Server.Connection.Fault);
            Assert.Equal(HandshakeKind.Full, second.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
            Assert.Equal(floorAtClient, !second.Server.Pauses.OfType<SessionNeeded>().Any());
        }
    }

    [Fact]
    public void A_floor_that_nothing_reaches_and_a_key_beside_a_floor_are_refused_at_once()
    {
        var classical = TlsPolicy.Default with { Signatures = [SignatureScheme.Ed25519], RequiredSignature = SignatureFloor.PostQuantum };
        Assert.Throws<ArgumentException>(classical.Validate);
        Assert.False(classical.Allows(SignatureScheme.Ed25519));
        using var psk = new ExternalPsk("name"u8, new byte[32]);
        Assert.Throws<ArgumentException>(() => TlsConnection.CreateClient(Client(SignatureFloor.PostQuantum) with { Psk = psk }, Start));
        Assert.Throws<ArgumentException>(() => TlsConnection.CreateServer(Server(SignatureFloor.PostQuantum) with { Psks = [psk] }));
    }

    private static TlsClientOptions Client(SignatureFloor floor)
    {
        var client = Setup.Client(NamedGroup.X25519);
        return client with { Policy = client.Policy with { RequiredSignature = floor } };
    }

    private static TlsServerOptions Server(SignatureFloor floor)
    {
        var server = Setup.Server();
        return server with { Policy = server.Policy with { RequiredSignature = floor } };
    }
}
