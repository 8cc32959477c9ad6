using Kadath.Mainline;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Mainline.Links;

public sealed class TorrentLinksTests
{
    private const string Hex = "aabbccddeeff00112233445566778899aabbccdd";
    private const string V2 = "d8dd32ac93357c368556af3ac1d95c9d76bd0dff6fa9833ecdac3d53134efabb";

    [Theory]
    [InlineData(Hex)]
    [InlineData("AABBCCDDEEFF00112233445566778899AABBCCDD")]
    [InlineData("  " + Hex + " ")]
    [InlineData("VK54ZXPO74ABCIRTIRKWM54ITGVLXTG5")]
    [InlineData("vk54zxpo74abcirtirkwm54itgvlxtg5")]
    [InlineData("magnet:?xt=urn:btih:" + Hex + "&dn=name&tr=http%3A%2F%2Ftracker")]
    [InlineData("magnet:?dn=name&xt=urn:btih:VK54ZXPO74ABCIRTIRKWM54ITGVLXTG5")]
    [InlineData("magnet:?xt.1=urn:btmh:1220" + V2 + "&xt.2=urn:btih:" + Hex)]
    [InlineData("magnet:?xt=urn%3Abtih%3A" + Hex)]
    public void Every_way_to_write_an_info_hash_gives_the_same_id(string text)
    {
        Assert.True(TorrentLinks.TryParseInfoHash(text, out Id160 hash));
        Assert.Equal(Hex, hash.ToString());
    }

    [Theory]
    [InlineData(V2)]
    [InlineData("1220" + V2)]
    [InlineData("magnet:?xt=urn:btmh:1220" + V2)]
    public void A_v2_hash_is_cut_to_its_first_20_bytes(string text)
    {
        Assert.True(TorrentLinks.TryParseInfoHash(text, out Id160 hash));
        Assert.Equal(V2[..40], hash.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("aabb")]
    [InlineData("zabbccddeeff00112233445566778899aabbccdd")]
    [InlineData("magnet:?")]
    [InlineData("magnet:?dn=x")]
    [InlineData("magnet:?xt=urn:btih:aabb")]
    [InlineData("magnet:?x&&=&xt")]
    [InlineData("VK54ZXPO74ABCIRTIRKWM54ITGVLXTG1")]
    public void What_is_no_info_hash_is_refused(string text) => Assert.False(TorrentLinks.TryParseInfoHash(text, out _));

    [Fact]
    public void A_link_of_a_mutable_torrent_is_read_back_as_it_was_written()
    {
        byte[] key = Convert.FromHexString("8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e");
        foreach (byte[] salt in new byte[][] { [], [0x6E] })
        {
            string link = TorrentLinks.FormatPublicKey(key, salt);
            Assert.True(TorrentLinks.TryParsePublicKey(link, out byte[] readKey, out byte[] readSalt));
            Assert.Equal(key, readKey);
            Assert.Equal(salt, readSalt);
        }
    }

    [Theory]
    [InlineData("magnet:?xs=urn:btpk:8543")]
    [InlineData("magnet:?s=6e")]
    [InlineData("magnet:?xs=urn:btpk:8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e&s=6")]
    [InlineData("8543")]
    public void What_is_no_public_key_is_refused(string text) => Assert.False(TorrentLinks.TryParsePublicKey(text, out _, out _));
}
