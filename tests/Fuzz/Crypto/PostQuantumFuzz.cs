using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Fuzz.Crypto;

/// <summary>Keys, ciphertexts and signatures with wrong bytes in them: never an exception, never the right secret, never a valid signature.</summary>
public sealed class PostQuantumFuzz
{
    public static TheoryData<string> Kems => ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024", "FrodoKEM-640-SHAKE", "BIKE-L1"];

    public static TheoryData<string> Schemes => ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

    [Theory, MemberData(nameof(Kems))]
    public void Wrong_keys_and_ciphertexts_never_throw_and_agree_on_nothing(string name)
    {
        IKem kem = (IKem)CryptoProvider.Managed.Primitives.Single(primitive => primitive.Primitive == name).Fill;
        SeededKeyEntropy entropy = new(FuzzRun.Seed);
        using KemPrivateKey key = kem.Generate(entropy);
        byte[] encapsulationKey = new byte[kem.EncapsulationKeyBytes], ciphertext = new byte[kem.CiphertextBytes];
        byte[] secret = new byte[kem.SecretBytes], found = new byte[kem.SecretBytes];
        key.CopyEncapsulationKey(encapsulationKey);
        Assert.True(kem.TryEncapsulate(encapsulationKey, entropy, ciphertext, secret));
        Mutator mutator = new(FuzzRun.Stream(61), [ciphertext, encapsulationKey]);
        int rounds = (name.StartsWith("ML", StringComparison.Ordinal) ? 3000 : 60) * FuzzRun.Factor;
        byte[] other = new byte[kem.CiphertextBytes], theirs = new byte[kem.SecretBytes];
        for (int round = 0; round < rounds; round++)
        {
            byte[] wrong = Fit(mutator.Mutate(ciphertext), round, ciphertext.Length);
            if (key.TryDecapsulate(wrong, found))
            {
                Assert.Equal(ciphertext.Length, wrong.Length);
                Assert.Equal(wrong.AsSpan().SequenceEqual(ciphertext), found.AsSpan().SequenceEqual(secret));
            }

            byte[] wrongKey = Fit(mutator.Mutate(encapsulationKey), round, encapsulationKey.Length);
            if (kem.TryEncapsulate(wrongKey, entropy, other, theirs))
            {
                Assert.Equal(encapsulationKey.Length, wrongKey.Length);
                Assert.True(key.TryDecapsulate(other, found));
                Assert.Equal(wrongKey.AsSpan().SequenceEqual(encapsulationKey), found.AsSpan().SequenceEqual(theirs));
            }

            kem.Import(wrong)?.Dispose();
        }
    }

    [Theory, MemberData(nameof(Schemes))]
    public void Wrong_signatures_and_keys_never_throw_and_never_verify(string name)
    {
        ISignatureScheme scheme = (ISignatureScheme)CryptoProvider.Managed.Primitives.Single(primitive => primitive.Primitive == name).Fill;
        SeededKeyEntropy entropy = new(FuzzRun.Seed);
        using SignaturePrivateKey key = scheme.Generate(entropy);
        byte[] message = [1, 2, 3], publicKey = key.PublicKey.ToArray(), signature = new byte[scheme.MaxSignatureBytes];
        key.Sign(message, entropy, signature);
        Mutator mutator = new(FuzzRun.Stream(62), [signature, publicKey]);
        for (int round = 0; round < 2000 * FuzzRun.Factor; round++)
        {
            byte[] wrong = Fit(mutator.Mutate(signature), round, signature.Length);
            Assert.Equal(wrong.AsSpan().SequenceEqual(signature), scheme.Verify(publicKey, message, wrong));
            byte[] wrongKey = Fit(mutator.Mutate(publicKey), round, publicKey.Length);
            Assert.Equal(wrongKey.AsSpan().SequenceEqual(publicKey), scheme.Verify(wrongKey, message, signature));
        }
    }

    /// <summary>Three of four mutations get the length back that the primitive wants, for others are refused at once.</summary>
    private static byte[] Fit(byte[] bytes, int round, int length)
    {
        if (round % 4 != 0)
        {
            Array.Resize(ref bytes, length);
        }

        return bytes;
    }
}
