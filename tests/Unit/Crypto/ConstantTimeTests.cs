using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

public sealed class ConstantTimeTests
{
    [Fact]
    public void Equal_strings_are_equal_and_one_bit_makes_the_difference()
    {
        for (var length = 0; length <= 40; length++)
        {
            var left = new byte[length];
            new Random(length).NextBytes(left);
            var right = left.ToArray();
            Assert.True(ConstantTime.AreEqual(left, right));
            for (var bit = 0; bit < 8 * length; bit++)
            {
                right[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(ConstantTime.AreEqual(left, right));
                right[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void Strings_of_different_length_differ()
    {
        Assert.False(ConstantTime.AreEqual([1, 2], [1, 2, 0]));
        Assert.False(ConstantTime.AreEqual([], [0]));
    }
}
