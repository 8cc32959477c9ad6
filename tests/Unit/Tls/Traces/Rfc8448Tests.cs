using Kadath.Crypto;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

public sealed class Rfc8448Tests
{
    private static readonly byte[] Fifty = [.. Enumerable.Range(0, 50).Select(i => (byte)i)];

    [Fact]
    public void The_simple_handshake_of_section_3_is_replayed()
    {
        using var replay = new TraceReplay("simple");
        replay.Hellos();
        replay.ServerFlight();
        replay.ClientFlight();
        var ticket = replay.Application("server-ticket", out var type);
        Assert.Equal(ContentType.Handshake, type);
        Assert.Equal((byte)HandshakeType.NewSessionTicket, ticket[0]);
        Assert.Equal(Trace.Read("simple").Bytes("ticket-psk"), replay.TicketPsk([0, 0]));
        AssertDataAndClose(replay);
    }

    [Fact]
    public void The_resumed_handshake_of_section_4_is_replayed_with_its_early_data()
    {
        using var replay = new TraceReplay("resumed");
        var early = replay.Hellos();
        AssertBinder(early, Trace.Read("resumed").Message("client-hello"));
        Assert.Equal("ABCDEF"u8, replay.EarlyData());
        replay.ServerFlight();
        replay.ClientFlight();
        AssertDataAndClose(replay);
    }

    [Fact]
    public void The_retried_handshake_of_section_5_is_replayed()
    {
        using var replay = new TraceReplay("retry");
        replay.Hellos();
        replay.ServerFlight();
        replay.ClientFlight();
        AssertClose(replay);
    }

    [Fact]
    public void The_client_authentication_of_section_6_is_replayed_and_the_servers_signature_verifies()
    {
        using var replay = new TraceReplay("client-authentication");
        replay.Hellos();
        replay.ServerFlight();
        replay.ClientFlight();
        AssertClose(replay);

        using var upToCertificate = new TraceReplay("client-authentication");
        upToCertificate.Hellos();
        upToCertificate.Transcript.Append(Trace.Read("client-authentication").Message("server-hello"));
        foreach (var message in replay.ServerMessages.TakeWhile(message => message[0] != (byte)HandshakeType.CertificateVerify))
        {
            upToCertificate.Transcript.Append(message);
        }

        var certificate = replay.ServerMessages.Single(message => message[0] == (byte)HandshakeType.Certificate);
        var verify = replay.ServerMessages.Single(message => message[0] == (byte)HandshakeType.CertificateVerify);
        Assert.True(CertificateMessages.TryRead(certificate.AsSpan(4), CertificateType.X509, [], out var entries, out _));
        Assert.True(CertificateMessages.TryReadVerify(verify.AsSpan(4), out var scheme, out var signature));
        Assert.Equal(SignatureScheme.EcdsaSecp256r1Sha256, scheme);
        var peer = PeerIdentity.Read(CertificateType.X509, entries, CryptoProvider.Default.Sha256)!;
        Assert.True(SubjectPublicKeyInfo.TryParse(peer.PublicKeyInfo.Span, out var key));
        Assert.True(SignatureVerifier.Verify(scheme, key, CertificateMessages.Content(byServer: true, upToCertificate.Hash()), signature, CryptoProvider.Default));
        Assert.False(SignatureVerifier.Verify(scheme, key, CertificateMessages.Content(byServer: false, upToCertificate.Hash()), signature, CryptoProvider.Default));
    }

    [Fact]
    public void The_handshake_in_compatibility_mode_of_section_7_is_replayed()
    {
        using var replay = new TraceReplay("compatibility");
        replay.Hellos();
        replay.ServerFlight();
        replay.ClientFlight();
        AssertClose(replay);
    }

    private static void AssertBinder(EarlyStage early, byte[] hello)
    {
        // The hello ends with one binder of 32 bytes, its length and the list's.
        var truncated = hello[..^(32 + 1 + 2)];
        var hash = new byte[32];
        CryptoProvider.Default.Sha256.Hash(truncated, hash);
        var binder = new byte[32];
        early.ComputeBinder("res binder"u8, hash, binder);
        Assert.Equal(hello[^32..], binder);
    }

    private static void AssertDataAndClose(TraceReplay replay)
    {
        Assert.Equal(Fifty, replay.Application("client-data", out _));
        Assert.Equal(Fifty, replay.Application("server-data", out _));
        AssertClose(replay);
    }

    private static void AssertClose(TraceReplay replay)
    {
        Assert.Equal([1, 0], replay.Application("client-close", out var type));
        Assert.Equal(ContentType.Alert, type);
        Assert.Equal([1, 0], replay.Application("server-close", out _));
    }
}
