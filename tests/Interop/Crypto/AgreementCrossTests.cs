using Kadath.Crypto;
using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop.Crypto;

/// <summary>Diffie-Hellman with foreign implementations, with random keys, in every fill.</summary>
public sealed class AgreementCrossTests
{
    private const int Rounds = 60;

    public static TheoryData<string, string, string> Pairs
    {
        get
        {
            TheoryData<string, string, string> pairs = [];
            foreach ((string algorithm, string[] libraries) in ((string, string[])[])[("X25519", ["dalek", "aws-lc"]), ("P256", ["aws-lc", "rustcrypto"]), ("P384", ["aws-lc", "rustcrypto"])])
            {
                foreach (string fill in algorithm == "X25519" ? (string[])[Fills.Managed] : [Fills.Managed, Fills.Libcrypto, Fills.Bcl])
                {
                    foreach (string library in libraries)
                    {
                        pairs.Add(algorithm, fill, library);
                    }
                }
            }

            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task Both_sides_arrive_at_the_same_secret_and_make_the_same_public_key(string algorithm, string fill, string library)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        IKeyAgreement function = FunctionOf(algorithm, fill);
        byte[] scalar = new byte[function.PrivateKeyBytes], publicKey = new byte[function.PublicKeyBytes], secret = new byte[function.SecretBytes];
        for (int i = 0; i < Rounds; i++)
        {
            KeyEntropy.OperatingSystem.Fill(scalar);
            using KeyAgreementPrivateKey? key = function.Import(scalar);
            Assert.NotNull(key);
            key.CopyPublicKey(publicKey);
            CryptoAnswer foreign = await peer.CallAsync("keygen", ("alg", algorithm), ("impl", library));
            Assert.True(key.TryAgree(foreign["pk"], secret));
            Assert.Equal((await peer.CallAsync("ecdh", ("alg", algorithm), ("impl", library), ("sk", foreign["sk"]), ("pk", publicKey)))["ss"], secret);
            Assert.Equal((await peer.CallAsync("ecdh", ("alg", algorithm), ("impl", library), ("sk", scalar), ("pk", foreign["pk"])))["ss"], secret);
        }
    }

    /// <summary>Any 32 bytes are a public key of X25519: half of them lie on the twist, and one in 2^250 is not canonical.</summary>
    [Theory]
    [InlineData("dalek")]
    [InlineData("aws-lc")]
    public async Task X25519_of_random_bytes_agrees(string library)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        byte[] scalar = new byte[32], point = new byte[32], secret = new byte[32];
        for (int i = 0; i < 2 * Rounds; i++)
        {
            KeyEntropy.OperatingSystem.Fill(scalar);
            KeyEntropy.OperatingSystem.Fill(point);
            if (i % 4 == 0)
            {
                point.AsSpan(1, 30).Fill(0xff);
            }

            using KeyAgreementPrivateKey? key = CryptoProvider.Default.X25519.Import(scalar);
            Assert.True(key!.TryAgree(point, secret));
            Assert.Equal((await peer.CallAsync("ecdh", ("alg", "X25519"), ("impl", library), ("sk", scalar), ("pk", point)))["ss"], secret);
        }
    }

    [Theory]
    [InlineData("P256")]
    [InlineData("P384")]
    public async Task A_point_off_the_curve_is_refused_by_both(string algorithm)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        IKeyAgreement function = FunctionOf(algorithm, Fills.Managed);
        byte[] publicKey = new byte[function.PublicKeyBytes], secret = new byte[function.SecretBytes];
        using KeyAgreementPrivateKey key = function.Generate(KeyEntropy.OperatingSystem);
        for (int i = 0; i < Rounds; i++)
        {
            CryptoAnswer foreign = await peer.CallAsync("keygen", ("alg", algorithm));
            foreign["pk"].CopyTo(publicKey, 0);
            publicKey[1 + (i % (publicKey.Length - 1))] ^= (byte)(1 << (i % 8));
            Assert.False(key.TryAgree(publicKey, secret));
            await Assert.ThrowsAsync<PeerException>(() => peer.CallAsync("ecdh", ("alg", algorithm), ("sk", foreign["sk"]), ("pk", publicKey)));
        }
    }

    private static IKeyAgreement FunctionOf(string algorithm, string fill)
    {
        if (algorithm == "X25519")
        {
            return CryptoProvider.Managed.X25519;
        }

        NistCurve curve = algorithm == "P256" ? NistCurve.P256 : NistCurve.P384;
        Assert.SkipWhen(fill == Fills.Libcrypto && !LibcryptoEcdh.IsSupported, "libcrypto 3 does not load here");
        return fill switch
        {
            Fills.Managed => new ManagedEcdh(curve),
            Fills.Libcrypto => new LibcryptoEcdh(curve),
            _ => new BclEcdh(curve),
        };
    }
}
