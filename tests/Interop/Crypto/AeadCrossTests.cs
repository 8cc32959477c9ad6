using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Interop.Crypto;

/// <summary>AEADs, header masks, SHA-2, HMAC and HKDF beside three foreign implementations, over random inputs, in both directions.</summary>
public sealed class AeadCrossTests
{
    private static readonly string[] Libraries = ["aws-lc", "ring", "rustcrypto"];

    [Theory]
    [InlineData("AES-128-GCM")]
    [InlineData("AES-256-GCM")]
    [InlineData("ChaCha20-Poly1305")]
    public async Task What_one_seals_the_other_opens(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        IAead aead = Select(algorithm, CryptoProvider.Default);
        for (int i = 0; i < 60; i++)
        {
            byte[] secret = Draw(aead.KeyBytes), nonce = Draw(AeadKey.NonceBytes), associatedData = Draw(i % 40), plaintext = Draw(i * 37 % 1500);
            using AeadKey key = aead.CreateKey(secret);
            byte[] ours = new byte[plaintext.Length + AeadKey.TagBytes];
            key.Seal(nonce, associatedData, plaintext, ours);
            foreach (string library in Libraries)
            {
                (string, object?)[] common = [("alg", algorithm), ("impl", library), ("key", secret), ("nonce", nonce), ("aad", associatedData)];
                byte[] theirs = (await peer.CallAsync("seal", [.. common, ("pt", plaintext)]))["ct"];
                byte[] opened = new byte[plaintext.Length];
                Assert.True(key.TryOpen(nonce, associatedData, theirs, opened));
                Assert.Equal(plaintext, opened);
                Assert.Equal(plaintext, (await peer.CallAsync("open", [.. common, ("ct", ours)]))["pt"]);
            }
        }
    }

    [Theory]
    [InlineData("aes-128")]
    [InlineData("aes-256")]
    [InlineData("chacha20")]
    public async Task Header_masks_agree(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        IHeaderProtection protection = algorithm switch
        {
            "aes-128" => CryptoProvider.Default.Aes128HeaderProtection,
            "aes-256" => CryptoProvider.Default.Aes256HeaderProtection,
            _ => CryptoProvider.Default.ChaCha20HeaderProtection,
        };
        for (int i = 0; i < 40; i++)
        {
            byte[] secret = Draw(protection.KeyBytes), sample = Draw(HeaderProtectionKey.SampleBytes), mask = new byte[HeaderProtectionKey.MaskBytes];
            using HeaderProtectionKey key = protection.CreateKey(secret);
            key.ComputeMask(sample, mask);
            byte[] theirs = (await peer.CallAsync("header_mask", ("alg", algorithm), ("key", secret), ("sample", sample)))["mask"];
            Assert.Equal(theirs[..mask.Length], mask);
        }
    }

    [Theory]
    [InlineData("SHA-256")]
    [InlineData("SHA-384")]
    public async Task Digests_tags_and_derived_keys_agree(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        foreach (CryptoProvider provider in new[] { CryptoProvider.Default, CryptoProvider.Managed })
        {
            IHash hash = algorithm == "SHA-256" ? provider.Sha256 : provider.Sha384;
            IMac mac = algorithm == "SHA-256" ? provider.HmacSha256 : provider.HmacSha384;
            for (int i = 0; i < 30; i++)
            {
                byte[] key = Draw(1 + (i * 7 % 150)), message = Draw(i * 23 % 400), salt = Draw(i), info = Draw(i * 5 % 60);
                byte[] digest = new byte[hash.DigestLength], tag = new byte[mac.TagLength], derived = new byte[1 + (i * 9)], pseudorandom = new byte[mac.TagLength];
                hash.Hash(message, digest);
                mac.Compute(key, message, tag);
                Hkdf.Extract(mac, salt, key, pseudorandom);
                Hkdf.Expand(mac, pseudorandom, info, derived);
                foreach (string library in Libraries)
                {
                    Assert.Equal((await peer.CallAsync("hash", ("alg", algorithm), ("impl", library), ("msg", message)))["digest"], digest);
                    Assert.Equal((await peer.CallAsync("hmac", ("alg", algorithm), ("impl", library), ("key", key), ("msg", message)))["mac"], tag);
                    Assert.Equal(
                        (await peer.CallAsync("hkdf", ("alg", algorithm), ("impl", library), ("ikm", key), ("salt", salt), ("info", info), ("len", derived.Length)))["okm"], derived);
                }
            }
        }
    }

    private static IAead Select(string algorithm, CryptoProvider provider) => algorithm switch
    {
        "AES-128-GCM" => provider.Aes128Gcm,
        "AES-256-GCM" => provider.Aes256Gcm,
        _ => provider.ChaCha20Poly1305,
    };

    private static byte[] Draw(int length)
    {
        byte[] bytes = new byte[length];
        KeyEntropy.OperatingSystem.Fill(bytes);
        return bytes;
    }
}
