using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kadath.Tls;
using Kadath.Tls.Streams;
using Xunit;

namespace Kadath.Tests.Node.Tls;

/// <summary>Nothing is trusted by omission.</summary>
public sealed class TlsTrustTests
{
    private static readonly CertificateType[] RawKeys = [CertificateType.RawPublicKey];

    [Fact]
    public async Task A_client_that_says_nothing_refuses_a_self_signed_certificate_and_the_server_hears_why()
    {
        (TlsException? client, TlsException? server) = await TlsPair.FailAsync(new TlsClientAuthenticationOptions { TargetHost = "localhost" }, TlsPair.Server1());
        Assert.Equal((TlsFailure.RefusedByUs, AlertDescription.UnknownCa), (client!.Failure, client.Alert));
        Assert.Equal((TlsFailure.RefusedByPeer, AlertDescription.UnknownCa), (server!.Failure, server.Alert));
    }

    [Fact]
    public async Task Another_pin_is_refused()
    {
        using Credential other = TlsCredentials.SelfSigned();
        (TlsException? client, _) = await TlsPair.FailAsync(TlsPair.Client1(other), TlsPair.Server1());
        Assert.Equal((TlsFailure.RefusedByUs, AlertDescription.UnknownCa), (client!.Failure, client.Alert));
    }

    [Fact]
    public async Task A_raw_public_key_needs_a_pin_even_where_authorities_are_trusted()
    {
        using Credential raw = TlsCredentials.RawPublicKey();
        TlsServerAuthenticationOptions server = TlsPair.Server1(raw);
        TlsClientAuthenticationOptions client = TlsPair.Client1(raw) with { ServerCertificateTypes = RawKeys };
        (TlsException? refused, _) = await TlsPair.FailAsync(client with { Trust = TlsTrust.Platform }, server);
        Assert.Equal(AlertDescription.UnknownCa, refused!.Alert);
        await using TlsPair pair = await TlsPair.ConnectAsync(client, server);
        Assert.Equal((PeerState.Pinned, CertificateType.RawPublicKey), (pair.Client.Info.PeerState, pair.Client.Info.Peer!.Type));
        Assert.Equal(SignatureScheme.Ed25519, pair.Client.Info.PeerScheme);
    }

