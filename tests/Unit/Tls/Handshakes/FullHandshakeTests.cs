using Kadath.Tests.Support;
using Kadath.Tls;
using Xunit;

namespace Kadath.Tests.Unit.Tls;

public sealed class FullHandshakeTests
{
    [Theory]
    [InlineData(NamedGroup.X25519MLKEM768)]
    [InlineData(NamedGroup.SecP256r1MLKEM768)]
    [InlineData(NamedGroup.SecP384r1MLKEM1024)]
    [InlineData(NamedGroup.X25519)]
    [InlineData(NamedGroup.Secp256r1)]
    [InlineData(NamedGroup.Secp384r1)]
    [InlineData(NamedGroup.X25519BIKEL1)]
    [InlineData(NamedGroup.X25519FrodoKEM640AES)]
    [InlineData(NamedGroup.X25519FrodoKEM640SHAKE)]
    [InlineData(NamedGroup.X25519FrodoKEM976SHAKE)]
    [InlineData(NamedGroup.X25519EFrodoKEM640SHAKE)]
    public void Both_sides_agree_in_every_group_and_data_flows(NamedGroup group)
    {
        using var pair = new TlsPair(Setup.Client(group), Setup.Server(group), Setup.Raw());
        pair.Run();
        Assert.Null(pair.Client.Connection.Fault);
        Assert.Null(pair.Server.Connection.Fault);
        Assert.True(pair.Client.Connection.IsEstablished && pair.Server.Connection.IsEstablished);
        Assert.Equal(group, pair.Client.Event<TlsEvent.Negotiated>().Group);
        Assert.Equal(group, pair.Server.Event<TlsEvent.Negotiated>().Group);
        var (atServer, atClient) = pair.Exchange("ping"u8, "pong"u8);
        Assert.Equal("ping"u8, atServer);
        Assert.Equal("pong"u8, atClient);
    }

    [Theory]
    [InlineData(CipherSuite.Aes128GcmSha256)]
    [InlineData(CipherSuite.Aes256GcmSha384)]
    [InlineData(CipherSuite.ChaCha20Poly1305Sha256)]
    public void Both_sides_agree_in_every_suite_and_data_flows(CipherSuite suite)
    {
        var client = Setup.Client(NamedGroup.X25519);
        using var pair = new TlsPair(client with { Policy = client.Policy with { Suites = [suite] } }, Setup.Server(), Setup.Raw());
        pair.Run();
        Assert.Equal(suite, pair.Server.Event<TlsEvent.Negotiated>().Suite);
        var data = new byte[100_000];
        new SeededKeyEntropy(7).Fill(data);
        var (atServer, atClient) = pair.Exchange(data, data);
        Assert.Equal(data, atServer);
        Assert.Equal(data, atClient);
    }
}
