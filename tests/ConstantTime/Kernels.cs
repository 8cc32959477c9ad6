using Kadath.Crypto;
using Kadath.Tests.Support;

namespace Kadath.Tests.ConstantTime;

/// <summary>Everything of the library that touches secrets, called through its public face and on every way that this processor can take.</summary>
internal static class Kernels
{
    private static readonly KeyEntropy Entropy = new SeededKeyEntropy(1);

    public static void Run(int times)
    {
        var primitives = CryptoProvider.Managed.Primitives.Select(primitive => primitive.Fill).Concat(NarrowerWays()).ToArray();
        for (var i = 0; i < times; i++)
        {
            foreach (var primitive in primitives)
            {
                Use(primitive);
            }

            LeakyControl.Use(i);

            // The compiler's background thread begins once nothing new was compiled for a tenth of a second, and then takes its turn.
            if (times > 1)
            {
                Thread.Sleep(i == 0 ? 250 : 10);
            }
        }

        // Takes long, and has one form in every tier.
        Use(new ManagedBike(VectorWidth.None));
        Thread.Sleep(times > 1 ? 300 : 0);
    }

    private static IEnumerable<IPrimitive> NarrowerWays()
    {
        yield return new ManagedX25519(vectors: false);
        yield return new ManagedEd25519(vectors: false);
        foreach (var path in Enum.GetValues<AesPath>().Where(AesPaths.IsSupported))
        {
            yield return new ManagedAesGcm(16, path);
            yield return new ManagedAesGcm(32, path);
            yield return new ManagedAesCounterMode(32, path);
            yield return new ManagedAesHeaderProtection(32, path);
        }

        foreach (var width in Enum.GetValues<VectorWidth>().Where(width => VectorWidths.AtMost(width) == width))
        {
            yield return new ManagedChaCha20Poly1305(width);
            yield return new ManagedMlKem(MlKemParameters.MlKem512, width);
            yield return new ManagedMlDsa(MlDsaParameters.MlDsa44, width);
        }
    }

    private static void Use(IPrimitive primitive)
    {
        switch (primitive)
        {
            case IAead aead: Use(aead); break;
            case IHash hash: Use(hash); break;
            case IMac mac: Use(mac); break;
            case ICounterMode cipher: Use(cipher); break;
            case IHeaderProtection protection: Use(protection); break;
            case IKem kem: Use(kem); break;
            case IKeyAgreement agreement: Use(agreement); break;
            case ISignatureScheme scheme: Use(scheme); break;
        }
    }

    private static void Use(IAead aead)
    {
        using var key = aead.CreateKey(Draw(aead.KeyBytes));
        foreach (var length in new[] { 0, 11, 64, 700 })
        {
            byte[] nonce = Draw(AeadKey.NonceBytes), output = new byte[length + AeadKey.TagBytes], opened = new byte[length];
            key.Seal(nonce, Draw(13), Draw(length), output);
            key.TryOpen(nonce, [], output, opened);
        }
    }

    private static void Use(IHash hash)
    {
        var digest = new byte[hash.DigestLength];
        hash.Hash(Draw(300), digest);
        using var running = hash.Start();
        running.Append(Draw(100));
        running.CopyDigest(digest);
    }

    private static void Use(IMac mac)
    {
        using var key = mac.CreateKey(Draw(mac.TagLength));
        Hkdf.Expand(key, [1, 2, 3], new byte[2 * mac.TagLength]);
        var tag = new byte[mac.TagLength];
        mac.Compute(Draw(20), Draw(200), tag);
        _ = Crypto.ConstantTime.AreEqual(tag, Draw(mac.TagLength));
    }

    private static void Use(ICounterMode cipher)
    {
        using var key = cipher.CreateKey(Draw(cipher.KeyBytes));
        key.Apply(Draw(CounterModeKey.BlockBytes), Draw(150), new byte[150]);
    }

    private static void Use(IHeaderProtection protection)
    {
        using var key = protection.CreateKey(Draw(protection.KeyBytes));
        key.ComputeMask(Draw(HeaderProtectionKey.SampleBytes), new byte[HeaderProtectionKey.MaskBytes]);
    }

    private static void Use(IKem kem)
    {
        using var key = kem.Generate(Entropy);
        byte[] encapsulationKey = new byte[kem.EncapsulationKeyBytes], ciphertext = new byte[kem.CiphertextBytes], secret = new byte[kem.SecretBytes];
        key.CopyEncapsulationKey(encapsulationKey);
        kem.TryEncapsulate(encapsulationKey, Entropy, ciphertext, secret);
        key.TryDecapsulate(ciphertext, secret);
        ciphertext[0] ^= 1;
        key.TryDecapsulate(ciphertext, secret);
    }

    private static void Use(IKeyAgreement agreement)
    {
        using var key = agreement.Generate(Entropy);
        using var peer = agreement.Generate(Entropy);
        var publicKey = new byte[agreement.PublicKeyBytes];
        peer.CopyPublicKey(publicKey);
        key.TryAgree(publicKey, new byte[agreement.SecretBytes]);
    }

    private static void Use(ISignatureScheme scheme)
    {
        using var key = scheme.Generate(Entropy);
        key.Sign(Draw(100), Entropy, new byte[scheme.MaxSignatureBytes]);
    }

    private static byte[] Draw(int length)
    {
        var bytes = new byte[length];
        Entropy.Fill(bytes);
        return bytes;
    }
}
