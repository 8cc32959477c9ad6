using System.Security.Cryptography;
using System.Text;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of HMAC-SHA-256 must do; the vectors are those of RFC 4231.</summary>
public abstract class HmacSha256Suite
{
    protected abstract IMac Mac { get; }

    /// <summary>RFC 4231 sections 4.2 to 4.8: key, data, tag (of case 5 the first 128 bits).</summary>
    public static TheoryData<string, string, string> Rfc4231 => new()
    {
        { Repeat("0b", 20), Text("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { Text("Jefe"), Text("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { Repeat("aa", 20), Repeat("dd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { "0102030405060708090a0b0c0d0e0f10111213141516171819", Repeat("cd", 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { Repeat("0c", 20), Text("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b" },
        { Repeat("aa", 131), Text("Test Using Larger Than Block-Size Key - Hash Key First"), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        { Repeat("aa", 131), Text("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
    };

    private static string Repeat(string octet, int count) => string.Concat(Enumerable.Repeat(octet, count));

    private static string Text(string ascii) => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(ascii));

    [Theory]
    [MemberData(nameof(Rfc4231))]
    public void Rfc_4231_is_reproduced(string key, string data, string expected)
    {
        var tag = new byte[32];
        Mac.Compute(Convert.FromHexString(key), Convert.FromHexString(data), tag);
        Assert.StartsWith(expected, Convert.ToHexStringLower(tag), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_and_messages_of_every_length_agree_with_another_implementation()
    {
        var bytes = new byte[400];
        new Random(3).NextBytes(bytes);
        var tag = new byte[32];
        for (var length = 0; length <= 200; length++)
        {
            ReadOnlySpan<byte> key = bytes.AsSpan(0, length), data = bytes.AsSpan(200 - length, 2 * length);
            Mac.Compute(key, data, tag);
            Assert.Equal(HMACSHA256.HashData(key, data), tag);
        }
    }

    [Fact]
    public void A_short_destination_is_the_callers_fault() =>
        Assert.Throws<ArgumentException>(() => Mac.Compute([1], [2], new byte[Mac.TagLength - 1]));

    [Fact]
    public void Computing_a_tag_allocates_nothing()
    {
        var data = new byte[64];
        var tag = new byte[32];
        Allocations.AssertNone(() => Mac.Compute(data.AsSpan(0, 32), data, tag));
    }
}

public sealed class BclHmacSha256Tests : HmacSha256Suite
{
    protected override IMac Mac { get; } = new BclHmacSha256();
}

public sealed class ManagedHmacSha256Tests : HmacSha256Suite
{
    protected override IMac Mac { get; } = new ManagedHmacSha256();
}
