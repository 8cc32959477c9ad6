using Kadath.Crypto;
using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

/// <summary>What the record layer must abort at (docs/tls-aborts.md), and with which alert.</summary>
public sealed class RecordAbortTests
{
    [Theory]
    [InlineData(new byte[] { 71, 69, 84, 32, 47 }, AlertDescription.UnexpectedMessage)] // GET /
    [InlineData(new byte[] { 24, 3, 3, 0, 1, 1 }, AlertDescription.UnexpectedMessage)]
    [InlineData(new byte[] { 22, 3, 1, 0x40, 1 }, AlertDescription.RecordOverflow)]
    [InlineData(new byte[] { 22, 3, 1, 0, 0 }, AlertDescription.UnexpectedMessage)]
    [InlineData(new byte[] { 23, 3, 3, 0, 1, 0 }, AlertDescription.UnexpectedMessage)]
    [InlineData(new byte[] { 20, 3, 3, 0, 1, 1 }, AlertDescription.UnexpectedMessage)]
    [InlineData(new byte[] { 21, 3, 3, 0, 1, 1 }, AlertDescription.DecodeError)]
    public void A_first_record_that_is_none(byte[] bytes, AlertDescription expected)
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Server.Take(bytes);
        Assert.Equal(expected, pair.Server.Connection.Fault!.Alert);
        var alert = pair.Server.TakeOutput();
        Assert.Equal([21, 3, 3, 0, 2, 2, (byte)expected], alert);
    }

    [Fact]
    public void An_alert_of_the_peer_ends_the_connection_without_an_answer()
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Client.Take([21, 3, 3, 0, 2, 2, (byte)AlertDescription.HandshakeFailure]);
        Assert.Equal((TlsBlame.RefusedByPeer, AlertDescription.HandshakeFailure), (pair.Client.Connection.Fault!.Blame, pair.Client.Connection.Fault.Alert));
        Assert.DoesNotContain((byte)21, pair.Client.TakeOutput()[..1]);
    }

    [Theory, InlineData(2), InlineData(0)]
    public void A_dummy_record_other_than_one(byte value)
    {
        using var pair = AfterServerHello();
        pair.Client.Take([20, 3, 3, 0, 1, value]);
        Assert.Equal(AlertDescription.UnexpectedMessage, pair.Client.Connection.Fault!.Alert);
    }

    [Fact]
    public void Dummy_records_without_end()
    {
        using var pair = AfterServerHello();
        for (var i = 0; i < 33; i++)
        {
            Assert.Null(pair.Client.Connection.Fault);
            pair.Client.Take([20, 3, 3, 0, 1, 1]);
        }

        Assert.Equal(AlertDescription.UnexpectedMessage, pair.Client.Connection.Fault!.Alert);
    }

    [Fact]
    public void A_dummy_record_after_the_handshake() => Established(AlertDescription.UnexpectedMessage, [20, 3, 3, 0, 1, 1]);

    [Fact]
    public void An_unprotected_record_after_the_handshake()
    {
        Established(AlertDescription.UnexpectedMessage, [22, 3, 3, 0, 5, 24, 0, 0, 1, 0]);
        Established(AlertDescription.UnexpectedMessage, [21, 3, 3, 0, 2, 1, 0]);
    }

    [Fact]
    public void A_protected_record_that_is_too_long_or_too_short()
    {
        Established(AlertDescription.RecordOverflow, [23, 3, 3, 0x41, 1]);
        Established(AlertDescription.BadRecordMac, [23, 3, 3, 0, 16, .. new byte[16]]);
        Established(AlertDescription.BadRecordMac, [23, 3, 3, 0, 0]);
    }

    [Theory]
    [InlineData(0, 0, AlertDescription.UnexpectedMessage)] // nothing but padding
    [InlineData(22, 0, AlertDescription.UnexpectedMessage)]
    [InlineData(20, 1, AlertDescription.UnexpectedMessage)]
    [InlineData(99, 4, AlertDescription.UnexpectedMessage)]
    [InlineData(21, 1, AlertDescription.DecodeError)]
    [InlineData(21, 3, AlertDescription.DecodeError)]
    [InlineData(23, (1 << 14) + 1, AlertDescription.RecordOverflow)]
    public void A_protected_record_of_the_wrong_kind_or_length(byte type, int length, AlertDescription expected) => Sealed(expected, (type, length == 1 ? [1] : new byte[length]));

    [Fact]
    public void Other_records_between_the_parts_of_a_message()
    {
        Sealed(AlertDescription.UnexpectedMessage, (22, [24, 0]), (23, [1]));
        Sealed(AlertDescription.UnexpectedMessage, (22, [24, 0]), (21, [1, 0]));
    }

    [Fact]
    public void Data_before_the_handshake_is_complete()
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Server.Take(pair.Client.TakeOutput());
        pair.Client.Take(pair.Server.TakeOutput());
        Assert.True(pair.Client.Connection.IsEstablished);
        var records = (RecordLayer)pair.Server.Connection.Handshake.Sink;
        Assert.Throws<InvalidOperationException>(() => pair.Server.Connection.Write("too early"u8, pair.Server.Now));
        Assert.Equal(EncryptionLevel.Application, records.SenderLevel);
    }

    [Fact]
    public void A_key_is_never_used_beyond_its_limit()
    {
        var suite = SuiteParameters.Of(CipherSuite.Aes128GcmSha256, CryptoProvider.Default)!;
        Assert.Equal(1UL << 24, suite.RecordLimit);
        using var protector = new RecordProtector(suite, new byte[32], limit: 3);
        var record = new byte[100];
        for (var i = 0; i < 3; i++)
        {
            protector.Seal(ContentType.ApplicationData, [1], 0, record);
        }

        Assert.Throws<InvalidOperationException>(() => protector.Seal(ContentType.ApplicationData, [1], 0, record));
    }

    private static void Established(AlertDescription expected, byte[] bytes)
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Run();
        pair.Server.Take(bytes);
        Assert.Equal(expected, pair.Server.Connection.Fault!.Alert);
        pair.Run();
        Assert.Equal((TlsBlame.RefusedByPeer, expected), (pair.Client.Connection.Fault!.Blame, pair.Client.Connection.Fault.Alert));
    }

    /// <summary>Records under the client's right keys, with contents that no client sends.</summary>
    private static void Sealed(AlertDescription expected, params (byte Type, byte[] Contents)[] records)
    {
        using var pair = new TlsPair(Setup.Client(NamedGroup.X25519) with { Transport = new() { LogSecrets = true } }, Setup.Server(), Setup.Raw());
        pair.Run();
        var log = pair.Client.Events.OfType<TlsEvent.SecretLogged>().Single(fact => fact.Label == "CLIENT_TRAFFIC_SECRET_0");
        using var protector = new RecordProtector(SuiteParameters.Of(pair.Client.Event<TlsEvent.Negotiated>().Suite, CryptoProvider.Default)!, log.Secret.Span);
        foreach (var (type, contents) in records)
        {
            var record = new byte[RecordProtector.SealedLength(contents.Length, 0)];
            protector.Seal((ContentType)type, contents, 0, record);
            pair.Server.Take(record);
        }

        Assert.Equal(expected, pair.Server.Connection.Fault!.Alert);
    }

    private static TlsPair AfterServerHello()
    {
        TlsPair pair = new(Setup.Client(NamedGroup.X25519), Setup.Server(), Setup.Raw());
        pair.Server.Take(pair.Client.TakeOutput());
        var flight = pair.Server.TakeOutput();
        pair.Client.Take(flight[..(5 + (flight[3] << 8 | flight[4]))]);
        Assert.Null(pair.Client.Connection.Fault);
        return pair;
    }
}
