using System.Text;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Primitives.Bencode;

public sealed class BencodeReaderTests
{
    [Fact]
    public void Reads_a_dictionary_key_by_key()
    {
        var reader = new BencodeReader("d1:ai-42e2:bcl4:spam0:ee"u8);
        Assert.True(reader.TryBeginDictionary());
        Assert.True(reader.TryReadString(out ReadOnlySpan<byte> key));
        Assert.True(key.SequenceEqual("a"u8));
        Assert.True(reader.TryReadInteger(out long number));
        Assert.Equal(-42, number);
        Assert.True(reader.TryReadString(out key));
        Assert.True(key.SequenceEqual("bc"u8));
        Assert.True(reader.TryBeginList());
        Assert.True(reader.TryReadString(out ReadOnlySpan<byte> spam));
        Assert.True(spam.SequenceEqual("spam"u8));
        Assert.True(reader.TryReadString(out ReadOnlySpan<byte> empty));
        Assert.True(empty.IsEmpty);
        Assert.True(reader.TryEnd());
        Assert.True(reader.TryEnd());
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData("i9223372036854775807e", long.MaxValue)]
    [InlineData("i-9223372036854775808e", long.MinValue)]
    [InlineData("i007e", 7)]
    [InlineData("i-0e", 0)]
    public void Takes_integers_of_64_bits_and_tolerates_zeros(string text, long expected)
    {
        var reader = new BencodeReader(Encoding.Latin1.GetBytes(text));
        Assert.True(reader.TryReadInteger(out long value));
        Assert.Equal(expected, value);
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData("i9223372036854775808e")]
    [InlineData("i-9223372036854775809e")]
    [InlineData("i340282366920938463463374607431768211456e")]
    [InlineData("ie")]
    [InlineData("i-e")]
    [InlineData("i+1e")]
    [InlineData("i 1e")]
    [InlineData("i1")]
    [InlineData("1e")]
    public void Refuses_integers_that_are_none_or_too_large(string text)
    {
        var reader = new BencodeReader(Encoding.Latin1.GetBytes(text));
        Assert.False(reader.TryReadInteger(out _));
        Assert.Equal(0, reader.Position);
    }

    [Theory]
    [InlineData("4:spa")]
    [InlineData("4")]
    [InlineData(":a")]
    [InlineData("99999:a")]
    [InlineData("999999999999:a")]
    [InlineData("-1:a")]
    [InlineData("")]
    public void Refuses_strings_that_end_too_early(string text)
    {
        var reader = new BencodeReader(Encoding.Latin1.GetBytes(text));
        Assert.False(reader.TryReadString(out ReadOnlySpan<byte> _));
        Assert.False(reader.TrySkip());
    }

    [Theory]
    [InlineData("d1:ae")]
    [InlineData("di1e1:ae")]
    [InlineData("l")]
    [InlineData("d1:a")]
    [InlineData("e")]
    [InlineData("x")]
    public void Refuses_broken_containers(string text)
    {
        var reader = new BencodeReader(Encoding.Latin1.GetBytes(text));
        Assert.False(reader.TrySkip());
        Assert.Equal(0, reader.Position);
    }

    [Fact]
    public void Skips_a_whole_value_and_gives_its_raw_bytes()
    {
        var reader = new BencodeReader("d1:zd1:bi01e1:ali1eeee3:end"u8);
        Assert.True(reader.TryReadRaw(out ReadOnlySpan<byte> raw));
        Assert.True(raw.SequenceEqual("d1:zd1:bi01e1:ali1eeee"u8));
        Assert.True(reader.TryReadString(out ReadOnlySpan<byte> end));
        Assert.True(end.SequenceEqual("end"u8));
    }

    [Fact]
    public void Bounds_depth_and_tokens()
    {
        Assert.True(Skips(Nested(BencodeLimits.MaxDepth)));
        Assert.False(Skips(Nested(BencodeLimits.MaxDepth + 1)));
        Assert.True(Skips("l" + string.Concat(Enumerable.Repeat("0:", BencodeLimits.MaxTokens - 1)) + "e"));
        Assert.False(Skips("l" + string.Concat(Enumerable.Repeat("0:", BencodeLimits.MaxTokens)) + "e"));
        Assert.False(Skips("l" + string.Concat(Enumerable.Repeat("le", BencodeLimits.MaxTokens)) + "e"));

        static string Nested(int depth) => new string('l', depth) + new string('e', depth);
        static bool Skips(string text) => new BencodeReader(Encoding.Latin1.GetBytes(text)).TrySkip();
    }

