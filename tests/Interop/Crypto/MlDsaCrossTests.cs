using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Interop.Crypto;

/// <summary>ML-DSA with foreign implementations in both roles, with random keys and messages.</summary>
public sealed class MlDsaCrossTests
{
    private const int Rounds = 25;

    public static TheoryData<string, string> Pairs => new()
    {
        { "libcrux", "ML-DSA-44" },
        { "libcrux", "ML-DSA-65" },
        { "libcrux", "ML-DSA-87" },
        { "aws-lc", "ML-DSA-44" },
        { "aws-lc", "ML-DSA-65" },
        { "aws-lc", "ML-DSA-87" },
    };

    [Theory, MemberData(nameof(Pairs))]
    public async Task What_we_sign_a_peer_verifies_and_what_was_changed_it_does_not(string library, string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        ISignatureScheme scheme = SchemeOf(algorithm);
        byte[] signature = new byte[scheme.MaxSignatureBytes];
        for (int i = 0; i < Rounds; i++)
        {
            using SignaturePrivateKey key = scheme.Generate(KeyEntropy.OperatingSystem);
            byte[] message = Message(i);
            Assert.Equal(signature.Length, key.Sign(message, KeyEntropy.OperatingSystem, signature));
            Assert.True(await VerifiesAsync(peer, library, algorithm, key.PublicKey.ToArray(), message, signature));
            message[i] ^= 1;
            Assert.False(await VerifiesAsync(peer, library, algorithm, key.PublicKey.ToArray(), message, signature));
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task What_a_peer_signs_we_verify_and_what_was_changed_we_do_not(string library, string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        ISignatureScheme scheme = SchemeOf(algorithm);
        for (int i = 0; i < Rounds; i++)
        {
            CryptoAnswer key = await peer.CallAsync("keygen", ("alg", algorithm), ("impl", library));
            byte[] message = Message(i);
            byte[] signature = (await peer.CallAsync("sign", ("alg", algorithm), ("impl", library), ("sk", key["sk"]), ("msg", message)))["sig"];
            Assert.True(scheme.Verify(key["pk"], message, signature));
            message[i] ^= 1;
            Assert.False(scheme.Verify(key["pk"], message, signature));
        }
    }

    [Theory]
    [InlineData("ML-DSA-44")]
    [InlineData("ML-DSA-65")]
    [InlineData("ML-DSA-87")]
    public async Task From_one_seed_and_the_same_hedge_both_sign_the_same_bytes(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        ISignatureScheme scheme = SchemeOf(algorithm);
        byte[] seed = new byte[32];
        byte[] signature = new byte[scheme.MaxSignatureBytes];
        for (int i = 0; i < Rounds; i++)
        {
            KeyEntropy.OperatingSystem.Fill(seed);
            using SignaturePrivateKey? key = scheme.Import(seed);
            CryptoAnswer foreign = await peer.CallAsync("keygen", ("alg", algorithm), ("impl", "libcrux"), ("seed", seed));
            Assert.Equal(foreign["pk"], key!.PublicKey.ToArray());
            byte[] message = Message(i);
            key.Sign(message, new Support.ScriptedKeyEntropy(seed), signature);
            CryptoAnswer signed = await peer.CallAsync("sign", ("alg", algorithm), ("impl", "libcrux"), ("sk", foreign["sk"]), ("msg", message), ("rnd", seed));
            Assert.Equal(signed["sig"], signature);
        }
    }

    private static async Task<bool> VerifiesAsync(CryptoPeer peer, string library, string algorithm, byte[] publicKey, byte[] message, byte[] signature) =>
        (await peer.CallAsync("verify", ("alg", algorithm), ("impl", library), ("pk", publicKey), ("msg", message), ("sig", signature))).IsTrue("valid");

    /// <summary>At least thirty bytes, more each round.</summary>
    private static byte[] Message(int round)
    {
        byte[] message = new byte[30 + (13 * round)];
        KeyEntropy.OperatingSystem.Fill(message);
        return message;
    }

    private static ISignatureScheme SchemeOf(string algorithm) => algorithm switch
    {
        "ML-DSA-44" => CryptoProvider.Default.MlDsa44,
        "ML-DSA-65" => CryptoProvider.Default.MlDsa65,
        "ML-DSA-87" => CryptoProvider.Default.MlDsa87,
        _ => throw new ArgumentException($"no scheme {algorithm}", nameof(algorithm)),
    };
}
