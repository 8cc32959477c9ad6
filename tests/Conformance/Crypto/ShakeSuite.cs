using System.Security.Cryptography;
using System.Text;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of SHAKE128 and SHAKE256 must do.</summary>
public abstract class ShakeSuite
{
    protected abstract IExtendableHash Hash { get; }

    /// <summary>The first 64 bytes for the empty message, for "abc" and for a million times "a".</summary>
    protected abstract string[] Outputs { get; }

    protected abstract byte[] Reference(ReadOnlySpan<byte> data, int length);

    [Fact]
    public void Published_outputs_are_reproduced()
    {
        string[] messages = ["", "abc", new('a', 1_000_000)];
        var output = new byte[64];
        for (var i = 0; i < messages.Length; i++)
        {
            Hash.Hash(Encoding.ASCII.GetBytes(messages[i]), output);
            Assert.Equal(Outputs[i], Convert.ToHexStringLower(output));
        }
    }

    [Fact]
    public void Lengths_of_message_and_output_around_the_block_boundaries_agree_with_another_implementation()
    {
        var random = new Random(1);
        for (var i = 0; i < 600; i++)
        {
            var data = new byte[i];
            random.NextBytes(data);
            var output = new byte[1 + (i * 7 % 700)];
            Hash.Hash(data, output);
            Assert.Equal(Reference(data, output.Length), output);
        }
    }

    [Fact]
    public void A_shorter_output_begins_a_longer_one()
    {
        var (longer, shorter) = (new byte[500], new byte[499]);
        Hash.Hash([1, 2, 3], longer);
        Hash.Hash([1, 2, 3], shorter);
        Assert.Equal(longer[..499], shorter);
        Hash.Hash([1, 2, 3], []);
    }

    [Fact]
    public void The_output_may_overwrite_the_message()
    {
        var buffer = Enumerable.Range(0, 300).Select(i => (byte)i).ToArray();
        var expected = Reference(buffer, 300);
        Hash.Hash(buffer, buffer);
        Assert.Equal(expected, buffer);
    }

    [Fact]
    public void Hashing_allocates_nothing()
    {
        var (data, output) = (new byte[400], new byte[400]);
        Allocations.AssertNone(() => Hash.Hash(data, output));
    }
}

public abstract class Shake128Suite : ShakeSuite
{
    protected override string[] Outputs =>
    [
        "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef263cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2",
        "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc844c50af32acd3f2cdd066568706f509bc1bdde58295dae3f891a9a0fca578378",
        "9d222c79c4ff9d092cf6ca86143aa411e369973808ef97093255826c5572ef58424c4b5c28475ffdcf981663867fec6321c1262e387bccf8ca676884c4a9d0c1",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data, int length)
    {
        Assert.SkipUnless(Shake128.IsSupported, "The class library has no SHAKE on this system.");
        return Shake128.HashData(data, length);
    }
}

public abstract class Shake256Suite : ShakeSuite
{
    protected override string[] Outputs =>
    [
        "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762fd75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be",
        "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e4",
        "3578a7a4ca9137569cdf76ed617d31bb994fca9c1bbf8b184013de8234dfd13a3fd124d4df76c0a539ee7dd2f6e1ec346124c815d9410e145eb561bcd97b18ab",
    ];

    protected override byte[] Reference(ReadOnlySpan<byte> data, int length)
    {
        Assert.SkipUnless(Shake256.IsSupported, "The class library has no SHAKE on this system.");
        return Shake256.HashData(data, length);
    }
}

public sealed class ManagedShake128Tests : Shake128Suite
{
    protected override IExtendableHash Hash { get; } = ManagedShake.Shake128;
}

public sealed class BclShake128Tests : Shake128Suite
{
    public BclShake128Tests() => Assert.SkipUnless(BclShake.IsSupported, "The class library has no SHAKE on this system.");

    protected override IExtendableHash Hash { get; } = BclShake.Shake128;
}

public sealed class ManagedShake256Tests : Shake256Suite
{
    protected override IExtendableHash Hash { get; } = ManagedShake.Shake256;
}

public sealed class BclShake256Tests : Shake256Suite
{
    public BclShake256Tests() => Assert.SkipUnless(BclShake.IsSupported, "The class library has no SHAKE on this system.");

    protected override IExtendableHash Hash { get; } = BclShake.Shake256;
}
