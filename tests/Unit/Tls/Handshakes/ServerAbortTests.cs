using Kadath.Crypto;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

/// <summary>What a server must abort at (docs/tls-aborts.md), and with which alert.</summary>
public sealed class ServerAbortTests
{
    [Theory, InlineData(null), InlineData(new byte[] { 2, 3, 3 })]
    public void A_client_hello_without_version_1_3(byte[]? versions) =>
        Hello(AlertDescription.ProtocolVersion, hello => Hellos.WithExtension(hello, ExtensionType.SupportedVersions, _ => versions));

    [Theory]
    [InlineData((int)ExtensionType.SupportedGroups)]
    [InlineData((int)ExtensionType.SignatureAlgorithms)]
    [InlineData((int)ExtensionType.KeyShare)]
    public void A_client_hello_without_an_extension_that_it_needs(int type) =>
        Hello(AlertDescription.MissingExtension, hello => Hellos.WithExtension(hello, (ExtensionType)type, _ => null));

    [Fact]
    public void A_client_hello_with_compression() => Hello(AlertDescription.IllegalParameter, hello =>
    {
        var suites = Hellos.SuitesAt(hello);
        var at = suites + 2 + (hello[suites] << 8 | hello[suites + 1]);
        return Hellos.Message(hello[0], [.. hello[4..at], 2, 0, 1, .. hello[(at + 2)..]]);
    });

    [Theory, InlineData((int)ExtensionType.SupportedGroups), InlineData(0x7777)]
    public void An_extension_twice(int type) => Hello(AlertDescription.IllegalParameter, hello => Hellos.Append(Hellos.Append(hello, (ExtensionType)type, [1]), (ExtensionType)type, [1]));

    [Fact]
    public void A_pre_shared_key_that_is_not_last() => Hello(AlertDescription.IllegalParameter, hello =>
        Hellos.Append(Hellos.Append(hello, ExtensionType.PreSharedKey, [0]), (ExtensionType)0x7777, []));

    [Fact]
    public void A_pre_shared_key_without_modes() => Hello(AlertDescription.MissingExtension, hello =>
        Hellos.Append(Hellos.WithExtension(hello, ExtensionType.PskKeyExchangeModes, _ => null), ExtensionType.PreSharedKey, Psk(identities: 1, binders: 1)));

    [Fact]
    public void Another_number_of_binders_than_of_identities() => Hello(AlertDescription.IllegalParameter, hello =>
        Hellos.Append(hello, ExtensionType.PreSharedKey, Psk(identities: 2, binders: 1)));

    [Fact]
    public void A_malformed_pre_shared_key() => Hello(AlertDescription.DecodeError, hello => Hellos.Append(hello, ExtensionType.PreSharedKey, [0, 1, 2]));

    [Fact]
    public void Early_data_without_a_key() => Hello(AlertDescription.IllegalParameter, hello => Hellos.Append(hello, ExtensionType.EarlyData, []));

    [Fact]
    public void A_share_of_a_group_that_was_not_offered() => Hello(AlertDescription.IllegalParameter, hello =>
        Hellos.WithExtension(hello, ExtensionType.KeyShare, data => Hellos.Sized([.. data[2..], 0x77, 0x77, 0, 1, 0])));

    [Fact]
    public void Two_shares_of_a_group() => Hello(AlertDescription.IllegalParameter, hello =>
        Hellos.WithExtension(hello, ExtensionType.KeyShare, data => Hellos.Sized([.. data[2..], .. data[2..]])));

    [Theory, InlineData(NamedGroup.X25519), InlineData(NamedGroup.Secp256r1), InlineData(NamedGroup.Secp384r1), InlineData(NamedGroup.X25519MLKEM768),
     InlineData(NamedGroup.SecP256r1MLKEM768), InlineData(NamedGroup.SecP384r1MLKEM1024)]
    public void A_share_of_the_wrong_length_or_of_zeros_or_ones(NamedGroup group)
    {
        Hello(AlertDescription.IllegalParameter, hello => WithShare(hello, share => share[..^1]), group);
        Hello(AlertDescription.IllegalParameter, hello => WithShare(hello, share => [.. share, 0]), group);
        Hello(AlertDescription.IllegalParameter, hello => WithShare(hello, share => new byte[share.Length]), group);
        if (group != NamedGroup.X25519)
        {
            Hello(AlertDescription.IllegalParameter, hello => WithShare(hello, share => [.. share.Select(_ => (byte)0xff)]), group);
        }
    }

    [Fact]
    public void An_encapsulation_key_with_a_coefficient_that_is_not_reduced() => Hello(
        AlertDescription.IllegalParameter, hello => WithShare(hello, share => [0xff, 0xff, .. share[2..]]), NamedGroup.X25519MLKEM768);

