using System.Buffers.Binary;
using Kadath.Crypto;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

public sealed class NegotiationTests
{
    [Theory]
    [InlineData(NamedGroup.X25519, NamedGroup.X25519MLKEM768)]
    [InlineData(NamedGroup.X25519, NamedGroup.SecP256r1MLKEM768)]
    [InlineData(NamedGroup.X25519, NamedGroup.SecP384r1MLKEM1024)]
    [InlineData(NamedGroup.X25519MLKEM768, NamedGroup.Secp256r1)]
    [InlineData(NamedGroup.X25519MLKEM768, NamedGroup.X25519FrodoKEM976SHAKE)]
    public void A_group_without_a_share_is_reached_by_a_hello_retry_request(NamedGroup shared, NamedGroup wanted)
    {
        using var pair = new TlsPair(Setup.Client(shared, wanted), Setup.Server(wanted), Setup.Raw());
        pair.Run();
        Assert.Null(pair.Client.Connection.Fault);
        Assert.Equal((wanted, true), (pair.Client.Event<TlsEvent.Negotiated>().Group, pair.Client.Event<TlsEvent.Negotiated>().HelloRetried));
        Assert.Equal("x"u8, pair.Exchange("x"u8, "y"u8).AtServer);
    }

    [Fact]
    public void A_hybrid_group_is_worth_a_round_trip_and_a_classical_one_is_not()
    {
        var negotiation = new OrderedNegotiation();
        CipherSuite[] suites = [CipherSuite.Aes128GcmSha256];
        Assert.Equal(NamedGroup.X25519MLKEM768, negotiation.Choose(new([NamedGroup.X25519MLKEM768, NamedGroup.X25519], [NamedGroup.X25519], suites, suites, NegotiationFacts.None)).Group);
        Assert.Equal(NamedGroup.Secp256r1, negotiation.Choose(new([NamedGroup.X25519, NamedGroup.Secp256r1], [NamedGroup.Secp256r1], suites, suites, NegotiationFacts.None)).Group);
        Assert.Equal(NamedGroup.SecP256r1MLKEM768,
            negotiation.Choose(new([NamedGroup.X25519MLKEM768, NamedGroup.SecP256r1MLKEM768], [NamedGroup.SecP256r1MLKEM768], suites, suites, NegotiationFacts.None)).Group);
    }

    [Theory]
    [InlineData(SecurityFloor.HybridKeyExchange, NamedGroup.X25519)]
    [InlineData(SecurityFloor.HybridKeyExchange192, NamedGroup.X25519MLKEM768)]
    public void A_server_agrees_on_nothing_below_its_floor(SecurityFloor floor, NamedGroup offered)
    {
        var server = Setup.Server();
        using var pair = new TlsPair(Setup.Client(offered), server with { Policy = server.Policy with { Floor = floor } }, Setup.Raw());
        pair.Run();
        Assert.Equal(AlertDescription.HandshakeFailure, pair.Server.Connection.Fault!.Alert);
        Assert.Equal(TlsBlame.RefusedByPeer, pair.Client.Connection.Fault!.Blame);
    }

    [Fact]
    public void A_client_offers_nothing_below_its_floor()
    {
        var client = Setup.Client();
        using var pair = new HandshakePair(client with { Policy = client.Policy with { Floor = SecurityFloor.HybridKeyExchange192 } }, Setup.Server(), Setup.Raw());
        pair.ClientHandshake.Start(pair.Client.Now);
        Assert.True(ClientHello.TryParse(pair.Client.Messages.Peek().Bytes.AsSpan(4), out var hello, out _));
        Assert.True(hello.TryGetList(ExtensionType.SupportedGroups, out var groups));
        Assert.Equal([(ushort)NamedGroup.SecP384r1MLKEM1024], groups.ToArray());
        Assert.False(hello.Suites.Contains((ushort)CipherSuite.Aes128GcmSha256));
        pair.Run(start: false);
        Assert.True(pair.ClientHandshake.IsComplete);
    }

    [Fact]
    public void Shares_are_sent_for_the_first_group_and_for_X25519_where_it_costs_nothing()
    {
        Assert.Equal([NamedGroup.X25519MLKEM768, NamedGroup.X25519], SharesOf(TlsPolicy.Default));
        Assert.Equal([NamedGroup.X25519MLKEM768], SharesOf(TlsPolicy.Default with { Floor = SecurityFloor.HybridKeyExchange }));
        Assert.Equal([NamedGroup.Secp256r1], SharesOf(TlsPolicy.Default with { Groups = [NamedGroup.Secp256r1, NamedGroup.X25519] }));
        Assert.Equal([NamedGroup.X25519BIKEL1, NamedGroup.X25519], SharesOf(TlsPolicy.Default with { Groups = [NamedGroup.X25519BIKEL1, NamedGroup.X25519] }));
        Assert.DoesNotContain(TlsPolicy.Default.Groups, NamedGroups.IsExperimental);

        static List<NamedGroup> SharesOf(TlsPolicy policy)
        {
            using var pair = new HandshakePair(Setup.Client() with { Policy = policy }, Setup.Server(), Setup.Raw());
            pair.ClientHandshake.Start(pair.Client.Now);
            Assert.True(ClientHello.TryParse(pair.Client.Messages.Peek().Bytes.AsSpan(4), out var hello, out _));
            Assert.True(hello.TryGetShares(out var shares));
            List<NamedGroup> found = [];
            foreach (var group in Enum.GetValues<NamedGroup>())
            {
                if (shares.TryGet(group, out _))
                {
                    found.Add(group);
                }
            }

            Assert.Equal(shares.Count, found.Count);
            return [.. found.OrderByDescending(group => group != NamedGroup.X25519)];
        }
    }

