using System.Numerics;
using Kadath.Crypto;
using Xunit;

namespace Kadath.Tests.Interop.Crypto;

/// <summary>Ed25519 and ECDSA with foreign implementations in both roles, with random keys and messages, in every fill.</summary>
public sealed class SignatureCrossTests
{
    private const int Rounds = 40;

    public static TheoryData<string, string, string> Pairs
    {
        get
        {
            TheoryData<string, string, string> pairs = [];
            foreach (string library in (string[])["dalek", "aws-lc", "ring"])
            {
                pairs.Add("Ed25519", Fills.Managed, library);
            }

            foreach (string algorithm in (string[])["ECDSA-P256", "ECDSA-P384"])
            {
                foreach (string fill in (string[])[Fills.Managed, Fills.Libcrypto, Fills.Bcl])
                {
                    foreach (string library in (string[])["aws-lc", "ring", "rustcrypto"])
                    {
                        pairs.Add(algorithm, fill, library);
                    }
                }
            }

            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task What_we_sign_a_peer_verifies_and_what_was_changed_it_does_not(string algorithm, string fill, string library)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        ISignatureScheme scheme = SchemeOf(algorithm, fill);
        byte[] signature = new byte[scheme.MaxSignatureBytes];
        for (int i = 0; i < Rounds; i++)
        {
            using SignaturePrivateKey key = scheme.Generate(KeyEntropy.OperatingSystem);
            byte[] message = Message(i);
            int length = key.Sign(message, KeyEntropy.OperatingSystem, signature);
            byte[] foreign = ToForeign(scheme, signature.AsSpan(0, length));
            Assert.True(await VerifiesAsync(peer, library, algorithm, key.PublicKey.ToArray(), message, foreign));
            message[i] ^= 1;
            Assert.False(await VerifiesAsync(peer, library, algorithm, key.PublicKey.ToArray(), message, foreign));
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task What_a_peer_signs_we_verify_and_what_was_changed_we_do_not(string algorithm, string fill, string library)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        ISignatureScheme scheme = SchemeOf(algorithm, fill);
        for (int i = 0; i < Rounds; i++)
        {
            CryptoAnswer key = await peer.CallAsync("keygen", ("alg", algorithm), ("impl", library));
            byte[] message = Message(i);
            byte[] signature = FromForeign(scheme, (await peer.CallAsync("sign", ("alg", algorithm), ("impl", library), ("sk", key["sk"]), ("msg", message)))["sig"]);
            Assert.True(scheme.Verify(key["pk"], message, signature));
            message[i] ^= 1;
            Assert.False(scheme.Verify(key["pk"], message, signature));
        }
    }

    /// <summary>Ed25519 is deterministic: one seed, one signature.</summary>
    [Theory]
    [InlineData("dalek")]
    [InlineData("aws-lc")]
    [InlineData("ring")]
    public async Task From_one_seed_both_sign_the_same_bytes(string library)
    {
        await using CryptoPeer peer = await CryptoPeer.StartAsync(CryptoPeer.Rust);
        ISignatureScheme scheme = CryptoProvider.Default.Ed25519;
        byte[] seed = new byte[32], signature = new byte[64];
        for (int i = 0; i < Rounds; i++)
        {
            KeyEntropy.OperatingSystem.Fill(seed);
            using SignaturePrivateKey? key = scheme.Import(seed);
            CryptoAnswer foreign = await peer.CallAsync("keygen", ("alg", "Ed25519"), ("impl", library), ("seed", seed));
            Assert.Equal(foreign["pk"], key!.PublicKey.ToArray());
            byte[] message = Message(i);
            key.Sign(message, KeyEntropy.OperatingSystem, signature);
            CryptoAnswer signed = await peer.CallAsync("sign", ("alg", "Ed25519"), ("impl", library), ("sk", foreign["sk"]), ("msg", message));
            Assert.Equal(signed["sig"], signature);
        }
    }

    private static async Task<bool> VerifiesAsync(CryptoPeer peer, string library, string algorithm, byte[] publicKey, byte[] message, byte[] signature) =>
        (await peer.CallAsync("verify", ("alg", algorithm), ("impl", library), ("pk", publicKey), ("msg", message), ("sig", signature))).IsTrue("valid");

    /// <summary>At least forty bytes, more each round.</summary>
    private static byte[] Message(int round)
    {
        byte[] message = new byte[40 + (11 * round)];
        KeyEntropy.OperatingSystem.Fill(message);
        return message;
    }

    /// <summary>The peer has ECDSA signatures as r and s side by side.</summary>
    private static byte[] ToForeign(ISignatureScheme scheme, ReadOnlySpan<byte> signature)
    {
        if (scheme is IEd25519)
        {
            return signature.ToArray();
        }

        byte[] numbers = new byte[2 * scheme.PrivateKeyBytes];
        ReadOnlySpan<byte> r = signature.Slice(4, signature[3]), s = signature[(6 + r.Length)..];
        r = r.TrimStart((byte)0);
        s = s.TrimStart((byte)0);
        r.CopyTo(numbers.AsSpan(scheme.PrivateKeyBytes - r.Length));
        s.CopyTo(numbers.AsSpan(numbers.Length - s.Length));
        return numbers;
    }

    private static byte[] FromForeign(ISignatureScheme scheme, byte[] signature)
    {
        if (scheme is IEd25519)
        {
            return signature;
        }

        byte[] content = [.. Integer(signature.AsSpan(0, scheme.PrivateKeyBytes)), .. Integer(signature.AsSpan(scheme.PrivateKeyBytes))];
        return [0x30, (byte)content.Length, .. content];

        static byte[] Integer(ReadOnlySpan<byte> number)
        {
            byte[] bytes = new BigInteger(number, isUnsigned: true, isBigEndian: true).ToByteArray(isBigEndian: true);
            return [2, (byte)bytes.Length, .. bytes];
        }
    }

    private static ISignatureScheme SchemeOf(string algorithm, string fill)
    {
        if (algorithm == "Ed25519")
        {
            return CryptoProvider.Managed.Ed25519;
        }

        NistCurve curve = algorithm == "ECDSA-P256" ? NistCurve.P256 : NistCurve.P384;
        Assert.SkipWhen(fill == Fills.Libcrypto && !LibcryptoEcdh.IsSupported, "libcrypto 3 does not load here");
        return fill switch
        {
            Fills.Managed => new ManagedEcdsa(curve),
            Fills.Libcrypto => new LibcryptoEcdsa(curve, curve == NistCurve.P256 ? new ManagedSha256() : new ManagedSha384()),
            _ => new BclEcdsa(curve),
        };
    }
}
