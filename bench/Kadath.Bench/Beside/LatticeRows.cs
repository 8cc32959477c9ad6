using Kadath.Crypto;

namespace Kadath.Bench.Beside;

/// <summary>ML-KEM, ML-DSA and the hash functions beneath them.</summary>
internal static class LatticeRows
{
    public static IEnumerable<BesideRow> All()
    {
        foreach (var (name, kem) in ((string, IKem)[])[("ML-KEM-512", ManagedMlKem.MlKem512), ("ML-KEM-768", ManagedMlKem.MlKem768), ("ML-KEM-1024", ManagedMlKem.MlKem1024)])
        {
            foreach (var row in Of(name, kem))
            {
                yield return row;
            }
        }

        foreach (var (name, scheme) in ((string, ISignatureScheme)[])[("ML-DSA-44", ManagedMlDsa.MlDsa44), ("ML-DSA-65", ManagedMlDsa.MlDsa65), ("ML-DSA-87", ManagedMlDsa.MlDsa87)])
        {
            foreach (var row in Of(name, scheme))
            {
                yield return row;
            }
        }

        foreach (var length in (int[])[64, 1200, 16384])
        {
            var (data, digest) = (new byte[length], new byte[32]);
            yield return new($"SHA3-256 {length}", Fills.Managed, () => ManagedSha3.Sha3_256.Hash(data, digest));
            if (BclSha3.IsSupported)
            {
                yield return new($"SHA3-256 {length}", Fills.Bcl, () => BclSha3.Sha3_256.Hash(data, digest));
            }
        }

        foreach (var length in (int[])[168, 504, 16384])
        {
            var (seed, output) = (new byte[32], new byte[length]);
            yield return new($"SHAKE128 squeeze {length}", Fills.Managed, () => ManagedShake.Shake128.Hash(seed, output));
        }
    }

    private static IEnumerable<BesideRow> Of(string name, IKem kem)
    {
        var key = kem.Generate(KeyEntropy.OperatingSystem);
        byte[] encapsulationKey = new byte[kem.EncapsulationKeyBytes], ciphertext = new byte[kem.CiphertextBytes], secret = new byte[kem.SecretBytes];
        key.CopyEncapsulationKey(encapsulationKey);
        kem.TryEncapsulate(encapsulationKey, KeyEntropy.OperatingSystem, ciphertext, secret);
        yield return new($"{name} keygen", kem.Fill, () => kem.Generate(KeyEntropy.OperatingSystem).Dispose());
        yield return new($"{name} encaps (wire)", kem.Fill, () => kem.TryEncapsulate(encapsulationKey, KeyEntropy.OperatingSystem, ciphertext, secret));
        yield return new($"{name} decaps (wire)", kem.Fill, () => key.TryDecapsulate(ciphertext, secret));
    }

    private static IEnumerable<BesideRow> Of(string name, ISignatureScheme scheme)
    {
        var key = scheme.Generate(KeyEntropy.OperatingSystem);
        byte[] message = new byte[128], signature = new byte[scheme.MaxSignatureBytes], publicKey = key.PublicKey.ToArray(), signedMessage = new byte[128];
        key.Sign(signedMessage, KeyEntropy.OperatingSystem, signature);
        var valid = (byte[])signature.Clone();
        var round = 0;
        yield return new($"{name} keygen", scheme.Fill, () => scheme.Generate(KeyEntropy.OperatingSystem).Dispose());

        // Another message each time: how long signing takes depends on it.
        yield return new($"{name} sign 128 B", scheme.Fill, () =>
        {
            message[round++ % message.Length]++;
            key.Sign(message, KeyEntropy.OperatingSystem, signature);
        });
        yield return new($"{name} verify 128 B (wire)", scheme.Fill, () => scheme.Verify(publicKey, signedMessage, valid));
    }
}
