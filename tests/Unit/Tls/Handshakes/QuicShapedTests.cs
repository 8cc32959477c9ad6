using Kadath.Crypto;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

/// <summary>The handshake as QUIC uses it (RFC 9001): no records, no session id, no EndOfEarlyData, no KeyUpdate.</summary>
public sealed class QuicShapedTests
{
    private static readonly byte[] ClientParameters = [1, 2, 3], ServerParameters = [4, 5];

    [Fact]
    public void Both_sides_get_the_same_secrets_level_by_level()
    {
        using var pair = Pair();
        pair.Run();
        Assert.True(pair.ClientHandshake.IsComplete && pair.ServerHandshake.IsComplete);
        foreach (var level in new[] { EncryptionLevel.Handshake, EncryptionLevel.Application })
        {
            Assert.Equal(pair.Client.Secret(level, TrafficDirection.Send), pair.Server.Secret(level, TrafficDirection.Receive));
            Assert.Equal(pair.Client.Secret(level, TrafficDirection.Receive), pair.Server.Secret(level, TrafficDirection.Send));
        }

        Assert.Equal(8, pair.Client.Secrets.Concat(pair.Server.Secrets).Count());
    }

    [Fact]
    public void Transport_parameters_travel_both_ways()
    {
        using var pair = Pair();
        pair.Run();
        Assert.Equal(ServerParameters, pair.Client.Events.OfType<TlsEvent.TransportParameters>().Single().Parameters);
        Assert.Equal(ClientParameters, pair.Server.Events.OfType<TlsEvent.TransportParameters>().Single().Parameters);
    }

    [Fact]
    public void The_client_sends_no_session_id_and_the_server_refuses_one()
    {
        using var pair = Pair();
        pair.ClientHandshake.Start(pair.Client.Now);
        Assert.True(ClientHello.TryParse(pair.Client.Messages.Peek().Bytes.AsSpan(4), out var hello, out _));
        Assert.True(hello.SessionId.IsEmpty);

        using var records = new HandshakePair(Setup.Client(NamedGroup.X25519), Server(), Setup.Raw());
        records.Run();
        Assert.NotNull(records.ServerHandshake.Fault);
    }

    [Fact]
    public void A_peer_without_transport_parameters_is_refused()
    {
        var server = Server();
        using var pair = new HandshakePair(Client(), server with { Transport = server.Transport with { Kind = TlsTransport.Records } }, Setup.Raw());
        pair.Run();
        Assert.Equal(AlertDescription.MissingExtension, pair.Client.Alerts.Single());
    }

    [Fact]
    public void A_key_update_is_refused()
    {
        using var pair = Pair();
        pair.Run();
        pair.Server.Take(EncryptionLevel.Application, [(byte)HandshakeType.KeyUpdate, 0, 0, 1, 0]);
        Assert.Equal(AlertDescription.UnexpectedMessage, pair.Server.Alerts.Single());
    }

    [Fact]
    public void A_message_under_the_keys_of_another_level_is_refused()
    {
        using var pair = Pair();
        pair.ClientHandshake.Start(pair.Client.Now);
        pair.Server.Take(EncryptionLevel.Handshake, pair.Client.Messages.Dequeue().Bytes);
        Assert.Equal(AlertDescription.UnexpectedMessage, pair.Server.Alerts.Single());
    }

