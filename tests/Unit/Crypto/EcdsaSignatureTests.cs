using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Unit.Crypto;

public sealed class EcdsaSignatureTests
{
    [Fact]
    public void Both_forms_turn_into_each_other()
    {
        var random = new Random(1);
        var buffer = new byte[EcdsaSignature.MaxDerBytes(32)];
        for (var i = 0; i < 500; i++)
        {
            byte[] numbers = new byte[64], read = new byte[64];
            random.NextBytes(numbers);
            numbers.AsSpan(0, i % 32).Clear();
            numbers.AsSpan(32, (i / 7) % 32).Clear();
            var length = EcdsaSignature.WriteDer(numbers, buffer);
            Assert.True(EcdsaSignature.TryReadDer(buffer.AsSpan(0, length), read));
            Assert.Equal(numbers, read);
        }
    }

    [Fact]
    public void The_longest_form_fits_below_a_length_of_one_byte()
    {
        foreach (var length in new[] { 32, 48 })
        {
            var numbers = Enumerable.Repeat((byte)0xff, 2 * length).ToArray();
            var buffer = new byte[EcdsaSignature.MaxDerBytes(length)];
            Assert.Equal(buffer.Length, EcdsaSignature.WriteDer(numbers, buffer));
            Assert.True(buffer[1] < 0x80);
        }
    }

    [Theory]
    [InlineData("3006020101020102", true)]
    [InlineData("30080202008002020080", true)]
    [InlineData("", false)]
    [InlineData("30", false)]
    [InlineData("3000", false)]
    [InlineData("300602010102010200", false)]
    [InlineData("3007020101020102", false)]
    [InlineData("3106020101020102", false)]
    [InlineData("3006030101020102", false)]
    [InlineData("308106020101020102", false)]
    [InlineData("30800201010201020000", false)]
    [InlineData("300702020001020102", false)]
    [InlineData("3006020181020102", false)]
    [InlineData("3005020002010200", false)]
    [InlineData("300702010102010200", false)]
    [InlineData("3009020101020102020103", false)]
    [InlineData("3003020101", false)]
    [InlineData("3006020101020202", false)]
    public void Only_the_one_form_of_DER_is_read(string hex, bool valid) =>
        Assert.Equal(valid, EcdsaSignature.TryReadDer(Convert.FromHexString(hex), new byte[64]));

    [Fact]
    public void Numbers_longer_than_the_scalars_are_refused()
    {
        byte[] fits = [0x30, 2 + 33 + 3, 2, 33, 0, 0x80, .. new byte[31], 2, 1, 1], tooLong = [0x30, 2 + 33 + 3, 2, 33, 1, 0x80, .. new byte[31], 2, 1, 1];
        Assert.True(EcdsaSignature.TryReadDer(fits, new byte[64]));
        Assert.False(EcdsaSignature.TryReadDer(tooLong, new byte[64]));
    }

    /// <summary>Whatever is read is the DER of what was read: no signature has a second form. Every bit of some is flipped, bytes are dropped and doubled.</summary>
    [Fact]
    public void What_is_read_is_written_back_the_same()
    {
        var random = new Random(2);
        byte[] numbers = new byte[64], read = new byte[64], buffer = new byte[EcdsaSignature.MaxDerBytes(32)], again = new byte[EcdsaSignature.MaxDerBytes(32)];
        var accepted = 0;
        for (var round = 0; round < 60; round++)
        {
            random.NextBytes(numbers);
            numbers.AsSpan(0, round % 3).Clear();
            var length = EcdsaSignature.WriteDer(numbers, buffer);
            for (var bit = 0; bit < 8 * length; bit++)
            {
                var changed = buffer[..length];
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                Check(changed);
            }

            for (var i = 0; i < length; i++)
            {
                Check([.. buffer[..i], .. buffer[(i + 1)..length]]);
                Check([.. buffer[..i], buffer[i], .. buffer[i..length]]);
            }
        }

        Assert.True(accepted > 1000);

        void Check(byte[] der)
        {
            if (!EcdsaSignature.TryReadDer(der, read) || !read.AsSpan(0, 32).ContainsAnyExcept((byte)0) || !read.AsSpan(32).ContainsAnyExcept((byte)0))
            {
                return;
            }

            accepted++;
            Assert.Equal(der, again[..EcdsaSignature.WriteDer(read, again)]);
        }
    }
}
