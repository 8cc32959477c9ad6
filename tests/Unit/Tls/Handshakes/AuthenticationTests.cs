using Kadath.Crypto;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

public sealed class AuthenticationTests
{
    [Theory]
    [InlineData(PublicKeyKind.Ed25519, SignatureScheme.Ed25519)]
    [InlineData(PublicKeyKind.P256, SignatureScheme.EcdsaSecp256r1Sha256)]
    [InlineData(PublicKeyKind.P384, SignatureScheme.EcdsaSecp384r1Sha384)]
    [InlineData(PublicKeyKind.MlDsa44, SignatureScheme.MlDsa44)]
    [InlineData(PublicKeyKind.MlDsa65, SignatureScheme.MlDsa65)]
    [InlineData(PublicKeyKind.MlDsa87, SignatureScheme.MlDsa87)]
    public void A_server_shows_a_raw_key_and_the_client_learns_which(PublicKeyKind kind, SignatureScheme scheme)
    {
        var credential = Setup.Raw(kind);
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), credential);
        pair.Run();
        var proven = pair.Client.Event<TlsEvent.PeerProven>();
        Assert.Equal(scheme, proven.Scheme);
        Assert.Equal(SpkiPin.Of(credential.Key.PublicKeyInfo.Span, CryptoProvider.Default.Sha256), proven.Peer.Pin);
        Assert.Equal(CertificateType.RawPublicKey, proven.Peer.Type);
        Assert.DoesNotContain(pair.Server.Events, fact => fact is TlsEvent.PeerProven);
    }

    [Theory]
    [InlineData(ClientAuthentication.Request, true)]
    [InlineData(ClientAuthentication.Require, true)]
    [InlineData(ClientAuthentication.Request, false)]
    public void A_client_that_is_asked_shows_its_key_or_nothing(ClientAuthentication asked, bool shows)
    {
        var credential = shows ? Setup.Raw(PublicKeyKind.P256, seed: 9) : null;
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server() with { ClientAuthentication = asked }, Setup.Raw(), credential);
        pair.Run();
        Assert.Null(pair.Server.Connection.Fault);
        var verification = pair.Server.Pauses.OfType<VerificationNeeded>().SingleOrDefault();
        Assert.Equal(shows, verification is not null);
        Assert.Equal(credential?.Key.PublicKeyInfo.ToArray(), verification?.Peer.PublicKeyInfo.ToArray());
        Assert.Equal("x"u8, pair.Exchange("x"u8, "y"u8).AtServer);
    }

    [Fact]
    public void A_server_that_requires_a_key_refuses_a_client_without_and_one_that_it_does_not_trust()
    {
        using var none = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server() with { ClientAuthentication = ClientAuthentication.Require }, Setup.Raw());
        none.Run();
        Assert.Equal(AlertDescription.CertificateRequired, none.Server.Connection.Fault!.Alert);
        Assert.Equal((TlsBlame.RefusedByPeer, AlertDescription.CertificateRequired), (none.Client.Connection.Fault!.Blame, none.Client.Connection.Fault.Alert));

        using var stranger = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server() with { ClientAuthentication = ClientAuthentication.Require }, Setup.Raw(), Setup.Raw(seed: 9));
        stranger.Server.Verify = _ => AlertDescription.AccessDenied;
        stranger.Run();
        Assert.Equal((TlsBlame.Caller, AlertDescription.AccessDenied), (stranger.Server.Connection.Fault!.Blame, stranger.Server.Connection.Fault.Alert));
        Assert.False(stranger.Server.Connection.IsEstablished);
    }

    [Fact]
    public void A_peer_that_takes_other_certificate_types_is_refused()
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server() with { ServerCertificateTypes = [CertificateType.X509] }, Setup.Raw());
        pair.Run();
        Assert.Equal(AlertDescription.UnsupportedCertificate, pair.Server.Connection.Fault!.Alert);
    }

    [Fact]
    public void A_server_without_a_credential_for_the_client_says_so()
    {
        using var named = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), null);
        named.Run();
        Assert.Equal(AlertDescription.UnrecognizedName, named.Client.Connection.Fault!.Alert);
        using var unnamed = new TlsPair(Setup.Client(NamedGroup.X25519) with { ServerName = null }, Setup.Server(), null);
        unnamed.Run();
        Assert.Equal(AlertDescription.HandshakeFailure, unnamed.Client.Connection.Fault!.Alert);
        Assert.Equal(TlsBlame.Caller, unnamed.Server.Connection.Fault!.Blame);
    }

    [Fact]
    public void A_signature_with_another_key_than_the_one_shown_is_refused()
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), null);
        using var other = SigningKeys.Generate(PublicKeyKind.Ed25519, CryptoProvider.Default, new SeededKeyEntropy(77));
        pair.Server.Credential = Credential.RawPublicKey(new Impostor(Setup.Raw().Key, other));
        pair.Run();
        Assert.Equal(AlertDescription.DecryptError, pair.Client.Connection.Fault!.Alert);
        Assert.DoesNotContain(pair.Client.Pauses, pause => pause is VerificationNeeded);
    }

    [Fact]
    public void A_pause_is_answered_once_and_with_what_suits()
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Run();
        Assert.Throws<InvalidOperationException>(() => pair.Client.Pauses.OfType<VerificationNeeded>().Single().Accept());
        using var server = TlsConnection.CreateServer(Setup.Server());
        using var client = TlsConnection.CreateClient(Setup.Client(NamedGroup.X25519) with { Policy = TlsPolicy.Default with { Signatures = [SignatureScheme.EcdsaSecp256r1Sha256] } }, pair.Client.Now);
        server.Receive(client.Output.ToArray(), pair.Client.Now);
        var needed = Assert.IsType<CredentialNeeded>(server.Pause);
        Assert.Throws<ArgumentException>(() => needed.Answer(Setup.Raw()));
        Assert.Equal(TlsReadKind.Paused, server.Receive(new byte[100], pair.Client.Now).Kind);
        needed.Answer(Setup.Raw(PublicKeyKind.P256));
        Assert.IsType<SignatureNeeded>(server.Pause);
    }

    [Theory]
    [InlineData(true, CipherSuite.Aes128GcmSha256)]
    [InlineData(true, CipherSuite.Aes256GcmSha384)]
    [InlineData(false, CipherSuite.Aes128GcmSha256)]
    [InlineData(false, CipherSuite.ChaCha20Poly1305Sha256)]
    public void A_key_that_both_were_given_replaces_certificates(bool isImported, CipherSuite suite)
    {
        using var psk = new ExternalPsk("client 7"u8, new byte[32], "context"u8) { Role = isImported ? null : PskRole.Client };
        using var servers = new ExternalPsk("client 7"u8, new byte[32], "context"u8) { Role = isImported ? null : PskRole.Server };
        var client = Setup.Client(NamedGroup.X25519);
        using var pair = new TlsPair(client with { Psk = psk, Policy = client.Policy with { Suites = [suite] } }, Setup.Server() with { Psks = [servers] }, null);
        pair.Run();
        Assert.Null(pair.Client.Connection.Fault);
        Assert.Equal(HandshakeKind.ExternalPsk, pair.Client.Event<TlsEvent.HandshakeCompleted>().Kind);
        Assert.Empty(pair.Client.Pauses);
        Assert.Equal("x"u8, pair.Exchange("x"u8, "y"u8).AtServer);
    }

    [Fact]
    public void An_unknown_key_means_certificates_and_a_wrong_one_ends_the_handshake()
    {
        using var psk = new ExternalPsk("client 7"u8, new byte[32]);
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519) with { Psk = psk }, Setup.Server(), Setup.Raw());
        pair.Run();
        Assert.Equal(HandshakeKind.Full, pair.Client.Event<TlsEvent.HandshakeCompleted>().Kind);
        Assert.Single(pair.Client.Pauses.OfType<VerificationNeeded>());

        using var other = new ExternalPsk("client 7"u8, [.. Enumerable.Repeat((byte)1, 32)]);
        using var wrong = new TlsPair(Setup.Client(NamedGroup.X25519) with { Psk = psk }, Setup.Server() with { Psks = [other] }, Setup.Raw());
        wrong.Run();
        Assert.Equal(AlertDescription.DecryptError, wrong.Server.Connection.Fault!.Alert);
    }

    [Fact]
    public void A_key_that_is_not_imported_serves_one_role()
    {
        using var psk = new ExternalPsk("client 7"u8, new byte[32]) { Role = PskRole.Client };
        Assert.Throws<ArgumentException>(() => TlsConnection.CreateServer(Setup.Server() with { Psks = [psk] }));
        using var client = TlsConnection.CreateClient(Setup.Client(NamedGroup.X25519) with { Psk = psk }, default);
    }

    [Fact]
    public void A_short_key_is_refused() => Assert.Throws<ArgumentException>(() => new ExternalPsk("client"u8, new byte[31]));

    /// <summary>Shows one key and signs with another.</summary>
    private sealed class Impostor(SigningKey shown, SigningKey signs) : SigningKey
    {
        public override PublicKeyKind Kind => shown.Kind;

        public override ReadOnlyMemory<byte> PublicKeyInfo => shown.PublicKeyInfo;

        public override int Sign(SignatureScheme scheme, ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature) => signs.Sign(scheme, message, hedge, signature);

        protected override void Dispose(bool disposing)
        {
        }
    }
}