    [Fact]
    public void A_policy_under_which_nothing_can_be_agreed_on_is_refused()
    {
        var policy = TlsPolicy.Default with { Groups = [NamedGroup.X25519], Floor = SecurityFloor.HybridKeyExchange };
        Assert.Throws<ArgumentException>(() => new HandshakePair(Setup.Client() with { Policy = policy }, Setup.Server(), null));
    }

    [Fact]
    public void The_servers_order_of_protocols_decides_and_strangers_are_refused()
    {
        Assert.Equal("h2", Agree(["http/1.1", "h2"], ["h2", "http/1.1"]));
        Assert.Null(Agree([], ["h2"]));
        Assert.Null(Agree(["h2"], []));
        using var pair = new TlsPair(
            Setup.Client(NamedGroup.X25519) with { ApplicationProtocols = ["a"] }, Setup.Server() with { ApplicationProtocols = ["b"] }, Setup.Raw());
        pair.Run();
        Assert.Equal(AlertDescription.NoApplicationProtocol, pair.Client.Connection.Fault!.Alert);

        static string? Agree(string[] client, string[] server)
        {
            using var pair = new TlsPair(
                Setup.Client(NamedGroup.X25519) with { ApplicationProtocols = client }, Setup.Server() with { ApplicationProtocols = server }, Setup.Raw());
            pair.Run();
            Assert.True(pair.Client.Connection.IsEstablished && pair.Server.Connection.IsEstablished);
            var protocol = pair.Client.Events.OfType<TlsEvent.ProtocolSelected>().SingleOrDefault()?.Protocol;
            Assert.Equal(protocol, pair.Server.Events.OfType<TlsEvent.ProtocolSelected>().SingleOrDefault()?.Protocol);
            return protocol;
        }
    }

    [Theory]
    [InlineData("Example.ORG", "example.org")]
    [InlineData("127.0.0.1", null)]
    [InlineData("::1", null)]
    public void The_server_learns_the_name_that_the_client_wants_but_no_address(string name, string? expected)
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519) with { ServerName = name }, Setup.Server(), Setup.Raw());
        pair.Run();
        Assert.Equal(expected, pair.Server.Events.OfType<TlsEvent.ServerNamed>().SingleOrDefault()?.ServerName);
        Assert.Equal(expected, pair.Server.Pauses.OfType<CredentialNeeded>().Single().ServerName);
        Assert.Equal(name, pair.Client.Pauses.OfType<VerificationNeeded>().Single().ServerName);
    }

    [Fact]
    public void Values_of_GREASE_are_passed_over()
    {
        // RFC 8701: in suites, groups, versions, signatures, shares, protocols and as extensions, with and without contents.
        using var pair = new HandshakePair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        var handled = false;
        pair.ToServer = message => message[0] == (byte)HandshakeType.ClientHello && (handled = true) ? Hellos.WithGrease(message) : message;
        pair.Run();
        Assert.True(handled);

        // Only the transcripts differ: the server took the hello and answered it.
        Assert.Equal(AlertDescription.DecryptError, Assert.Single(pair.Client.Alerts));
        Assert.Null(pair.ServerHandshake.Fault);
        Assert.Contains(pair.Server.Events, fact => fact is TlsEvent.Negotiated);
    }

    [Fact]
    public void The_handshake_looks_like_TLS_1_2_to_a_middlebox()
    {
        List<byte> fromClient = [], fromServer = [];
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Wire = (bytes, toServer) =>
        {
            (toServer ? fromClient : fromServer).AddRange(bytes);
            return bytes;
        };
        pair.Run();
        Assert.Equal([22, 20, 23], Types(fromClient));
        Assert.Equal([22, 20, 23], Types(fromServer).Distinct());
        Assert.Equal(fromClient[(5 + 4 + 2 + 32)..(5 + 4 + 2 + 32 + 33)], fromServer[(5 + 4 + 2 + 32)..(5 + 4 + 2 + 32 + 33)]);
        Assert.Equal(32, fromClient[5 + 4 + 2 + 32]);

        static List<byte> Types(List<byte> stream)
        {
            List<byte> types = [];
            for (var at = 0; at < stream.Count; at += 5 + (stream[at + 3] << 8 | stream[at + 4]))
            {
                types.Add(stream[at]);
            }

            return types;
        }
    }

    [Theory, InlineData("DOWNGRD\x01", AlertDescription.IllegalParameter), InlineData("somethin", AlertDescription.ProtocolVersion)]
    public void A_server_of_an_older_version_is_refused_and_a_downgrade_is_named(string tail, AlertDescription expected)
    {
        using var pair = new HandshakePair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.ToClient = message => message[0] == (byte)HandshakeType.ServerHello ? Hellos.OfTls12(message, System.Text.Encoding.Latin1.GetBytes(tail)) : message;
        pair.Run();
        Assert.Equal(expected, Assert.Single(pair.Client.Alerts));
    }

    [Fact]
    public void A_client_hello_over_several_records_is_written_and_read()
    {
        var client = Setup.Client(NamedGroup.X25519) with { ApplicationProtocols = [.. Enumerable.Range(0, 64).Select(i => new string('p', 250) + i)] };
        var records = 0;
        using var pair = new TlsPair(client with { Session = null }, Setup.Server(), Setup.Raw());
        pair.Wire = (bytes, toServer) =>
        {
            records += toServer && bytes is [22, ..] && BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(3)) == 1 << 14 ? 1 : 0;
            return bytes;
        };
        pair.Run();
        Assert.Equal(1, records);
        Assert.True(pair.Server.Connection.IsEstablished);
    }
}
