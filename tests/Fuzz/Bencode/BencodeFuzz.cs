using System.Text;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Fuzz.Bencode;

public sealed class BencodeFuzz
{
    private static readonly byte[][] Corpus =
    [
        .. new[]
        {
            "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", "li1ei-2e3:abcd1:a0:1:bleee", "i0e", "4:spam", "d0:le1:ali0eee", "lllleeee", "de",
            "d1:ai1e1:bi2e2:bbi3ee", "d1:a2:xx1:ad1:xi01eee",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    [Fact]
    public void Reader_and_judge_agree_with_a_plain_recursive_parser_on_everything()
    {
        EntropyStream entropy = FuzzRun.Stream(1);
        Mutator mutator = new(entropy, Corpus);
        int whole = 0, canonical = 0;
        for (int round = 0; round < 300_000 * FuzzRun.Factor; round++)
        {
            byte[] data = mutator.Next();
            var reader = new BencodeReader(data);
            bool skipped = reader.TrySkip();
            Reference reference = new(data, strict: false), strict = new(data, strict: true);
            bool expected = reference.Value(0);
            bool all = expected && reference.At == data.Length;
            if (skipped != expected || (skipped && reader.Position != reference.At))
            {
                Assert.Fail($"reader: {skipped} at {reader.Position}, reference: {expected} at {reference.At}: {Convert.ToHexStringLower(data)}");
            }

            bool judged = BencodeReader.IsCanonical(data), wanted = strict.Value(0) && strict.At == data.Length;
            if (judged != wanted)
            {
                Assert.Fail($"judge: {judged}, reference: {wanted}: {Convert.ToHexStringLower(data)}");
            }

            whole += all ? 1 : 0;
            canonical += judged ? 1 : 0;
        }

        Assert.True(whole > canonical && canonical > 10_000, $"the inputs say too little: {whole} whole, {canonical} canonical");
    }

    /// <summary>Bencode as one would write it from the specification, with the bounds of the real one.</summary>
    private sealed class Reference(byte[] data, bool strict)
    {
        private int _tokens;

        public int At { get; private set; }

        public bool Value(int depth)
        {
            if (At >= data.Length)
            {
                return false;
            }

            switch ((char)data[At])
            {
                case 'i':
                    return Integer();
                case 'l':
                    if (depth == BencodeLimits.MaxDepth || ++_tokens > BencodeLimits.MaxTokens)
                    {
                        return false;
                    }

                    for (At++; At < data.Length && data[At] != 'e';)
                    {
                        if (!Value(depth + 1))
                        {
                            return false;
                        }
                    }

                    return At++ < data.Length;
                case 'd':
                    return depth < BencodeLimits.MaxDepth && ++_tokens <= BencodeLimits.MaxTokens && Dictionary(depth);
                default:
                    return Text(out _);
            }
        }

        private bool Dictionary(int depth)
        {
            byte[]? previous = null;
            for (At++; At < data.Length && data[At] != 'e';)
            {
                if (!Text(out byte[] key) || (strict && previous is not null && previous.AsSpan().SequenceCompareTo(key) >= 0) || !Value(depth + 1))
                {
                    return false;
                }

                previous = key;
            }

            return At++ < data.Length;
        }

        private bool Text(out byte[] text)
        {
            text = [];
            int colon = Array.IndexOf(data, (byte)':', At);
            string digits = colon < 0 ? "" : Encoding.Latin1.GetString(data, At, colon - At);
            if (digits.Length is 0 or > BencodeLimits.MaxLengthDigits || !digits.All(char.IsAsciiDigit) || (strict && digits.Length > 1 && digits[0] == '0'))
            {
                return false;
            }

            int length = int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
            if (colon + 1 + length > data.Length || ++_tokens > BencodeLimits.MaxTokens)
            {
                return false;
            }

            text = data[(colon + 1)..(colon + 1 + length)];
            At = colon + 1 + length;
            return true;
        }

        private bool Integer()
        {
            int end = Array.IndexOf(data, (byte)'e', At);
            string text = end < 0 ? "" : Encoding.Latin1.GetString(data, At + 1, end - At - 1);
            string digits = text.StartsWith('-') ? text[1..] : text;
            if (text.Length > BencodeLimits.MaxIntegerCharacters || digits.Length == 0 || !digits.All(char.IsAsciiDigit)
                || (strict && digits[0] == '0' && text != "0") || ++_tokens > BencodeLimits.MaxTokens)
            {
                return false;
            }

            At = end + 1;
            return true;
        }
    }
}
