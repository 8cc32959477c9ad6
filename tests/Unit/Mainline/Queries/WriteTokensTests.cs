using Kadath.Crypto;
using Kadath.Mainline.Queries;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Queries;

public sealed class WriteTokensTests
{
    private static readonly Id160 Target = Id160.Read("abcdefghij0123456789"u8);
    private static readonly Endpoint Peer = Endpoint.V4(0x01020304, 6881);
    private static readonly Instant Start = Instant.FromSeconds(300 * 100);

    [Fact]
    public void A_token_holds_for_its_address_and_target_at_any_port()
    {
        WriteTokens tokens = Make(1);
        byte[] token = Token(tokens, Peer, Target, Start);
        Assert.True(tokens.Check(token, Peer, Target, Start));
        Assert.True(tokens.Check(token, Peer.WithPort(9), Target, Start));
        Assert.False(tokens.Check(token, Endpoint.V4(0x01020305, 6881), Target, Start));
        Assert.False(tokens.Check(token, Peer, Id160.Flip(Target, 159), Start));
        Assert.False(tokens.Check(token[..7], Peer, Target, Start));
        Assert.False(tokens.Check([.. token, 0], Peer, Target, Start));
        Assert.False(tokens.Check([], Peer, Target, Start));
        for (int bit = 0; bit < 64; bit++)
        {
            token[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(tokens.Check(token, Peer, Target, Start));
            token[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_token_lives_for_this_window_and_the_next()
    {
        WriteTokens tokens = Make(1);
        byte[] token = Token(tokens, Peer, Target, Start);
        Assert.True(tokens.Check(token, Peer, Target, Start + TimeSpan.FromSeconds(299)));
        Assert.True(tokens.Check(token, Peer, Target, Start + TimeSpan.FromSeconds(599)));
        Assert.False(tokens.Check(token, Peer, Target, Start + TimeSpan.FromSeconds(600)));
        // A machine that slept past windows still knows the keys of those it is asked about.
        Assert.True(tokens.Check(token, Peer, Target, Start));
    }

    [Fact]
    public void Two_machines_differ()
    {
        byte[] token = Token(Make(1), Peer, Target, Start);
        Assert.False(Make(2).Check(token, Peer, Target, Start));
        Assert.True(Make(1).Check(token, Peer, Target, Start));
    }

    private static WriteTokens Make(ulong seed) => new(EntropyTree.FromSeed(seed).Stream(0), CryptoProvider.Default);

    private static byte[] Token(WriteTokens tokens, in Endpoint peer, in Id160 target, Instant now)
    {
        byte[] token = new byte[WriteTokens.Size];
        tokens.Write(token, peer, target, now);
        return token;
    }
}
