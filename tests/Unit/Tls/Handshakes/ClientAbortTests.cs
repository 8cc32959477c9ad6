using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

/// <summary>What a client must abort at (docs/tls-aborts.md), and with which alert.</summary>
public sealed class ClientAbortTests
{
    [Fact]
    public void A_server_hello_that_answers_something_else()
    {
        ServerHello(AlertDescription.IllegalParameter, hello => Changed(hello, 4 + 2 + 32 + 1)); // the session id
        ServerHello(AlertDescription.IllegalParameter, hello => WithSuite(hello, 0x1304));
        ServerHello(AlertDescription.IllegalParameter, hello => Changed(hello, Hellos.SuitesAt(hello) + 2)); // compression
        ServerHello(AlertDescription.IllegalParameter, hello => Changed(hello, 4)); // legacy_version
        ServerHello(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.SupportedVersions, _ => [3, 3]));
        ServerHello(AlertDescription.DecodeError, hello => Hellos.WithExtension(hello, ExtensionType.SupportedVersions, _ => [3]));
        ServerHello(AlertDescription.DecodeError, hello => Hellos.Message(hello[0], [.. hello[4..], 0]));
        ServerHello(AlertDescription.MissingExtension, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, _ => null));
        ServerHello(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, data => [0, 23, .. data[2..]]));
        ServerHello(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, data => [0, 29, .. Hellos.Sized(data[5..])]));
        ServerHello(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, _ => [0, 29, .. Hellos.Sized(new byte[32])]));
        ServerHello(AlertDescription.IllegalParameter, hello => Hellos.Append(hello, ExtensionType.PreSharedKey, [0, 0]));
        ServerHello(AlertDescription.UnsupportedExtension, hello => Hellos.Append(hello, (ExtensionType)0x7777, []));
        ServerHello(AlertDescription.UnsupportedExtension, hello => Hellos.Append(hello, ExtensionType.Alpn, [0, 2, 1, 65]));
        ServerHello(AlertDescription.IllegalParameter, hello => Hellos.Append(hello, ExtensionType.KeyShare, [0, 0]));
        ServerHello(AlertDescription.UnexpectedMessage, _ => Hellos.Message(8, [0, 0]));
    }

    [Fact]
    public void A_server_hello_that_is_cut_off_anywhere()
    {
        using var pair = Pair();
        pair.ClientHandshake.Start(pair.Client.Now);
        pair.Server.Take(EncryptionLevel.Initial, pair.Client.Messages.Peek().Bytes);
        var hello = pair.Server.Messages.Dequeue().Bytes;
        for (var length = 0; length < hello.Length - 4; length++)
        {
            using var other = Pair();
            other.ClientHandshake.Start(other.Client.Now);
            other.Client.Take(EncryptionLevel.Initial, Hellos.Message(hello[0], hello[4..(4 + length)]));
            Assert.Contains(Assert.Single(other.Client.Alerts), new[] { AlertDescription.DecodeError, AlertDescription.ProtocolVersion });
        }
    }

    [Fact]
    public void A_hello_retry_request_that_asks_for_what_it_must_not()
    {
        Retry(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, _ => null));
        Retry(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, _ => [0, 29]));
        Retry(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, _ => [0x77, 0x77]));
        Retry(AlertDescription.DecodeError, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, _ => [0]));
        Retry(AlertDescription.DecodeError, hello => Hellos.Append(hello, ExtensionType.Cookie, [0, 0]));
        Retry(AlertDescription.UnsupportedExtension, hello => Hellos.Append(hello, (ExtensionType)0x7777, []));
        Retry(AlertDescription.IllegalParameter, hello => WithSuite(hello, 0x1304));
    }

    [Fact]
    public void A_second_hello_retry_request_or_another_suite_or_group_after_the_first()
    {
        byte[] first = [];
        AfterRetry(AlertDescription.UnexpectedMessage, hello => first);
        AfterRetry(AlertDescription.IllegalParameter, hello => WithSuite(hello, 0x1303));
        AfterRetry(AlertDescription.IllegalParameter, hello => Hellos.WithExtension(hello, ExtensionType.KeyShare, _ => [0, 29, .. Hellos.Sized(new byte[32])]));

        void AfterRetry(AlertDescription expected, Func<byte[], byte[]> change)
        {
            using var pair = RetryPair();
            var number = 0;
            pair.ToClient = message =>
            {
                if (message[0] != 2 || ++number == 1)
                {
                    first = number == 1 ? message : first;
                    return message;
                }

                return change(message);
            };
            pair.Run();
            Assert.Equal(expected, Assert.Single(pair.Client.Alerts));
        }
    }

    [Fact]
    public void A_cookie_is_sent_back()
    {
        using var pair = RetryPair();
        pair.ToClient = message => message[0] == 2 ? Hellos.Append(message, ExtensionType.Cookie, [0, 3, 7, 8, 9]) : message;
        byte[] second = [];
        pair.ToServer = message => second = message;
        pair.Run();
        Assert.True(ClientHello.TryParse(second.AsSpan(4), out var hello, out _));
        Assert.True(hello.Extensions.TryGet(ExtensionType.Cookie, out var cookie));
        Assert.Equal([0, 3, 7, 8, 9], cookie.ToArray());
    }

    [Fact]
    public void A_cookie_that_no_hello_has_room_for_and_a_ticket_that_is_too_long_to_keep()
    {
        using var pair = RetryPair();
        pair.ToClient = message => message[0] == 2 ? Hellos.Append(message, ExtensionType.Cookie, Hellos.Sized(new byte[9000])) : message;
        pair.Run();
        Assert.Equal(AlertDescription.IllegalParameter, Assert.Single(pair.Client.Alerts));

        using var other = Pair();
        other.Run();
        other.Client.Take(EncryptionLevel.Application, Hellos.Message(4, [0, 0, 0, 9, 0, 0, 0, 0, 0, .. Hellos.Sized(new byte[17_000]), 0, 0]));
        Assert.Empty(other.Client.Alerts);
        Assert.DoesNotContain(other.Client.Events, fact => fact is TlsEvent.SessionReceived);
        other.Client.Take(EncryptionLevel.Application, Hellos.Message(4, [0, 0, 0, 9, 0, 0, 0, 0, 0, .. Hellos.Sized(new byte[100]), 0, 0]));
        Assert.Single(other.Client.Events.OfType<TlsEvent.SessionReceived>());
    }

    [Fact]
    public void Encrypted_extensions_that_were_not_offered_or_stand_in_the_wrong_place()
    {
        Encrypted(AlertDescription.UnsupportedExtension, 0x77, 0x77, 0, 0);
        Encrypted(AlertDescription.UnsupportedExtension, 0, 16, 0, 4, 0, 2, 1, 65);
        Encrypted(AlertDescription.UnsupportedExtension, 0, 28, 0, 2, 64, 0);
        Encrypted(AlertDescription.UnsupportedExtension, 0, 42, 0, 0);
        Encrypted(AlertDescription.IllegalParameter, 0, 51, 0, 0);
        Encrypted(AlertDescription.IllegalParameter, 0, 43, 0, 2, 3, 4);
        Encrypted(AlertDescription.IllegalParameter, 0, 10, 0, 0, 0, 10, 0, 0);
        Encrypted(AlertDescription.DecodeError, 0, 10, 0);
        Encrypted(AlertDescription.IllegalParameter, 0, 20, 0, 1, 0);
        Encrypted(AlertDescription.UnsupportedCertificate);
    }

    [Fact]
    public void A_protocol_that_was_not_offered_or_more_than_one()
    {
        Protocol(AlertDescription.IllegalParameter, 0, 2, 1, 66);
        Protocol(AlertDescription.DecodeError, 0, 4, 1, 65, 1, 65);
        Protocol(AlertDescription.DecodeError, 0, 0);

        static void Protocol(AlertDescription expected, params byte[] data)
        {
            using var pair = new HandshakePair(
                Setup.Client(NamedGroup.X25519) with { ApplicationProtocols = ["A"] }, Setup.Server() with { ApplicationProtocols = ["A"] }, Setup.Raw());
            pair.ToClient = message => message[0] == 8 ? Hellos.Message(8, Hellos.Sized([0, 16, .. Hellos.Sized(data)])) : message;
            pair.Run();
            Assert.Equal(expected, Assert.Single(pair.Client.Alerts));
        }
    }

    [Fact]
    public void A_servers_certificate_or_signature_that_is_wrong()
    {
        Flight(AlertDescription.DecodeError, HandshakeType.Certificate, _ => Hellos.Message(11, [0, 0, 0, 0]));
        Flight(AlertDescription.BadCertificate, HandshakeType.Certificate, _ => Hellos.Message(11, [0, 0, 0, 6, 0, 0, 1, 9, 0, 0]));
        Flight(AlertDescription.UnsupportedExtension, HandshakeType.Certificate, message => Hellos.Message(11, [.. message[4..5], .. Longer(message[5..8], 4), .. message[8..^2], 0, 4, 0, 18, 0, 0]));
        Flight(AlertDescription.DecryptError, HandshakeType.CertificateVerify, message => [.. message[..^1], (byte)(message[^1] ^ 1)]);
        Flight(AlertDescription.IllegalParameter, HandshakeType.CertificateVerify, message => [.. message[..4], 0x04, 0x03, .. message[6..]]);
        Flight(AlertDescription.DecryptError, HandshakeType.Finished, message => [.. message[..^1], (byte)(message[^1] ^ 1)]);
        Flight(AlertDescription.UnexpectedMessage, HandshakeType.Finished, message => [.. message, 4]);
        Flight(AlertDescription.DecodeError, HandshakeType.Finished, message => Hellos.Message(message[0], message[5..]));

        static byte[] Longer(byte[] length, int by) => [length[0], length[1], (byte)(length[2] + by)];
    }

    [Theory, InlineData((int)HandshakeType.EncryptedExtensions), InlineData((int)HandshakeType.Certificate), InlineData((int)HandshakeType.CertificateVerify)]
    public void A_flight_without_one_of_its_messages(int type) => Flight(AlertDescription.UnexpectedMessage, (HandshakeType)type, _ => []);

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 }, AlertDescription.MissingExtension)]
    [InlineData(new byte[] { 1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 8, 7 }, AlertDescription.IllegalParameter)]
    [InlineData(new byte[] { 0, 0, 6, 0, 13, 0, 2, 0, 0 }, AlertDescription.DecodeError)]
    [InlineData(new byte[] { 0, 0 }, AlertDescription.DecodeError)]
    public void A_certificate_request_out_of_its_syntax(byte[] body, AlertDescription expected)
    {
        using var pair = new HandshakePair(Setup.Client(NamedGroup.X25519), Setup.Server() with { ClientAuthentication = ClientAuthentication.Request }, Setup.Raw());
        pair.ToClient = message => message[0] == 13 ? Hellos.Message(13, body) : message;
        pair.Run();
        Assert.Equal(expected, Assert.Single(pair.Client.Alerts));
    }

    [Theory]
    [InlineData((int)HandshakeType.CertificateRequest)]
    [InlineData((int)HandshakeType.ServerHello)]
    [InlineData((int)HandshakeType.Finished)]
    [InlineData(0)]
    public void Authentication_renegotiation_or_anything_else_after_the_handshake(int type)
    {
        using var pair = Pair();
        pair.Run();
        pair.Client.Take(EncryptionLevel.Application, Hellos.Message((byte)type, [0]));
        Assert.Equal(AlertDescription.UnexpectedMessage, Assert.Single(pair.Client.Alerts));
    }

    [Fact]
    public void A_ticket_out_of_its_syntax()
    {
        foreach (var body in new byte[][] { [], [0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 7, 0, 6, 0, 42, 0, 2, 0, 0] })
        {
            using var pair = Pair();
            pair.Run();
            pair.Client.Take(EncryptionLevel.Application, Hellos.Message(4, body));
            Assert.Equal(AlertDescription.DecodeError, Assert.Single(pair.Client.Alerts));
        }
    }

    [Fact]
    public void Nothing_is_sent_to_a_server_that_the_caller_does_not_trust()
    {
        using var pair = Pair();
        pair.Client.Answers.Verify = _ => AlertDescription.UnknownCa;
        pair.Run();
        Assert.Equal(AlertDescription.UnknownCa, Assert.Single(pair.Client.Alerts));
        Assert.DoesNotContain(pair.Client.Secrets, secret => secret.Level == EncryptionLevel.Application);
        Assert.False(pair.ServerHandshake.IsComplete);
    }

    private static HandshakePair Pair() => new(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());

    private static HandshakePair RetryPair() => new(Setup.Client(NamedGroup.X25519, NamedGroup.Secp256r1), Setup.Server(NamedGroup.Secp256r1), Setup.Raw());

    private static void ServerHello(AlertDescription expected, Func<byte[], byte[]> change) => Flight(expected, HandshakeType.ServerHello, change);

    private static void Retry(AlertDescription expected, Func<byte[], byte[]> change)
    {
        using var pair = RetryPair();
        pair.ToClient = message => message[0] == 2 ? change(message) : message;
        pair.Run();
        Assert.Equal(expected, Assert.Single(pair.Client.Alerts));
    }

    private static void Encrypted(AlertDescription expected, params byte[] extensions) =>
        Flight(expected, HandshakeType.EncryptedExtensions, _ => Hellos.Message(8, Hellos.Sized(extensions)));

    private static void Flight(AlertDescription expected, HandshakeType type, Func<byte[], byte[]> change)
    {
        using var pair = Pair();
        pair.ToClient = message => message[0] == (byte)type ? change(message) : message;
        pair.Run();
        Assert.Equal(expected, Assert.Single(pair.Client.Alerts));
        Assert.False(pair.ClientHandshake.IsComplete);
    }

    private static byte[] WithSuite(byte[] hello, int suite)
    {
        var at = Hellos.SuitesAt(hello);
        (hello[at], hello[at + 1]) = ((byte)(suite >> 8), (byte)suite);
        return hello;
    }

    private static byte[] Changed(byte[] hello, int at)
    {
        hello[at] ^= 1;
        return hello;
    }
}