    [Theory]
    [InlineData("0:")]
    [InlineData("12:Hello World!")]
    [InlineData("i0e")]
    [InlineData("i-1e")]
    [InlineData("le")]
    [InlineData("de")]
    [InlineData("d1:ai1e2:aai2e1:bd1:ci3eee")]
    [InlineData("lli1eed1:a0:ee")]
    public void Canonical_values_pass(string text) => Assert.True(BencodeReader.IsCanonical(Encoding.Latin1.GetBytes(text)));

    [Theory]
    [InlineData("")]
    [InlineData("00:")]
    [InlineData("01:a")]
    [InlineData("i00e")]
    [InlineData("i01e")]
    [InlineData("i-0e")]
    [InlineData("i-01e")]
    [InlineData("d1:bi1e1:ai2ee")]
    [InlineData("d1:ai1e1:ai2ee")]
    [InlineData("d2:aai1e1:ai2ee")]
    [InlineData("ld1:bi1e1:ai2eee")]
    [InlineData("d1:ad1:bi1e1:ai2eee")]
    [InlineData("i1ei2e")]
    [InlineData("4:spam ")]
    [InlineData("di1ei2ee")]
    [InlineData("d1:ae")]
    [InlineData("l")]
    public void Non_canonical_values_do_not(string text) => Assert.False(BencodeReader.IsCanonical(Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void Keys_are_compared_as_unsigned_bytes() => Assert.True(BencodeReader.IsCanonical([(byte)'d', (byte)'1', (byte)':', 0x7f, (byte)'l', (byte)'e', (byte)'1', (byte)':', 0x80, (byte)'l', (byte)'e', (byte)'e']));

    [Fact]
    public void What_the_writer_writes_is_canonical_and_read_back_as_it_was()
    {
        EntropyStream entropy = EntropyTree.FromSeed(7).Stream(0);
        byte[] buffer = new byte[4096];
        for (int round = 0; round < 2000; round++)
        {
            var writer = new BencodeWriter(buffer);
            WriteRandom(ref writer, entropy, depth: 0);
            Assert.False(writer.Overflowed);
            Assert.True(BencodeReader.IsCanonical(writer.Written));
            var reader = new BencodeReader(writer.Written);
            Assert.True(reader.TryReadRaw(out ReadOnlySpan<byte> raw));
            Assert.True(raw.SequenceEqual(writer.Written));
            // Every proper prefix is broken, and is said to be so.
            int cut = entropy.NextBelow(writer.Length);
            Assert.False(new BencodeReader(writer.Written[..cut]).TrySkip());
            Assert.False(BencodeReader.IsCanonical(writer.Written[..cut]));
        }
    }

    [Fact]
    public void A_writer_says_when_something_did_not_fit()
    {
        Span<byte> buffer = stackalloc byte[6];
        var writer = new BencodeWriter(buffer);
        writer.String("spam"u8);
        Assert.False(writer.Overflowed);
        writer.Integer(1);
        Assert.True(writer.Overflowed);
        writer.Rewind(0);
        Assert.False(writer.Overflowed);
        writer.Integer(-999);
        Assert.True(writer.Written.SequenceEqual("i-999e"u8));
        writer.End();
        Assert.True(writer.Overflowed);
    }

    private static void WriteRandom(ref BencodeWriter writer, EntropyStream entropy, int depth)
    {
        switch (entropy.NextBelow(depth < 4 ? 4 : 2))
        {
            case 0:
                writer.Integer((long)(entropy.NextUInt64() >> entropy.NextBelow(64)) * (entropy.NextBelow(2) == 0 ? 1 : -1));
                break;
            case 1:
                byte[] text = new byte[entropy.NextBelow(130)];
                entropy.Fill(text);
                writer.String(text);
                break;
            case 2:
                writer.BeginList();
                for (int left = entropy.NextBelow(3); left > 0; left--)
                {
                    WriteRandom(ref writer, entropy, depth + 1);
                }

                writer.End();
                break;
            default:
                writer.BeginDictionary();
                int keys = entropy.NextBelow(3);
                for (int i = 0; i < keys; i++)
                {
                    writer.String([(byte)(i * 100)]);
                    WriteRandom(ref writer, entropy, depth + 1);
                }

                writer.End();
                break;
        }
    }
}
