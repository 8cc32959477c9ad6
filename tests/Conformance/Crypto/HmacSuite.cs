using System.Text;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of HMAC must do, whichever the hash function; the vectors are those of RFC 4231 and of Wycheproof's HKDF.</summary>
public abstract class HmacSuite
{
    // RFC 4231 sections 4.2 to 4.8: key and data.
    private static readonly (string Key, string Data)[] Rfc4231 =
    [
        (Repeat("0b", 20), Text("Hi There")),
        (Text("Jefe"), Text("what do ya want for nothing?")),
        (Repeat("aa", 20), Repeat("dd", 50)),
        ("0102030405060708090a0b0c0d0e0f10111213141516171819", Repeat("cd", 50)),
        (Repeat("0c", 20), Text("Test With Truncation")),
        (Repeat("aa", 131), Text("Test Using Larger Than Block-Size Key - Hash Key First")),
        (Repeat("aa", 131), Text("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.")),
    ];

    protected abstract IMac Mac { get; }

    /// <summary>The tags of RFC 4231, in hexadecimal; of the fifth case only the first 128 bits are published.</summary>
    protected abstract string[] Tags { get; }

    /// <summary>Wycheproof's HKDF over this HMAC: the file, and how many of its cases are valid and how many ask for more than HKDF gives.</summary>
    protected abstract (string File, int Valid, int TooLong) Hkdf { get; }

    /// <summary>Another implementation.</summary>
    protected abstract byte[] Reference(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data);

    [Fact]
    public void Rfc_4231_is_reproduced()
    {
        Assert.Equal(Rfc4231.Length, Tags.Length);
        for (var i = 0; i < Tags.Length; i++)
        {
            var tag = new byte[Mac.TagLength];
            Mac.Compute(Convert.FromHexString(Rfc4231[i].Key), Convert.FromHexString(Rfc4231[i].Data), tag);
            Assert.StartsWith(Tags[i], Convert.ToHexStringLower(tag), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Keys_and_messages_of_every_length_agree_with_another_implementation()
    {
        var bytes = new byte[800];
        new Random(3).NextBytes(bytes);
        var tag = new byte[Mac.TagLength];
        for (var length = 0; length <= 300; length++)
        {
            ReadOnlySpan<byte> key = bytes.AsSpan(0, length), data = bytes.AsSpan(300 - length, 2 * length);
            Mac.Compute(key, data, tag);
            Assert.Equal(Reference(key, data), tag);
        }
    }

    [Fact]
    public void A_key_that_was_taken_in_authenticates_many_messages_whole_or_in_parts()
    {
        var bytes = new byte[600];
        new Random(4).NextBytes(bytes);
        var tag = new byte[Mac.TagLength + 1];
        tag[^1] = 0xa5;
        foreach (var keyLength in new[] { 0, 20, 32, 64, 65, 128, 129, 200 })
        {
            using var key = Mac.CreateKey(bytes.AsSpan(0, keyLength));
            Assert.Equal(Mac.TagLength, key.TagLength);
            for (var length = 0; length < 400; length += 13)
            {
                var data = bytes.AsSpan(100, length);
                key.Compute(data, tag);
                Assert.Equal(Reference(bytes.AsSpan(0, keyLength), data), tag[..^1]);
                key.Append(data[..(length / 3)]);
                key.Append(data[(length / 3)..]);
                key.Finish(tag);
                Assert.Equal(Reference(bytes.AsSpan(0, keyLength), data), tag[..^1]);
            }
        }

        Assert.Equal(0xa5, tag[^1]);
    }

    [Fact]
    public void A_short_destination_is_the_callers_fault()
    {
        Assert.Throws<ArgumentException>(() => Mac.Compute([1], [2], new byte[Mac.TagLength - 1]));
        using var key = Mac.CreateKey([1]);
        Assert.Throws<ArgumentException>(() => key.Finish(new byte[Mac.TagLength - 1]));
    }

    [Fact]
    public void Computing_a_tag_allocates_nothing()
    {
        var data = new byte[64];
        var tag = new byte[Mac.TagLength];
        using var key = Mac.CreateKey(data);
        Allocations.AssertNone(() => Mac.Compute(data.AsSpan(0, 32), data, tag));
        Allocations.AssertNone(() => key.Compute(data, tag));
        Allocations.AssertNone(() => Kadath.Crypto.Hkdf.Expand(key, data, tag));
    }

    [Fact]
    public void An_erased_key_works_no_more()
    {
        var key = Mac.CreateKey([1]);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Append([1]));
        Assert.Throws<ObjectDisposedException>(() => key.Finish(new byte[Mac.TagLength]));
    }

    [Fact]
    public void Every_Wycheproof_case_of_HKDF_has_the_published_output()
    {
        int valid = 0, tooLong = 0;
        foreach (var test in WycheproofHkdf.Read(Hkdf.File))
        {
            var pseudorandomKey = new byte[Mac.TagLength];
            var output = new byte[test.Size];
            Kadath.Crypto.Hkdf.Extract(Mac, test.Salt, test.KeyingMaterial, pseudorandomKey);
            if (!test.Valid)
            {
                Assert.Throws<ArgumentException>(() => Kadath.Crypto.Hkdf.Expand(Mac, pseudorandomKey, test.Info, output));
                tooLong++;
                continue;
            }

            Kadath.Crypto.Hkdf.Expand(Mac, pseudorandomKey, test.Info, output);
            Assert.True(test.Output.AsSpan().SequenceEqual(output), $"{test.Id}: {test.Comment}");
            using var key = Mac.CreateKey(pseudorandomKey);
            for (var i = 0; i < 2; i++)
            {
                output.AsSpan().Clear();
                Kadath.Crypto.Hkdf.Expand(key, test.Info, output);
                Assert.Equal(test.Output, output);
            }

            valid++;
        }

        Assert.Equal((Hkdf.Valid, Hkdf.TooLong), (valid, tooLong));
    }

    private static string Repeat(string octet, int count) => string.Concat(Enumerable.Repeat(octet, count));

    private static string Text(string ascii) => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(ascii));
}
