using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Interop.Crypto;

/// <summary>SHA-3 and SHAKE beside three foreign implementations, over random messages of lengths around the block boundaries.</summary>
public sealed class HashCrossTests
{
    [Theory]
    [InlineData("SHA3-256")]
    [InlineData("SHA3-384")]
    [InlineData("SHA3-512")]
    public async Task Digests_agree(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        IHash hash = algorithm switch
        {
            "SHA3-256" => CryptoProvider.Default.Sha3_256,
            "SHA3-384" => CryptoProvider.Default.Sha3_384,
            _ => CryptoProvider.Default.Sha3_512,
        };
        byte[] digest = new byte[hash.DigestLength];
        for (int i = 0; i < 60; i++)
        {
            byte[] message = Message(i);
            hash.Hash(message, digest);
            foreach (string library in new[] { "rustcrypto", "aws-lc", "libcrux" })
            {
                Assert.Equal((await peer.CallAsync("hash", ("alg", algorithm), ("impl", library), ("msg", message)))["digest"], digest);
            }
        }
    }

    [Theory]
    [InlineData("SHAKE128")]
    [InlineData("SHAKE256")]
    public async Task Outputs_of_any_length_agree(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        IExtendableHash hash = algorithm == "SHAKE128" ? CryptoProvider.Default.Shake128 : CryptoProvider.Default.Shake256;
        for (int i = 0; i < 60; i++)
        {
            byte[] message = Message(i);
            byte[] output = new byte[1 + (29 * i)];
            hash.Hash(message, output);
            foreach (string library in new[] { "rustcrypto", "libcrux" })
            {
                Assert.Equal((await peer.CallAsync("hash", ("alg", algorithm), ("impl", library), ("msg", message), ("len", output.Length)))["digest"], output);
            }
        }
    }

    private static byte[] Message(int round)
    {
        byte[] message = new byte[round * 11 % 420];
        KeyEntropy.OperatingSystem.Fill(message);
        return message;
    }
}