    [Theory]
    [InlineData((int)ExtensionType.ServerName, new byte[] { 0, 0 })]
    [InlineData((int)ExtensionType.Alpn, new byte[] { 0, 1, 0 })]
    [InlineData((int)ExtensionType.SupportedGroups, new byte[] { 0, 1, 0 })]
    [InlineData((int)ExtensionType.SignatureAlgorithms, new byte[] { 0, 0 })]
    [InlineData((int)ExtensionType.KeyShare, new byte[] { 0, 3, 0, 29, 0 })]
    [InlineData((int)ExtensionType.PskKeyExchangeModes, new byte[] { 0 })]
    [InlineData((int)ExtensionType.ServerCertificateType, new byte[] { 0 })]
    [InlineData((int)ExtensionType.RecordSizeLimit, new byte[] { 1 })]
    public void A_malformed_extension(int type, byte[] data) =>
        Hello(AlertDescription.DecodeError, hello => Hellos.WithExtension(hello, (ExtensionType)type, _ => data, addIfMissing: true));

    [Fact]
    public void A_record_size_limit_below_64() => Hello(AlertDescription.IllegalParameter, hello => Hellos.Append(hello, ExtensionType.RecordSizeLimit, [0, 63]));

    [Fact]
    public void Bytes_behind_a_client_hello() => Hello(AlertDescription.DecodeError, hello => Hellos.Message(hello[0], [.. hello[4..], 0]));

    [Fact]
    public void A_client_hello_that_is_cut_off_anywhere()
    {
        using var pair = Pair();
        pair.ClientHandshake.Start(pair.Client.Now);
        var hello = pair.Client.Messages.Dequeue().Bytes;
        for (var length = 0; length < hello.Length - 4; length++)
        {
            using var other = Pair();
            other.Server.Take(EncryptionLevel.Initial, Hellos.Message(hello[0], hello[4..(4 + length)]));
            Assert.Contains(Assert.Single(other.Server.Alerts), new[] { AlertDescription.DecodeError, AlertDescription.ProtocolVersion });
        }
    }

    [Fact]
    public void A_message_longer_than_any()
    {
        using var pair = Pair();
        pair.Server.Take(EncryptionLevel.Initial, [1, 1, 0, 1]);
        Assert.Equal(AlertDescription.DecodeError, Assert.Single(pair.Server.Alerts));
    }

    [Fact]
    public void Nothing_in_common() => Hello(AlertDescription.HandshakeFailure, hello =>
    {
        var suites = Hellos.SuitesAt(hello);
        var length = hello[suites] << 8 | hello[suites + 1];
        return Hellos.Message(hello[0], [.. hello[4..suites], 0, 2, 0x13, 0x77, .. hello[(suites + 2 + length)..]]);
    });

    [Fact]
    public void A_second_client_hello_that_is_not_the_first()
    {
        var changes = new Func<byte[], byte[]>[]
        {
            hello => Changed(hello, 4 + 2),
            hello => Changed(hello, 4 + 2 + 32 + 1),
            hello => Changed(hello, Hellos.SuitesAt(hello) + 3),
            hello => Hellos.WithExtension(hello, ExtensionType.SupportedGroups, data => Hellos.Sized([.. data[2..], 0x77, 0x77])),
            hello => Hellos.WithExtension(hello, ExtensionType.ServerName, _ => null),
            hello => WithShare(hello, share => share, NamedGroup.X25519),
            hello => Hellos.Append(hello, ExtensionType.Alpn, [0, 2, 1, 65]),
        };
        foreach (var change in changes)
        {
            var number = 0;
            using var pair = new HandshakePair(Setup.Client(NamedGroup.X25519, NamedGroup.Secp256r1), Setup.Server(NamedGroup.Secp256r1), Setup.Raw());
            pair.ToServer = message => message[0] == 1 && ++number == 2 ? change(message) : message;
            pair.Run();
            Assert.Equal(2, number);
            Assert.Equal(AlertDescription.IllegalParameter, Assert.Single(pair.Server.Alerts));
        }

        static byte[] Changed(byte[] hello, int at)
        {
            hello[at] ^= 1;
            return hello;
        }
    }

    [Theory]
    [InlineData((int)HandshakeType.ServerHello)]
    [InlineData((int)HandshakeType.Finished)]
    [InlineData((int)HandshakeType.KeyUpdate)]
    [InlineData(77)]
    public void A_message_that_is_not_awaited_first(int type)
    {
        using var pair = Pair();
        pair.Server.Take(EncryptionLevel.Initial, Hellos.Message((byte)type, [0]));
        Assert.Equal(AlertDescription.UnexpectedMessage, Assert.Single(pair.Server.Alerts));
    }

    [Fact]
    public void A_wrong_finished_and_one_of_the_wrong_length()
    {
        Answer(AlertDescription.DecryptError, HandshakeType.Finished, message => [.. message[..^1], (byte)(message[^1] ^ 1)]);
        Answer(AlertDescription.DecodeError, HandshakeType.Finished, message => Hellos.Message(message[0], message[5..]));
    }

