using System.Buffers.Binary;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of SipHash-2-4 must do; the vectors are the authors' 64.</summary>
public abstract class SipHashSuite
{
    protected abstract ISipHash SipHash { get; }

    [Fact]
    public void The_64_official_tags_are_reproduced()
    {
        var lines = Vectors.Lines("siphash", "siphash-2-4-64.txt");
        Assert.Equal(64, lines.Length);
        var message = new byte[64];
        for (var i = 0; i < message.Length; i++)
        {
            message[i] = (byte)i;
        }

        var key = SipHashKey.FromBytes(message.AsSpan(0, 16));
        var wire = new byte[8];
        for (var length = 0; length < lines.Length; length++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(wire, SipHash.Hash(key, message.AsSpan(0, length)));
            Assert.Equal(lines[length], Convert.ToHexStringLower(wire));
        }
    }

    [Fact]
    public void The_example_of_the_paper_is_reproduced() =>
        Assert.Equal(
            0xa129ca6149be45e5,
            SipHash.Hash(new(0x0706050403020100, 0x0f0e0d0c0b0a0908), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]));

    [Fact]
    public void Both_halves_of_the_key_matter()
    {
        var tags = new[] { SipHash.Hash(new(1, 2), [1]), SipHash.Hash(new(1, 3), [1]), SipHash.Hash(new(0, 2), [1]) };
        Assert.Equal(3, tags.Distinct().Count());
    }

    [Fact]
    public void Hashing_allocates_nothing()
    {
        var data = new byte[26];
        Allocations.AssertNone(() => SipHash.Hash(new(1, 2), data));
    }
}

public sealed class ManagedSipHashTests : SipHashSuite
{
    protected override ISipHash SipHash { get; } = new ManagedSipHash();
}
