using Kadath.Crypto;

namespace Kadath.Bench.Beside;

/// <summary>AEADs, header masks, hashes and HMAC in every fill: libcrypto's rows are OpenSSL without the class library.</summary>
internal static class SymmetricRows
{
    private static readonly int[] Sizes = [64, 1200, 16384];

    public static IEnumerable<BesideRow> All() =>
        [.. Ciphers().SelectMany(cipher => Aead(cipher.Name, cipher.Aead)), .. Masks(), .. Hashes().SelectMany(hash => Hash(hash.Name, hash.Hash)), .. Macs()];

    private static IEnumerable<(string Name, IAead Aead)> Ciphers()
    {
        foreach (var (name, keyBytes) in ((string, int)[])[("AES-128-GCM", 16), ("AES-256-GCM", 32)])
        {
            yield return (name, new ManagedAesGcm(keyBytes));
            yield return (name, new BclAesGcm(keyBytes));
            if (LibcryptoAesGcm.IsSupported)
            {
                yield return (name, new LibcryptoAesGcm(keyBytes));
            }
        }

        yield return ("ChaCha20-Poly1305", new ManagedChaCha20Poly1305());
        yield return ("ChaCha20-Poly1305", new BclChaCha20Poly1305());
        if (LibcryptoChaCha20Poly1305.IsSupported)
        {
            yield return ("ChaCha20-Poly1305", new LibcryptoChaCha20Poly1305());
        }
    }

    private static IEnumerable<(string Name, IHash Hash)> Hashes()
    {
        yield return ("SHA-256", new ManagedSha256());
        yield return ("SHA-256", new BclSha256());
        yield return ("SHA-384", new ManagedSha384());
        yield return ("SHA-384", new BclSha384());
        if (LibcryptoSha256.IsSupported)
        {
            yield return ("SHA-256", new LibcryptoSha256());
            yield return ("SHA-384", new LibcryptoSha384());
        }
    }

    /// <summary>Messages without associated data, as the foreign program has them; both copy nothing but what is sealed.</summary>
    private static IEnumerable<BesideRow> Aead(string name, IAead aead)
    {
        var secret = new byte[aead.KeyBytes];
        foreach (var size in Sizes)
        {
            var key = aead.CreateKey(secret);
            byte[] nonce = new byte[AeadKey.NonceBytes], plaintext = new byte[size], sealedMessage = new byte[size + AeadKey.TagBytes];
            key.Seal(nonce, [], plaintext, sealedMessage);
            var output = new byte[size + AeadKey.TagBytes];
            yield return new($"{name} seal {size}", aead.Fill, () => key.Seal(nonce, [], plaintext, output));
            yield return new($"{name} open {size}", aead.Fill, () => key.TryOpen(nonce, [], sealedMessage, plaintext));
        }

        if (!name.StartsWith("ChaCha", StringComparison.Ordinal))
        {
            yield return new($"{name} key setup", aead.Fill, () => aead.CreateKey(secret).Dispose());
        }
    }

    private static IEnumerable<BesideRow> Masks()
    {
        foreach (var (name, protection) in ((string, IHeaderProtection)[])
            [("AES-128", new ManagedAesHeaderProtection(16)), ("AES-256", new ManagedAesHeaderProtection(32)), ("ChaCha20", new ManagedChaCha20HeaderProtection())])
        {
            var key = protection.CreateKey(new byte[protection.KeyBytes]);
            byte[] sample = new byte[HeaderProtectionKey.SampleBytes], mask = new byte[HeaderProtectionKey.MaskBytes];
            yield return new($"{name} header mask", protection.Fill, () => key.ComputeMask(sample, mask));
        }
    }

    private static IEnumerable<BesideRow> Hash(string name, IHash hash)
    {
        var digest = new byte[hash.DigestLength];
        foreach (var size in Sizes)
        {
            var message = new byte[size];
            yield return new($"{name} {size}", hash.Fill, () => hash.Hash(message, digest));
        }
    }

    private static IEnumerable<BesideRow> Macs()
    {
        List<IMac> macs = [new ManagedHmacSha256(), new BclHmacSha256()];
        if (LibcryptoHmacSha256.IsSupported)
        {
            macs.Add(new LibcryptoHmacSha256());
        }

        foreach (var mac in macs)
        {
            byte[] secret = new byte[32], message = new byte[64], tag = new byte[32];
            var key = mac.CreateKey(secret);
            yield return new("HMAC-SHA256 64 B", mac.Fill, () => key.Compute(message, tag));
            yield return new("HKDF-Expand SHA-256 32 B", mac.Fill, () => Hkdf.Expand(key, message.AsSpan(0, 20), tag));
            yield return new("HKDF-Expand SHA-256 32 B +key", mac.Fill, () => Hkdf.Expand(mac, secret, message.AsSpan(0, 20), tag));
        }
    }
}
