using Kadath.Crypto;
using Kadath.Tests.Support;
using Xunit;

namespace Kadath.Tests.Conformance.Crypto;

/// <summary>What every fill of every key encapsulation mechanism must do.</summary>
public abstract class KemSuite
{
    protected abstract IKem Kem { get; }

    /// <summary>The vectors' file in <c>vectors/pqc</c>, without extension.</summary>
    protected abstract string VectorFile { get; }

    /// <summary>Why operations allocate here, if they do.</summary>
    protected virtual string? WhyItAllocates => null;

    /// <summary>Bytes at the end of a vector's coins that the scheme does not use.</summary>
    protected virtual int UnusedCoins => 0;

    [Fact]
    public void Published_vectors_are_reproduced_byte_for_byte()
    {
        var count = 0;
        foreach (var vector in Vectors.JsonLines("pqc", VectorFile + ".jsonl.gz"))
        {
            var keyCoins = new ScriptedKeyEntropy(vector.Bytes("keygen_rand"));
            using var key = Kem.Generate(keyCoins);
            Assert.True(keyCoins.IsSpent);
            AssertIs(vector, "pk", EncapsulationKeyOf(key));

            var coins = new ScriptedKeyEntropy(vector.Bytes("encaps_rand")[..^UnusedCoins]);
            var (ciphertext, secret) = (new byte[Kem.CiphertextBytes], new byte[Kem.SecretBytes]);
            Assert.True(Kem.TryEncapsulate(EncapsulationKeyOf(key), coins, ciphertext, secret));
            Assert.True(coins.IsSpent);
            AssertIs(vector, "ct", ciphertext);
            AssertIs(vector, "ss", secret);

            Assert.True(key.TryDecapsulate(ciphertext, secret));
            AssertIs(vector, "ss", secret);
            ciphertext[0] ^= 1;
            Assert.True(key.TryDecapsulate(ciphertext, secret));
            AssertIs(vector, "ss_if_ct0_xor_1", secret);
            count++;
        }

        Assert.Equal(20, count);
    }

    [Fact]
    public void Both_sides_find_the_same_secret_and_no_two_secrets_are_alike()
    {
        var entropy = new SeededKeyEntropy(1);
        var secrets = new HashSet<string>();
        for (var i = 0; i < 8; i++)
        {
            using var key = Kem.Generate(entropy);
            var (ciphertext, secret) = Encapsulate(key, entropy);
            var found = new byte[Kem.SecretBytes];
            Assert.True(key.TryDecapsulate(ciphertext, found));
            Assert.Equal(secret, found);
            Assert.True(secrets.Add(Convert.ToHexString(secret)));
        }
    }

    [Fact]
    public void A_ciphertext_that_was_tampered_with_gives_another_secret_always_the_same_and_no_sign()
    {
        var entropy = new SeededKeyEntropy(2);
        using var key = Kem.Generate(entropy);
        var (ciphertext, secret) = Encapsulate(key, entropy);
        var random = new Random(3);
        for (var i = 0; i < 16; i++)
        {
            var tampered = (byte[])ciphertext.Clone();
            tampered[random.Next(tampered.Length)] ^= (byte)(1 << random.Next(8));
            var (first, second) = (new byte[Kem.SecretBytes], new byte[Kem.SecretBytes]);
            Assert.True(key.TryDecapsulate(tampered, first));
            Assert.True(key.TryDecapsulate(tampered, second));
            Assert.Equal(first, second);
            Assert.NotEqual(secret, first);
        }
    }

    [Fact]
    public void Another_key_finds_another_secret()
    {
        var entropy = new SeededKeyEntropy(4);
        using var key = Kem.Generate(entropy);
        using var other = Kem.Generate(entropy);
        var (ciphertext, secret) = Encapsulate(key, entropy);
        var found = new byte[Kem.SecretBytes];
        Assert.True(other.TryDecapsulate(ciphertext, found));
        Assert.NotEqual(secret, found);
    }

    [Fact]
    public void Wrong_lengths_from_a_peer_are_refused_and_short_destinations_are_the_callers_fault()
    {
        var entropy = new SeededKeyEntropy(5);
        using var key = Kem.Generate(entropy);
        var (ciphertext, secret) = Encapsulate(key, entropy);
        var encapsulationKey = EncapsulationKeyOf(key);
        Assert.False(Kem.TryEncapsulate(encapsulationKey.AsSpan(1), entropy, ciphertext, secret));
        Assert.False(Kem.TryEncapsulate([.. encapsulationKey, 0], entropy, ciphertext, secret));
        Assert.False(key.TryDecapsulate(ciphertext.AsSpan(1), secret));
        Assert.False(key.TryDecapsulate([.. ciphertext, 0], secret));
        Assert.Null(Kem.Import([]));
        Assert.Null(Kem.Import(new byte[63]));
        Assert.Throws<ArgumentException>(() => Kem.TryEncapsulate(encapsulationKey, entropy, ciphertext.AsSpan(1), secret));
        Assert.Throws<ArgumentException>(() => Kem.TryEncapsulate(encapsulationKey, entropy, ciphertext, secret.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => key.TryDecapsulate(ciphertext, secret.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => key.CopyEncapsulationKey(encapsulationKey.AsSpan(1)));
    }

    [Fact]
    public void An_erased_key_does_nothing()
    {
        var key = Kem.Generate(new SeededKeyEntropy(6));
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryDecapsulate(new byte[Kem.CiphertextBytes], new byte[Kem.SecretBytes]));
        Assert.Throws<ObjectDisposedException>(() => key.CopyEncapsulationKey(new byte[Kem.EncapsulationKeyBytes]));
    }

    [Fact]
    public void Encapsulating_and_decapsulating_allocate_nothing()
    {
        Assert.SkipWhen(WhyItAllocates is not null, WhyItAllocates ?? "");
        var entropy = new SeededKeyEntropy(7);
        using var key = Kem.Generate(entropy);
        var encapsulationKey = EncapsulationKeyOf(key);
        var (ciphertext, secret) = Encapsulate(key, entropy);
        var calls = 0;
        Allocations.AssertNone(() =>
        {
            // One call in a hundred is enough to show it; these take long before they are optimised.
            if (calls++ % 100 == 0)
            {
                Kem.TryEncapsulate(encapsulationKey, entropy, ciphertext, secret);
                key.TryDecapsulate(ciphertext, secret);
            }
        });
    }

    protected byte[] EncapsulationKeyOf(KemPrivateKey key)
    {
        var bytes = new byte[Kem.EncapsulationKeyBytes];
        key.CopyEncapsulationKey(bytes);
        return bytes;
    }

    private (byte[] Ciphertext, byte[] Secret) Encapsulate(KemPrivateKey key, KeyEntropy entropy)
    {
        var (ciphertext, secret) = (new byte[Kem.CiphertextBytes], new byte[Kem.SecretBytes]);
        Assert.True(Kem.TryEncapsulate(EncapsulationKeyOf(key), entropy, ciphertext, secret));
        return (ciphertext, secret);
    }

    /// <summary>Of long values some files have the SHA-256 only.</summary>
    private static void AssertIs(System.Text.Json.JsonElement vector, string name, byte[] value)
    {
        if (vector.TryGetProperty(name, out _))
        {
            Assert.Equal(Convert.ToHexStringLower(vector.Bytes(name)), Convert.ToHexStringLower(value));
        }
        else
        {
            Assert.Equal(vector.Bytes(name + "_sha256"), System.Security.Cryptography.SHA256.HashData(value));
        }
    }
}
