using Kadath.Crypto;
using Kadath.Tests.Support;

namespace Kadath.Tests.ConstantTime;

/// <summary>
/// What <see cref="TimingTest"/> measures. A secret is copied to one place, or its key made anew, before the time begins: two pools at
/// different addresses would be told apart by the caches, whatever lies in them.
/// </summary>
internal static class TimedOperations
{
    public const int PoolSize = 256;

    private static readonly KeyEntropy Entropy = new SeededKeyEntropy(2);

    public static IEnumerable<TimedOperation> All()
    {
        yield return Control();
        yield return Comparison();
        foreach (var path in Enum.GetValues<AesPath>().Where(AesPaths.IsSupported))
        {
            yield return Sealing($"AES-128-GCM seal 64 B, {path}", new ManagedAesGcm(16, path));
        }

        yield return Sealing("ChaCha20-Poly1305 seal 64 B", new ManagedChaCha20Poly1305());
        yield return Tags("HMAC-SHA-256", new ManagedHmacSha256());
        yield return Agreement("X25519", CryptoProvider.Managed.X25519);
        yield return Agreement("ECDH P-256", CryptoProvider.Managed.P256);
        yield return Decapsulation("ML-KEM-768 decapsulate", CryptoProvider.Managed.MlKem768);
    }

    /// <summary>A comparison that ends at the first difference: equal strings against strings that differ.</summary>
    private static TimedOperation Control() => Compare("control: leaky comparison", LeakyControl.Compare, mustLeak: true);

    private static TimedOperation Comparison() => Compare("ConstantTime.AreEqual 32 B", Crypto.ConstantTime.AreEqual, mustLeak: false);

    private static TimedOperation Compare(string name, Func<ReadOnlySpan<byte>, ReadOnlySpan<byte>, bool> compare, bool mustLeak)
    {
        var pools = Pools(32);
        byte[] secret = new byte[32], guess = (byte[])pools[0][0].Clone();
        return new(name, (which, number) => pools[which][number].CopyTo(secret, 0), () => compare(secret, guess), mustLeak);
    }

    private static TimedOperation Sealing(string name, IAead aead)
    {
        var pools = Pools(aead.KeyBytes);
        byte[] nonce = new byte[AeadKey.NonceBytes], plaintext = new byte[64], output = new byte[80];
        AeadKey? key = null;
        return new(
            name,
            (which, number) =>
            {
                key?.Dispose();
                key = aead.CreateKey(pools[which][number]);
            },
            () => key!.Seal(nonce, [], plaintext, output));
    }

    private static TimedOperation Tags(string name, IMac mac)
    {
        var pools = Pools(mac.TagLength);
        byte[] secret = new byte[mac.TagLength], message = new byte[64], tag = new byte[mac.TagLength];
        return new(name, (which, number) => pools[which][number].CopyTo(secret, 0), () => mac.Compute(secret, message, tag));
    }

    private static TimedOperation Agreement(string name, IKeyAgreement function)
    {
        var pools = Pools(function.PrivateKeyBytes);
        byte[] publicKey = new byte[function.PublicKeyBytes], shared = new byte[function.SecretBytes];
        using var peer = function.Generate(Entropy);
        peer.CopyPublicKey(publicKey);
        KeyAgreementPrivateKey? key = null;
        return new(
            name,
            (which, number) =>
            {
                key?.Dispose();
                key = function.Import(pools[which][number])!;
            },
            () => key!.TryAgree(publicKey, shared));
    }

    /// <summary>What was encapsulated for the key against what was not: implicit rejection must look the same.</summary>
    private static TimedOperation Decapsulation(string name, IKem kem)
    {
        var key = kem.Generate(Entropy);
        byte[] encapsulationKey = new byte[kem.EncapsulationKeyBytes], ciphertext = new byte[kem.CiphertextBytes], shared = new byte[kem.SecretBytes];
        key.CopyEncapsulationKey(encapsulationKey);
        byte[][][] pools = [new byte[PoolSize][], new byte[PoolSize][]];
        for (var i = 0; i < PoolSize; i++)
        {
            pools[0][i] = new byte[kem.CiphertextBytes];
            kem.TryEncapsulate(encapsulationKey, Entropy, pools[0][i], shared);
            pools[1][i] = Draw(kem.CiphertextBytes);
        }

        return new(name, (which, number) => pools[which][number].CopyTo(ciphertext, 0), () => key.TryDecapsulate(ciphertext, shared));
    }

    private static byte[][][] Pools(int length)
    {
        var fixedSecret = Draw(length);
        return [[.. Enumerable.Range(0, PoolSize).Select(_ => (byte[])fixedSecret.Clone())], [.. Enumerable.Range(0, PoolSize).Select(_ => Draw(length))]];
    }

    private static byte[] Draw(int length)
    {
        var bytes = new byte[length];
        Entropy.Fill(bytes);

        // Below the order of every curve here.
        bytes[0] &= 0x7f;
        return bytes;
    }
}
