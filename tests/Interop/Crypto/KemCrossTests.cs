using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Interop.Crypto;

/// <summary>Key encapsulation with foreign implementations in both roles, with random keys.</summary>
public sealed class KemCrossTests
{
    private const int Rounds = 25;

    public static TheoryData<string, string, string> Pairs => new()
    {
        { CryptoPeer.Rust, "libcrux", "ML-KEM-512" },
        { CryptoPeer.Rust, "libcrux", "ML-KEM-768" },
        { CryptoPeer.Rust, "libcrux", "ML-KEM-1024" },
        { CryptoPeer.Rust, "aws-lc", "ML-KEM-512" },
        { CryptoPeer.Rust, "aws-lc", "ML-KEM-768" },
        { CryptoPeer.Rust, "aws-lc", "ML-KEM-1024" },
        { CryptoPeer.Circl, "circl", "ML-KEM-512" },
        { CryptoPeer.Circl, "circl", "ML-KEM-768" },
        { CryptoPeer.Circl, "circl", "ML-KEM-1024" },
        { CryptoPeer.Circl, "circl", "FrodoKEM-640-SHAKE" },
    };

    [Theory, MemberData(nameof(Pairs))]
    public async Task What_a_peer_encapsulates_for_our_key_we_decapsulate(string program, string library, string algorithm)
    {
        await using Foreign foreign = new(await CryptoPeer.StartAsync(program), library, algorithm);
        IKem kem = KemOf(algorithm);
        for (int i = 0; i < Rounds; i++)
        {
            using KemPrivateKey key = kem.Generate(KeyEntropy.OperatingSystem);
            byte[] encapsulationKey = new byte[kem.EncapsulationKeyBytes];
            key.CopyEncapsulationKey(encapsulationKey);
            (byte[] ciphertext, byte[] secret) = await foreign.EncapsulateAsync(encapsulationKey);
            byte[] found = new byte[kem.SecretBytes];
            Assert.True(key.TryDecapsulate(ciphertext, found));
            Assert.Equal(secret, found);
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task What_we_encapsulate_for_a_peers_key_it_decapsulates(string program, string library, string algorithm)
    {
        await using Foreign foreign = new(await CryptoPeer.StartAsync(program), library, algorithm);
        IKem kem = KemOf(algorithm);
        for (int i = 0; i < Rounds; i++)
        {
            (byte[] encapsulationKey, byte[] privateKey) = await foreign.GenerateAsync();
            (byte[] ciphertext, byte[] secret) = (new byte[kem.CiphertextBytes], new byte[kem.SecretBytes]);
            Assert.True(kem.TryEncapsulate(encapsulationKey, KeyEntropy.OperatingSystem, ciphertext, secret));
            Assert.Equal(secret, await foreign.DecapsulateAsync(privateKey, ciphertext));

            // What both reject they reject alike, and an expanded private key means the same to both.
            ciphertext[i] ^= 1;
            byte[] rejected = await foreign.DecapsulateAsync(privateKey, ciphertext);
            Assert.NotEqual(secret, rejected);
            using KemPrivateKey? imported = kem.Import(privateKey);
            Assert.True(imported!.TryDecapsulate(ciphertext, secret));
            Assert.Equal(rejected, secret);
        }
    }

    [Theory]
    [InlineData("ML-KEM-512")]
    [InlineData("ML-KEM-768")]
    [InlineData("ML-KEM-1024")]
    public async Task A_seed_gives_both_the_same_key(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        IKem kem = KemOf(algorithm);
        byte[] seed = new byte[64];
        byte[] own = new byte[kem.EncapsulationKeyBytes];
        for (int i = 0; i < Rounds; i++)
        {
            KeyEntropy.OperatingSystem.Fill(seed);
            using KemPrivateKey? key = kem.Import(seed);
            key!.CopyEncapsulationKey(own);
            Assert.Equal((await peer.CallAsync("keygen", ("alg", algorithm), ("impl", "libcrux"), ("seed", seed)))["pk"], own);
        }
    }

    private static IKem KemOf(string algorithm) => algorithm switch
    {
        "ML-KEM-512" => CryptoProvider.Default.MlKem512,
        "ML-KEM-768" => CryptoProvider.Default.MlKem768,
        "ML-KEM-1024" => CryptoProvider.Default.MlKem1024,

        // circl's is that of round 3, which is now called ephemeral.
        "FrodoKEM-640-SHAKE" => CryptoProvider.Default.EphemeralFrodoKem640Shake,
        _ => throw new ArgumentException($"no KEM {algorithm}", nameof(algorithm)),
    };

    /// <summary>One algorithm of one library: the two programs name members differently.</summary>
    private sealed class Foreign(CryptoPeer peer, string library, string algorithm) : IAsyncDisposable
    {
        private bool IsCircl => library == "circl";

        public async Task<(byte[] EncapsulationKey, byte[] PrivateKey)> GenerateAsync()
        {
            CryptoAnswer key = await CallAsync(IsCircl ? "kem_keygen" : "keygen");
            return IsCircl ? (key["public"], key["private"]) : (key["pk"], key["sk"]);
        }

        public async Task<(byte[] Ciphertext, byte[] Secret)> EncapsulateAsync(byte[] encapsulationKey)
        {
            CryptoAnswer made = IsCircl ? await CallAsync("kem_encaps", ("public", encapsulationKey)) : await CallAsync("encaps", ("pk", encapsulationKey));
            return IsCircl ? (made["ciphertext"], made["shared"]) : (made["ct"], made["ss"]);
        }

        public async Task<byte[]> DecapsulateAsync(byte[] privateKey, byte[] ciphertext) => IsCircl
            ? (await CallAsync("kem_decaps", ("private", privateKey), ("ciphertext", ciphertext)))["shared"]
            : (await CallAsync("decaps", ("sk", privateKey), ("ct", ciphertext)))["ss"];

        public ValueTask DisposeAsync() => peer.DisposeAsync();

        private Task<CryptoAnswer> CallAsync(string command, params (string, object?)[] arguments) =>
            peer.CallAsync(command, [("alg", algorithm), ("impl", IsCircl ? null : library), .. arguments]);
    }
}