    [Fact]
    public void Client_certificates_that_are_wrong()
    {
        Answer(AlertDescription.DecryptError, HandshakeType.CertificateVerify, message => [.. message[..^1], (byte)(message[^1] ^ 1)]);
        Answer(AlertDescription.IllegalParameter, HandshakeType.CertificateVerify, message => [.. message[..4], 0x02, 0x01, .. message[6..]]);
        Answer(AlertDescription.DecodeError, HandshakeType.CertificateVerify, message => Hellos.Message(message[0], message[4..^1]));
        Answer(AlertDescription.BadCertificate, HandshakeType.Certificate, _ => Hellos.Message(11, [0, 0, 0, 6, 0, 0, 1, 9, 0, 0]));
        Answer(AlertDescription.CertificateRequired, HandshakeType.Certificate, _ => Hellos.Message(11, [0, 0, 0, 0]));
        Answer(AlertDescription.DecodeError, HandshakeType.Certificate, _ => Hellos.Message(11, [0, 0, 0, 1]));
        Answer(AlertDescription.IllegalParameter, HandshakeType.Certificate, message => Hellos.Message(11, [1, 7, .. message[5..]]));
        Answer(AlertDescription.UnexpectedMessage, HandshakeType.Certificate, _ => []);
        Answer(AlertDescription.UnexpectedMessage, HandshakeType.CertificateVerify, _ => []);
    }

    [Theory]
    [InlineData((int)HandshakeType.ClientHello)]
    [InlineData((int)HandshakeType.Certificate)]
    [InlineData((int)HandshakeType.NewSessionTicket)]
    public void Anything_but_a_key_update_after_the_handshake(int type)
    {
        using var pair = Pair();
        pair.Run();
        pair.Server.Take(EncryptionLevel.Application, Hellos.Message((byte)type, [0]));
        Assert.Equal(AlertDescription.UnexpectedMessage, Assert.Single(pair.Server.Alerts));
    }

    [Theory, InlineData(new byte[] { 2 }, AlertDescription.IllegalParameter), InlineData(new byte[] { 0, 0 }, AlertDescription.DecodeError)]
    public void A_key_update_out_of_its_syntax(byte[] body, AlertDescription expected)
    {
        using var pair = Pair();
        pair.Run();
        pair.Server.Take(EncryptionLevel.Application, Hellos.Message(24, body));
        Assert.Equal(expected, Assert.Single(pair.Server.Alerts));
    }

    [Fact]
    public void Bytes_beyond_a_change_of_keys()
    {
        using var pair = Pair();
        pair.ClientHandshake.Start(pair.Client.Now);
        pair.Server.Take(EncryptionLevel.Initial, [.. pair.Client.Messages.Dequeue().Bytes, 20]);
        Assert.Equal(AlertDescription.UnexpectedMessage, Assert.Single(pair.Server.Alerts));

        Answer(AlertDescription.UnexpectedMessage, HandshakeType.Finished, message => [.. message, 24]);
        using var established = Pair();
        established.Run();
        established.Server.Take(EncryptionLevel.Application, [24, 0, 0, 1, 0, 24]);
        Assert.Equal(AlertDescription.UnexpectedMessage, Assert.Single(established.Server.Alerts));
    }

    private static HandshakePair Pair(NamedGroup group = NamedGroup.X25519) => new(Setup.Client(group), Setup.Server(), Setup.Raw());

    private static void Hello(AlertDescription expected, Func<byte[], byte[]> change, NamedGroup group = NamedGroup.X25519)
    {
        using var pair = Pair(group);
        pair.ToServer = change;
        pair.Run();
        Assert.Equal(expected, Assert.Single(pair.Server.Alerts));
        Assert.Equal((TlsBlame.Peer, expected), (pair.ServerHandshake.Fault!.Blame, pair.ServerHandshake.Fault.Alert));
        Assert.Empty(pair.Server.Secrets);
    }

    /// <summary>Changes a message of the client's second flight; the client shows a raw key.</summary>
    private static void Answer(AlertDescription expected, HandshakeType type, Func<byte[], byte[]> change)
    {
        using var pair = new HandshakePair(
            Setup.Client(NamedGroup.X25519), Setup.Server() with { ClientAuthentication = ClientAuthentication.Require }, Setup.Raw(), Setup.Raw(seed: 8));
        pair.ToServer = message => message[0] == (byte)type ? change(message) : message;
        pair.Run();
        Assert.Equal(expected, Assert.Single(pair.Server.Alerts));
        Assert.False(pair.ServerHandshake.IsComplete);
    }

    private static byte[] WithShare(byte[] hello, Func<byte[], byte[]> change, NamedGroup? group = null) => Hellos.WithExtension(hello, ExtensionType.KeyShare, data =>
    {
        var name = group is { } other ? [(byte)((int)other >> 8), (byte)other] : data[2..4];
        return Hellos.Sized([.. name, .. Hellos.Sized(change(data[6..]))]);
    });

    private static byte[] Psk(int identities, int binders) =>
    [
        .. Hellos.Sized([.. Enumerable.Repeat<byte[]>([0, 1, 7, 0, 0, 0, 0], identities).SelectMany(entry => entry)]),
        .. Hellos.Sized([.. Enumerable.Repeat<byte[]>([32, .. new byte[32]], binders).SelectMany(entry => entry)]),
    ];
}