    [Fact]
    public void Messages_may_come_byte_by_byte()
    {
        using var pair = Pair();
        pair.ClientHandshake.Start(pair.Client.Now);
        while (pair.Client.Messages.Count + pair.Server.Messages.Count > 0)
        {
            Carry(pair.Client, pair.Server);
            Carry(pair.Server, pair.Client);
        }

        Assert.True(pair.ClientHandshake.IsComplete && pair.ServerHandshake.IsComplete);

        static void Carry(HandshakeSide from, HandshakeSide to)
        {
            while (from.Messages.TryDequeue(out var message))
            {
                foreach (var single in message.Bytes)
                {
                    to.Take(message.Level, [single]);
                }
            }
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Early_data_has_its_secret_on_both_sides_and_no_end_message(bool isTaken)
    {
        using var store = new StatefulTickets(new SeededKeyEntropy(9));
        var server = Server() with { TakeSessions = true, MaxEarlyData = 1 };
        using var first = new HandshakePair(Client(), server, Setup.Raw());
        first.Run();
        var created = first.ServerHandshake.CreateSession(TimeSpan.FromHours(1), out var nonce, allowEarlyData: true);
        Assert.Equal(uint.MaxValue, created.MaxEarlyData);
        first.ServerHandshake.SendTicket(created, nonce, store.Issue(created, first.Server.Now)!);
        first.Run(start: false);
        using var session = first.Client.Events.OfType<TlsEvent.SessionReceived>().Single().Session;

        using var pair = new HandshakePair(Client() with { Session = session, OfferEarlyData = true }, server with { MaxEarlyData = isTaken ? 1u : 0 }, Setup.Raw());
        pair.Server.Answers.FindSession = needed => (store.Find(needed.Identities[0].Span, pair.Server.Now), 0);
        List<byte> fromClient = [];
        pair.ToServer = message =>
        {
            fromClient.Add(message[0]);
            return message;
        };
        pair.Run();
        Assert.True(pair.ClientHandshake.IsComplete && pair.ServerHandshake.IsComplete);
        Assert.Equal([(byte)HandshakeType.ClientHello, (byte)HandshakeType.Finished], fromClient);
        Assert.Equal(isTaken, pair.Client.Events.OfType<TlsEvent.EarlyDataDecided>().Single().Accepted);
        Assert.Equal(isTaken, pair.Server.Secrets.Any(secret => secret.Level == EncryptionLevel.EarlyData));
        if (isTaken)
        {
            Assert.Equal(pair.Client.Secret(EncryptionLevel.EarlyData, TrafficDirection.Send), pair.Server.Secret(EncryptionLevel.EarlyData, TrafficDirection.Receive));
        }
    }

    [Fact]
    public void Initial_secrets_of_RFC_9001_appendix_A_follow_from_the_same_labels()
    {
        var hmac = CryptoProvider.Default.HmacSha256;
        Span<byte> initial = stackalloc byte[32];
        Hkdf.Extract(hmac, Convert.FromHexString("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), Convert.FromHexString("8394c8f03e515708"), initial);
        Assert.Equal("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea", Expand(initial, "client in", 32));
        Assert.Equal("3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b", Expand(initial, "server in", 32));
        var client = Convert.FromHexString(Expand(initial, "client in", 32));
        Assert.Equal("1f369613dd76d5467730efcbe3b1a22d", Expand(client, "quic key", 16));
        Assert.Equal("fa044b2f42a3fd3b46fb255c", Expand(client, "quic iv", 12));
        Assert.Equal("9f50449e04a0e810283a1e9933adedd2", Expand(client, "quic hp", 16));
    }

    [Fact]
    public void The_keys_of_RFC_9001_appendix_A5_follow_from_the_same_labels()
    {
        var secret = Convert.FromHexString("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
        Assert.Equal("c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8", Expand(secret, "quic key", 32));
        Assert.Equal("e0459b3474bdd0e44a41c144", Expand(secret, "quic iv", 12));
        Assert.Equal("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4", Expand(secret, "quic hp", 32));
        Assert.Equal("1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9", Expand(secret, "quic ku", 32));
    }

    private static string Expand(ReadOnlySpan<byte> secret, string label, int length)
    {
        var output = new byte[length];
        HkdfLabel.Expand(CryptoProvider.Default.HmacSha256, secret, System.Text.Encoding.ASCII.GetBytes(label), [], output);
        return Convert.ToHexStringLower(output);
    }

    private static TlsClientOptions Client() => Setup.Client(NamedGroup.X25519MLKEM768) with { Transport = new() { Kind = TlsTransport.Quic, QuicParameters = ClientParameters } };

    private static TlsServerOptions Server() => Setup.Server() with { Transport = new() { Kind = TlsTransport.Quic, QuicParameters = ServerParameters } };

    private static HandshakePair Pair() => new(Client(), Server(), Setup.Raw());
}
