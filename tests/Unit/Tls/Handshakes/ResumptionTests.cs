using Kadath.Crypto;
using Kadath.Primitives;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

public sealed class ResumptionTests
{
    private static readonly Instant Start = Instant.FromSeconds(1000);

    public static TheoryData<bool, CipherSuite> Modes => new()
    {
        { true, CipherSuite.Aes128GcmSha256 },
        { true, CipherSuite.Aes256GcmSha384 },
        { false, CipherSuite.Aes128GcmSha256 },
        { false, CipherSuite.Aes256GcmSha384 },
    };

    [Theory, MemberData(nameof(Modes))]
    public void A_ticket_resumes_a_session_with_a_fresh_exchange_and_the_server_is_verified_again(bool isStateful, CipherSuite suite)
    {
        using var store = Store(isStateful);
        using var session = FirstSession(store, Server(suite), Client(suite));
        using var pair = Second(store, Server(suite), Client(suite) with { Session = session }, Start + TimeSpan.FromMinutes(1));
        Assert.Equal(HandshakeKind.Resumed, pair.Client.Event<TlsEvent.HandshakeCompleted>().Kind);
        Assert.Equal(HandshakeKind.Resumed, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
        var verification = Assert.IsType<VerificationNeeded>(Assert.Single(pair.Client.Pauses));
        Assert.True(verification.IsResumed);
        Assert.Equal(session.Peer!.Pin, verification.Peer.Pin);
        Assert.DoesNotContain(pair.Server.Pauses, pause => pause is SignatureNeeded);
        var (atServer, _) = pair.Exchange("again"u8, "yes"u8);
        Assert.Equal("again"u8, atServer);
    }

    [Fact]
    public void A_stateful_ticket_works_once()
    {
        using var store = Store(isStateful: true);
        using var session = FirstSession(store, Server(), Client());
        foreach (var expected in new[] { HandshakeKind.Resumed, HandshakeKind.Full })
        {
            using var pair = Second(store, Server(), Client() with { Session = session }, Start);
            Assert.Equal(expected, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_ticket_that_is_over_means_a_full_handshake(bool isStateful)
    {
        using var store = Store(isStateful);
        using var session = FirstSession(store, Server(), Client());
        var late = Start + TimeSpan.FromHours(2);
        Assert.True(session.IsExpired(late));
        using var pair = Second(store, Server(), Client() with { Session = session }, late);
        Assert.Equal(HandshakeKind.Full, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Any_difference_in_what_a_ticket_binds_means_a_full_handshake(bool isStateful)
    {
        Check(server => server with { TrustTag = "other" }, client => client);
        Check(server => server with { ClientAuthentication = ClientAuthentication.Request }, client => client);
        Check(server => server with { ApplicationProtocols = ["b"] }, client => client with { ApplicationProtocols = ["b"] });
        Check(server => server with { Policy = server.Policy with { Suites = [CipherSuite.ChaCha20Poly1305Sha256] } }, client => client);
        Check(server => server, client => client with { ServerName = "other.example" });
        Check(server => server, client => client with { TrustTag = "other" });

        void Check(Func<TlsServerOptions, TlsServerOptions> change, Func<TlsClientOptions, TlsClientOptions> changeClient)
        {
            using var store = Store(isStateful);
            using var session = FirstSession(store, Server(), Client());
            using var pair = Second(store, change(Server()), changeClient(Client() with { Session = session }), Start);
            Assert.Equal(HandshakeKind.Full, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
        }
    }

    [Fact]
    public void A_caller_that_no_longer_trusts_the_server_refuses_a_resumed_session()
    {
        using var store = Store(isStateful: true);
        using var session = FirstSession(store, Server(), Client());
        using var pair = new TlsPair(Client() with { Session = session }, Server(), Setup.Raw(), now: Start);
        pair.Server.FindSession = needed => Find(store, needed, Start);
        pair.Client.Verify = _ => AlertDescription.CertificateRevoked;
        pair.Run();
        Assert.Equal(TlsBlame.Caller, pair.Client.Connection.Fault!.Blame);
        Assert.Equal(new TlsFault(TlsBlame.RefusedByPeer, AlertDescription.CertificateRevoked, pair.Server.Connection.Fault!.Reason), pair.Server.Connection.Fault);
    }

    [Fact]
    public void A_session_that_began_with_a_given_key_is_offered_only_with_that_key()
    {
        using var psk = new ExternalPsk("client"u8, new byte[32]);
        using var store = Store(isStateful: true);
        using var session = FirstSession(store, Server() with { Psks = [psk] }, Client() with { Psk = psk });
        Assert.Null(session.Peer);
        using var pair = Second(store, Server(), Client() with { Session = session }, Start);
        Assert.Equal(HandshakeKind.Full, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
        Assert.Single(pair.Client.Pauses.OfType<VerificationNeeded>());
    }

    [Fact]
    public void A_wrong_binder_ends_the_handshake()
    {
        using var store = Store(isStateful: true);
        using var session = FirstSession(store, Server(), Client());
        using var pair = new TlsPair(Client() with { Session = session }, Server(), Setup.Raw(), now: Start);
        pair.Server.FindSession = needed => Find(store, needed, Start);
        pair.Wire = (bytes, toServer) =>
        {
            if (toServer && bytes is [22, ..])
            {
                bytes[5 + 4 + 2]++; // The hello's random: the binder covers it.
            }

            return bytes;
        };
        pair.Run();
        Assert.Equal(AlertDescription.DecryptError, pair.Server.Connection.Fault!.Alert);
    }

    [Fact]
    public void A_sealed_ticket_that_was_touched_is_unknown_and_old_keys_are_erased()
    {
        using var store = new SealedTickets(CryptoProvider.Default, new SeededKeyEntropy(9));
        using var session = FirstSession(store, Server(), Client());
        var ticket = session.Ticket.ToArray();
        for (var i = 0; i < ticket.Length; i += 7)
        {
            ticket[i] ^= 1;
            Assert.Null(store.Find(ticket, Start));
            ticket[i] ^= 1;
        }

        Assert.NotNull(store.Find(ticket, Start));
        Assert.Equal(Start + SealedTickets.KeyPeriod, store.NextDeadline);
        store.Wake(Start + SealedTickets.KeyPeriod);
        Assert.Equal(Start + SealedTickets.KeyPeriod + SealedTickets.KeyPeriod, store.NextDeadline);
        store.Wake(Start + SealedTickets.KeyPeriod + SealedTickets.KeyPeriod);
        Assert.True(store.NextDeadline.IsNever);
        Assert.Null(store.Find(ticket, Start));
    }

    [Fact]
    public void The_oldest_sessions_make_room_in_a_full_cache()
    {
        using var store = new StatefulTickets(new SeededKeyEntropy(9), capacity: 2);
        using var first = FirstSession(store, Server(), Client());
        using var second = FirstSession(store, Server(), Client());
        using var third = FirstSession(store, Server(), Client());
        Assert.Equal(2, store.Count);
        Assert.Null(store.Find(first.Ticket.Span, Start));
        Assert.NotNull(store.Find(third.Ticket.Span, Start));
    }

    [Fact]
    public void A_full_cache_forgets_no_session_with_early_data_and_refuses_early_data_but_resumes()
    {
        using var store = new StatefulTickets(new SeededKeyEntropy(9), capacity: 2);
        var server = Server() with { MaxEarlyData = 1000 };
        using var first = FirstSession(store, server, Client());
        using var second = FirstSession(store, server, Client());
        Assert.Null(Issue(store, server));
        Assert.Equal(2, store.Count);

        Assert.False(OffersEarly(store, server, first));
        Assert.Equal(1, store.Count);
        Assert.True(OffersEarly(store, server, second));
        Assert.Equal(0, store.Count);
        Assert.NotNull(Issue(store, server));
    }

    private static byte[]? Issue(StatefulTickets store, TlsServerOptions server)
    {
        using var pair = new TlsPair(Client(), server, Setup.Raw(), now: Start);
        pair.Run();
        return store.Issue(pair.Server.Connection.Server!.CreateSession(TimeSpan.FromHours(1), out _, allowEarlyData: true), Start);
    }

    private static bool OffersEarly(StatefulTickets store, TlsServerOptions server, ClientSession session)
    {
        using var pair = new TlsPair(Client() with { Session = session, OfferEarlyData = true }, server, Setup.Raw(), now: Start);
        pair.Server.FindSession = needed => Find(store, needed, Start);
        Assert.Equal(5, pair.Client.Connection.WriteEarlyData("early"u8));
        pair.Run();
        Assert.Null(pair.Server.Connection.Fault);
        Assert.Equal(HandshakeKind.Resumed, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
        var (atServer, _) = pair.Exchange("one"u8, "two"u8);
        Assert.Equal("one"u8, atServer);
        var accepted = pair.Client.Event<TlsEvent.EarlyDataDecided>().Accepted;
        Assert.Equal(accepted ? "early"u8 : [], pair.Server.EarlyData.ToArray());
        return accepted;
    }

    [Fact]
    public void Early_data_arrives_by_an_api_of_its_own_and_the_handshake_goes_on()
    {
        using var store = Store(isStateful: true);
        var server = Server() with { MaxEarlyData = 1000 };
        using var session = FirstSession(store, server, Client());
        using var pair = new TlsPair(Client() with { Session = session, OfferEarlyData = true }, server, Setup.Raw(), now: Start);
        pair.Server.FindSession = needed => Find(store, needed, Start);
        Assert.Equal(5, pair.Client.Connection.WriteEarlyData("early"u8));
        pair.Run();
        Assert.Null(pair.Server.Connection.Fault);
        Assert.Equal("early"u8, pair.Server.EarlyData.ToArray());
        Assert.True(pair.Client.Event<TlsEvent.EarlyDataDecided>().Accepted);
        Assert.Equal(0, pair.Client.Connection.WriteEarlyData("late"u8));
        var (atServer, atClient) = pair.Exchange("one"u8, "two"u8);
        Assert.Equal("one"u8, atServer);
        Assert.Equal("two"u8, atClient);
    }

    [Fact]
    public void Early_data_that_is_refused_is_skipped()
    {
        using var store = Store(isStateful: true);
        using var session = FirstSession(store, Server() with { MaxEarlyData = 1000 }, Client());
        using var pair = new TlsPair(Client() with { Session = session, OfferEarlyData = true }, Server(), Setup.Raw(), now: Start);
        pair.Server.FindSession = needed => Find(store, needed, Start);
        Assert.Equal(5, pair.Client.Connection.WriteEarlyData("early"u8));
        pair.Run();
        Assert.Null(pair.Server.Connection.Fault);
        Assert.Empty(pair.Server.EarlyData);
        Assert.False(pair.Client.Event<TlsEvent.EarlyDataDecided>().Accepted);
        var (atServer, _) = pair.Exchange("one"u8, "two"u8);
        Assert.Equal("one"u8, atServer);
    }

    [Fact]
    public void Early_data_is_refused_after_a_hello_retry_request_and_skipped()
    {
        using var store = Store(isStateful: true);
        var client = Client() with { Policy = Setup.Policy(NamedGroup.X25519, NamedGroup.Secp256r1) };
        var server = Server() with { MaxEarlyData = 1000 };
        using var session = FirstSession(store, server, client);
        server = server with { Policy = Setup.Policy(NamedGroup.Secp256r1) };
        using var pair = new TlsPair(client with { Session = session, OfferEarlyData = true }, server, Setup.Raw(), now: Start);
        pair.Server.FindSession = needed => Find(store, needed, Start);
        Assert.Equal(5, pair.Client.Connection.WriteEarlyData("early"u8));
        pair.Run();
        Assert.Null(pair.Server.Connection.Fault);
        Assert.Empty(pair.Server.EarlyData);
        Assert.Equal(HandshakeKind.Resumed, pair.Server.Event<TlsEvent.HandshakeCompleted>().Kind);
        Assert.True(pair.Client.Event<TlsEvent.Negotiated>().HelloRetried);
    }

    [Fact]
    public void Early_data_whose_age_is_ten_seconds_off_is_refused()
    {
        using var store = Store(isStateful: true);
        var server = Server() with { MaxEarlyData = 1000 };
        using var session = FirstSession(store, server, Client());
        using var pair = new TlsPair(Client() with { Session = session, OfferEarlyData = true }, server, Setup.Raw(), now: Start);
        pair.Server.Now = Start + TimeSpan.FromSeconds(11);
        pair.Server.FindSession = needed => Find(store, needed, pair.Server.Now);
        pair.Client.Connection.WriteEarlyData("replayed"u8);
        pair.Run();
        Assert.False(pair.Client.Event<TlsEvent.EarlyDataDecided>().Accepted);
        Assert.Empty(pair.Server.EarlyData);
    }

    [Fact]
    public void More_early_data_than_the_ticket_allows_ends_the_connection()
    {
        using var store = Store(isStateful: true);
        var server = Server() with { MaxEarlyData = 1000 };
        using var session = FirstSession(store, server, Client());
        using var pair = new TlsPair(Client() with { Session = session, OfferEarlyData = true }, server, Setup.Raw(), now: Start);
        pair.Server.FindSession = needed => Find(store, needed, Start);
        Assert.Equal(1000, pair.Client.Connection.WriteEarlyData(new byte[2000]));
        Assert.Equal(0, pair.Client.Connection.WriteEarlyData("more"u8));
        ((RecordLayer)pair.Client.Connection.Handshake.Sink).WriteData("more"u8);
        pair.Run();
        Assert.Equal(AlertDescription.UnexpectedMessage, pair.Server.Connection.Fault!.Alert);
    }

    [Fact]
    public void Early_data_accepted_without_the_session_it_was_offered_with_ends_the_handshake()
    {
        using var store = Store(isStateful: true);
        var server = Server() with { MaxEarlyData = 1000 };
        using var session = FirstSession(store, server, Client());
        using var pair = new HandshakePair(Client() with { Session = session, OfferEarlyData = true }, Server(), Setup.Raw());
        pair.ToClient = message => message[0] == 8 ? Hellos.Message(8, Hellos.Sized([.. message[6..], 0, 42, 0, 0])) : message;
        pair.Run();
        Assert.Equal(AlertDescription.IllegalParameter, Assert.Single(pair.Client.Alerts));
    }

    internal static ClientSession FirstSession(ITicketStore store, TlsServerOptions server, TlsClientOptions client)
    {
        using var pair = new TlsPair(client, server, Setup.Raw(), now: Start);
        pair.Run();
        var session = pair.Server.Connection.Server!.CreateSession(TimeSpan.FromHours(1), out var nonce, store.AreTicketsSingleUse);
        pair.Server.Connection.Server.SendTicket(session, nonce, store.Issue(session, Start)!);
        pair.Run();
        return pair.Client.Event<TlsEvent.SessionReceived>().Session;
    }

    private static TlsPair Second(ITicketStore store, TlsServerOptions server, TlsClientOptions client, Instant now)
    {
        TlsPair pair = new(client, server, Setup.Raw(), now: now);
        pair.Server.FindSession = needed => Find(store, needed, now);
        pair.Run();
        Assert.Null(pair.Client.Connection.Fault);
        Assert.Null(pair.Server.Connection.Fault);
        return pair;
    }

    private static (ServerSession? Session, int Index) Find(ITicketStore store, SessionNeeded needed, Instant now) => (store.Find(needed.Identities[0].Span, now), 0);

    private static ITicketStore Store(bool isStateful) =>
        isStateful ? new StatefulTickets(new SeededKeyEntropy(9)) : new SealedTickets(CryptoProvider.Default, new SeededKeyEntropy(9));

    private static TlsServerOptions Server(CipherSuite suite = CipherSuite.Aes128GcmSha256)
    {
        var server = Setup.Server(NamedGroup.X25519, NamedGroup.Secp256r1);
        return server with { TakeSessions = true, Policy = server.Policy with { Suites = [suite] } };
    }

    private static TlsClientOptions Client(CipherSuite suite = CipherSuite.Aes128GcmSha256)
    {
        var client = Setup.Client(NamedGroup.X25519);
        return client with { Policy = client.Policy with { Suites = [suite, CipherSuite.ChaCha20Poly1305Sha256] } };
    }
}
