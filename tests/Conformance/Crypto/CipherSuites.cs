using System.Security.Cryptography;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What AES in counter mode and QUIC's header protection must do on every way that a processor may take.</summary>
public sealed class CipherSuites
{
    private static readonly byte[] Counter = Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");

    public static TheoryData<string> Paths => [.. Enum.GetNames<AesPath>()];

    /// <summary>NIST SP 800-38A sections F.5.1 and F.5.5.</summary>
    [Theory, MemberData(nameof(Paths))]
    public void Nist_counter_mode_is_reproduced(string path)
    {
        var plaintext = Convert.FromHexString(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        AssertStream(path, "2b7e151628aed2a6abf7158809cf4f3c", plaintext,
            "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
        AssertStream(path, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", plaintext,
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
    }

    [Theory, MemberData(nameof(Paths))]
    public void Every_length_and_a_counter_that_wraps_agree_with_the_class_library_block_by_block(string path)
    {
        foreach (var keyBytes in new[] { 16, 32 })
        {
            var random = new Random(keyBytes);
            byte[] secret = new byte[keyBytes], data = new byte[400], output = new byte[400], counter = new byte[16];
            random.NextBytes(secret);
            random.NextBytes(data);
            counter.AsSpan().Fill(0xff);
            counter[15] = 0xfb;
            var expected = ByBlocks(secret, counter, data);
            using var key = new ManagedAesCounterMode(keyBytes, Require(path)).CreateKey(secret);
            for (var length = 0; length <= data.Length; length++)
            {
                output.AsSpan().Fill(0xa5);
                key.Apply(counter, data.AsSpan(0, length), output);
                Assert.Equal(expected[..length], output[..length]);
                Assert.True(output.AsSpan(length).IndexOfAnyExcept((byte)0xa5) < 0);
            }

            key.Apply(counter, data, data);
            Assert.Equal(expected, data);
        }
    }

    /// <summary>RFC 9001 appendix A.2 (client) and A.5.</summary>
    [Theory, MemberData(nameof(Paths))]
    public void The_masks_of_rfc_9001_are_reproduced(string path)
    {
        AssertMask(new ManagedAesHeaderProtection(16, Require(path)), "9f50449e04a0e810283a1e9933adedd2", "d1b1c98dd7689fb8ec11d242b123dc9b", "437b9aec36");
        AssertMask(new ManagedChaCha20HeaderProtection(), "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4", "5e5cd55c41f69080575d7999c25a5bfb", "aefefe7d03");
    }

    [Theory, MemberData(nameof(Paths))]
    public void Masks_of_256_bit_keys_are_the_blocks_of_the_class_library(string path)
    {
        var random = new Random(1);
        byte[] secret = new byte[32], sample = new byte[16], mask = new byte[6];
        for (var i = 0; i < 50; i++)
        {
            random.NextBytes(secret);
            random.NextBytes(sample);
            using var cipher = Aes.Create();
            cipher.Key = secret;
            using var key = new ManagedAesHeaderProtection(32, Require(path)).CreateKey(secret);
            mask[5] = 0xa5;
            key.ComputeMask(sample, mask);
            Assert.Equal([.. cipher.EncryptEcb(sample, PaddingMode.None)[..5], 0xa5], mask);
        }
    }

    [Theory, MemberData(nameof(Paths))]
    public void Neither_allocates(string path)
    {
        var (counter, data, mask) = (new byte[16], new byte[100], new byte[5]);
        using var stream = new ManagedAesCounterMode(16, Require(path)).CreateKey(new byte[16]);
        using var aes = new ManagedAesHeaderProtection(16, Require(path)).CreateKey(new byte[16]);
        using var chaCha = new ManagedChaCha20HeaderProtection().CreateKey(new byte[32]);
        Allocations.AssertNone(() => stream.Apply(counter, data, data));
        Allocations.AssertNone(() => aes.ComputeMask(counter, mask));
        Allocations.AssertNone(() => chaCha.ComputeMask(counter, mask));
    }

    [Fact]
    public void Wrong_lengths_and_erased_keys_are_the_callers_fault()
    {
        var key = CryptoProvider.Default.Aes128Ctr.CreateKey(new byte[16]);
        Assert.Throws<ArgumentException>(() => key.Apply(new byte[12], [], []));
        Assert.Throws<ArgumentException>(() => key.Apply(new byte[16], new byte[2], new byte[1]));
        Assert.Throws<ArgumentException>(() => key.Apply(new byte[16], Counter.AsSpan(1), Counter));
        Assert.Throws<ArgumentException>(() => CryptoProvider.Default.Aes256Ctr.CreateKey(new byte[16]));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Apply(new byte[16], [], []));
        foreach (var protection in new[] { CryptoProvider.Default.Aes128HeaderProtection, CryptoProvider.Default.ChaCha20HeaderProtection })
        {
            Assert.Throws<ArgumentException>(() => protection.CreateKey(new byte[protection.KeyBytes + 1]));
            var mask = protection.CreateKey(new byte[protection.KeyBytes]);
            Assert.Throws<ArgumentException>(() => mask.ComputeMask(new byte[15], new byte[5]));
            Assert.Throws<ArgumentException>(() => mask.ComputeMask(new byte[16], new byte[4]));
            mask.Dispose();
            Assert.Throws<ObjectDisposedException>(() => mask.ComputeMask(new byte[16], new byte[5]));
        }
    }

    private static void AssertStream(string path, string secret, byte[] plaintext, string expected)
    {
        var output = new byte[plaintext.Length];
        using var key = new ManagedAesCounterMode(secret.Length / 2, Require(path)).CreateKey(Convert.FromHexString(secret));
        key.Apply(Counter, plaintext, output);
        Assert.Equal(expected, Convert.ToHexStringLower(output));
    }

    private static void AssertMask(IHeaderProtection protection, string secret, string sample, string expected)
    {
        var mask = new byte[HeaderProtectionKey.MaskBytes];
        using var key = protection.CreateKey(Convert.FromHexString(secret));
        key.ComputeMask(Convert.FromHexString(sample), mask);
        Assert.Equal(expected, Convert.ToHexStringLower(mask));
    }

    private static byte[] ByBlocks(byte[] secret, byte[] firstCounter, byte[] data)
    {
        using var cipher = Aes.Create();
        cipher.Key = secret;
        var counter = (byte[])firstCounter.Clone();
        var output = new byte[data.Length];
        for (var at = 0; at < data.Length; at += 16)
        {
            var block = cipher.EncryptEcb(counter, PaddingMode.None);
            for (var i = at; i < Math.Min(at + 16, data.Length); i++)
            {
                output[i] = (byte)(data[i] ^ block[i - at]);
            }

            for (var i = 15; i >= 0 && ++counter[i] == 0; i--)
            {
            }
        }

        return output;
    }

    private static AesPath Require(string path)
    {
        var parsed = Enum.Parse<AesPath>(path);
        Assert.SkipUnless(AesPaths.IsSupported(parsed), $"this processor cannot take the path {path}");
        return parsed;
    }
}