    [Fact]
    public async Task Whoever_accepts_anyone_is_told_that_nobody_was_authenticated()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Client1() with { Trust = new TlsTrust { AcceptAnyone = true } });
        Assert.Equal(PeerState.Unauthenticated, pair.Client.Info.PeerState);
    }

    [Fact]
    public void A_server_that_asks_for_clients_and_trusts_nobody_refuses_to_start()
    {
        foreach (ClientAuthentication asked in new[] { ClientAuthentication.Request, ClientAuthentication.Require })
        {
            Assert.Throws<ArgumentException>((TlsPair.Server1() with { ClientAuthentication = asked }).Validate);
            Assert.Throws<ArgumentException>((TlsPair.Server1() with { ClientAuthentication = asked, ClientTrust = new TlsTrust { Roots = [] } }).Validate);
            (TlsPair.Server1() with { ClientAuthentication = asked, ClientTrust = TlsPair.Pinned(TlsPair.Certificate) }).Validate();
        }

        Assert.Throws<ArgumentException>(new TlsServerAuthenticationOptions().Validate);
    }

    [Fact]
    public async Task A_server_that_requires_a_client_gets_the_one_it_trusts_or_none()
    {
        using Credential known = TlsCredentials.SelfSigned(), stranger = TlsCredentials.SelfSigned();
        TlsServerAuthenticationOptions server = TlsPair.Server1() with { ClientAuthentication = ClientAuthentication.Require, ClientTrust = TlsPair.Pinned(known) };
        await using (TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Client1() with { Credentials = [known] }, server))
        {
            Assert.Equal((PeerState.Pinned, TlsPair.PinOf(known)), (pair.Server.Info.PeerState, pair.Server.Info.Peer!.Pin));
        }

        (TlsException? client, TlsException? refusal) = await TlsPair.FailAsync(TlsPair.Client1() with { Credentials = [stranger] }, server);
        Assert.Equal((TlsFailure.RefusedByPeer, AlertDescription.UnknownCa), (client!.Failure, client.Alert));
        Assert.Equal(TlsFailure.RefusedByUs, refusal!.Failure);
        (client, _) = await TlsPair.FailAsync(TlsPair.Client1(), server);
        Assert.Equal((TlsFailure.RefusedByPeer, AlertDescription.CertificateRequired), (client!.Failure, client.Alert));
    }

    [Fact]
    public async Task A_chain_is_judged_by_root_name_time_and_purpose()
    {
        using Authority authority = new();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await ExpectAsync(authority, "localhost", authority.Issue("localhost", now.AddDays(-1), now.AddDays(1), "1.3.6.1.5.5.7.3.1"), null);
        await ExpectAsync(authority, "other.example", authority.Issue("localhost", now.AddDays(-1), now.AddDays(1), "1.3.6.1.5.5.7.3.1"), AlertDescription.BadCertificate);
        await ExpectAsync(authority, "localhost", authority.Issue("localhost", now.AddDays(-2), now.AddDays(-1), "1.3.6.1.5.5.7.3.1"), AlertDescription.CertificateExpired);
        await ExpectAsync(authority, "localhost", authority.Issue("localhost", now.AddDays(-1), now.AddDays(1), "1.3.6.1.5.5.7.3.2"), AlertDescription.BadCertificate);
        using Authority unknown = new();
        await ExpectAsync(authority, "localhost", unknown.Issue("localhost", now.AddDays(-1), now.AddDays(1), "1.3.6.1.5.5.7.3.1"), AlertDescription.UnknownCa);
    }

    [Fact]
    public async Task A_verifier_decides_alone_on_resumption_too_and_what_it_throws_fails_the_handshake()
    {
        int asked = 0;
        bool answer = true;
        using TlsSessionCache sessions = new();
        using TlsTickets tickets = new();
        TlsTrust trust = new()
        {
            Verifier = async (peer, cancellation) =>
            {
                await Task.Yield();
                Assert.Equal(TlsPair.PinOf(TlsPair.Certificate), peer.Pin);
                asked++;
                return answer;
            },
        };
        TlsClientAuthenticationOptions client = TlsPair.Client1() with { Trust = trust, Sessions = sessions };
        TlsServerAuthenticationOptions server = TlsPair.Server1() with { Tickets = tickets };
        foreach (HandshakeKind kind in new[] { HandshakeKind.Full, HandshakeKind.Resumed })
        {
            await using TlsPair pair = await TlsPair.ConnectAsync(client, server);
            Assert.Equal((kind, PeerState.Verified), (pair.Client.Info.Kind, pair.Client.Info.PeerState));
            await pair.Server.CloseWriteAsync();
            Assert.Equal(0, await pair.Client.ReadAsync(new byte[1]));
        }

        Assert.Equal(2, asked);
        answer = false;
        (TlsException? refused, _) = await TlsPair.FailAsync(client, server);
        Assert.Equal((TlsFailure.RefusedByUs, AlertDescription.CertificateUnknown, 3), (refused!.Failure, refused.Alert, asked));

        await using TlsPair open = await TlsPair.OpenAsync();
        Task serving = open.Server.AuthenticateAsServerAsync(server);
        TlsTrust broken = new() { Verifier = static (_, _) => throw new InvalidDataException("broken") };
        await Assert.ThrowsAsync<InvalidDataException>(() => open.Client.AuthenticateAsClientAsync(client with { Trust = broken, Sessions = null }));
        await open.Client.DisposeAsync();
        TlsException told = await TellsAsync(open.Server, serving);
        Assert.Equal((TlsFailure.RefusedByPeer, AlertDescription.InternalError), (told.Failure, told.Alert));
    }

    [Fact]
    public async Task What_a_servers_verifier_throws_reaches_the_caller_and_the_client_gets_an_alert()
    {
        foreach (Exception thrown in new Exception[] { new InvalidDataException("broken"), new OperationCanceledException("by itself") })
        {
            await using TlsPair open = await TlsPair.OpenAsync();
            TlsTrust broken = new() { Verifier = (_, _) => throw thrown };
            TlsServerAuthenticationOptions server = TlsPair.Server1() with { ClientAuthentication = ClientAuthentication.Require, ClientTrust = broken };
            Task serving = open.Server.AuthenticateAsServerAsync(server);
            Task connecting = open.Client.AuthenticateAsClientAsync(TlsPair.Client1() with { Credentials = [TlsPair.Certificate] });
            Assert.Same(thrown, await Assert.ThrowsAnyAsync<Exception>(() => serving));
            await open.Server.DisposeAsync();
            TlsException told = await TellsAsync(open.Client, connecting);
            Assert.Equal((TlsFailure.RefusedByPeer, AlertDescription.InternalError), (told.Failure, told.Alert));
        }
    }

    /// <summary>What a side fails with, in its handshake or, where that was done before the peer's judgement, in its first read.</summary>
    private static Task<TlsException> TellsAsync(TlsStream stream, Task authenticating) => Assert.ThrowsAsync<TlsException>(async () =>
    {
        await authenticating;
        _ = await stream.ReadAsync(new byte[1]);
    });

    [Theory]
    [InlineData("rsa")]
    [InlineData("p256")]
    [InlineData("p384")]
    public async Task Any_certificate_of_the_platform_serves_exportable_key_or_not(string kind)
    {
        using AsymmetricAlgorithm key = kind == "rsa" ? RSA.Create(2048) : ECDsa.Create(kind == "p256" ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest("CN=localhost", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=localhost", (ECDsa)key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using X509Certificate2 sealedKey = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.EphemeralKeySet);
        using Credential credential = TlsCredentials.FromCertificate(sealedKey);
        await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Client1(credential), TlsPair.Server1(credential));
        Assert.Equal(kind switch { "rsa" => SignatureScheme.RsaPssRsaeSha256, "p256" => SignatureScheme.EcdsaSecp256r1Sha256, _ => SignatureScheme.EcdsaSecp384r1Sha384 }, pair.Client.Info.PeerScheme);
    }

    private static async Task ExpectAsync(Authority authority, string host, Credential shown, AlertDescription? alert)
    {
        using (shown)
        {
            (TlsException? client, _) = await TlsPair.FailAsync(TlsPair.Client1() with { TargetHost = host, Trust = new TlsTrust { Roots = [authority.Root] } }, TlsPair.Server1(shown));
            Assert.Equal(alert, client?.Alert);
        }
    }

    /// <summary>An authority with an intermediate one.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), _middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 _middle;

        public Authority()
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            string name = Guid.NewGuid().ToString();
            Root = Make($"CN=root {name}", _rootKey).CreateSelfSigned(now.AddDays(-30), now.AddDays(30));
            _middle = Make($"CN=middle {name}", _middleKey).Create(Root, now.AddDays(-20), now.AddDays(20), [1, 2, 3]);
        }

        public X509Certificate2 Root { get; }

        public Credential Issue(string name, DateTimeOffset from, DateTimeOffset until, string purpose)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=leaf", key, HashAlgorithmName.SHA256);
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
            using X509Certificate2 issued = request.Create(_middle.SubjectName, X509SignatureGenerator.CreateForECDsa(_middleKey), from, until, [7]);
            using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);
            return TlsCredentials.FromCertificate(withKey, [Root, _middle]);
        }

        public void Dispose()
        {
            Root.Dispose();
            _middle.Dispose();
            _rootKey.Dispose();
            _middleKey.Dispose();
        }

        private static CertificateRequest Make(string name, ECDsa key)
        {
            CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request;
        }
    }
}
