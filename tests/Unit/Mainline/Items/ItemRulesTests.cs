using Kadath.Crypto;
using Kadath.Mainline;
using Xunit;

namespace Kadath.Tests.Mainline.Items;

/// <summary>The test vectors of BEP 44 and BEP 46.</summary>
public sealed class ItemRulesTests
{
    private const string Key = "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548";

    [Fact]
    public void The_target_of_the_immutable_vector_is_the_hash_of_its_value() =>
        Assert.Equal("e5f96f6f38320f0f33959cb4d3d656452117aadb", ItemRules.TargetOf("12:Hello World!"u8).ToString());

    [Theory]
    [InlineData(Key, "", "4a533d47ec9c7d95b1ad75f576cffc641853b750")]
    [InlineData(Key, "666f6f626172", "411eba73b6f087ca51a3795d9c8c938d365e32c1")]
    [InlineData("8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e", "", "cc3f9d90b572172053626f9980ce261a850d050b")]
    [InlineData("8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e", "6e", "59ee7c2cb9b4f7eb1986ee2d18fd2fdb8a56554f")]
    public void The_target_of_a_mutable_item_is_the_hash_of_key_and_salt(string key, string salt, string target) =>
        Assert.Equal(target, ItemRules.TargetOf(Convert.FromHexString(key), Convert.FromHexString(salt)).ToString());

    [Theory]
    [InlineData("", "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")]
    [InlineData("foobar", "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08")]
    public void The_signatures_of_the_mutable_vectors_cover_the_message(string salt, string signature)
    {
        byte[] message = new byte[ItemRules.MaxMessage];
        int length = ItemRules.WriteSignedMessage(System.Text.Encoding.ASCII.GetBytes(salt), 1, "12:Hello World!"u8, message);
        Assert.True(CryptoProvider.Default.Ed25519.Verify(Convert.FromHexString(Key), message.AsSpan(0, length), Convert.FromHexString(signature)));
    }

    [Fact]
    public void The_largest_message_fits_its_bound()
    {
        byte[] message = new byte[ItemRules.MaxMessage];
        Assert.Equal(message.Length, ItemRules.WriteSignedMessage(new byte[64], long.MaxValue, new byte[1000], message));
    }
}
