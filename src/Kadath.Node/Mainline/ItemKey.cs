using System.Security.Cryptography;
using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>An Ed25519 key that signs mutable items (BEP 44). Holds the secret in memory until disposed.</summary>
public sealed class ItemKey : IDisposable
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedSize = Ed25519PrivateKey.SeedLength;

    /// <summary>Bytes of an expanded secret.</summary>
    public const int ExpandedSize = Ed25519PrivateKey.ExpandedLength;

    private readonly Ed25519PrivateKey _key;

    private ItemKey(Ed25519PrivateKey key)
    {
        _key = key;
        PublicKey = key.PublicKey.ToArray();
    }

    /// <summary>The 32-byte public key.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>A new key from the operating system's generator.</summary>
    public static ItemKey Create()
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        RandomNumberGenerator.Fill(seed);
        ItemKey key = FromSeed(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>The key of a 32-byte seed (RFC 8032 §5.1.5). Throws <see cref="ArgumentException"/> for another length.</summary>
    public static ItemKey FromSeed(ReadOnlySpan<byte> seed) => new(CryptoProvider.Default.Ed25519.ImportSeed(seed));

    /// <summary>The key of a 64-byte expanded secret, as in the test vectors of BEP 44. Throws <see cref="ArgumentException"/> for another length.</summary>
    public static ItemKey FromExpanded(ReadOnlySpan<byte> expanded) => new(CryptoProvider.Default.Ed25519.ImportExpanded(expanded));

    /// <summary>Copies the seed (32 bytes), or where there is none the expanded secret (64 bytes), to be saved; returns the length.</summary>
    public int Export(Span<byte> destination)
    {
        if (_key.HasSeed)
        {
            _key.ExportSeed(destination[..SeedSize]);
            return SeedSize;
        }

        _key.ExportExpanded(destination[..ExpandedSize]);
        return ExpandedSize;
    }

    /// <summary>Where the items of this key and salt are found: SHA-1 of both.</summary>
    public Id160 TargetOf(ReadOnlySpan<byte> salt) => ItemRules.TargetOf(PublicKey.Span, salt);

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>Signs an item.</summary>
    internal SignedItem Sign(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> salt, long sequence, long? cas)
    {
        byte[] signature = new byte[Ed25519PrivateKey.SignatureLength];
        Span<byte> message = stackalloc byte[ItemRules.MaxMessage];
        int length = ItemRules.WriteSignedMessage(salt.Span, sequence, value.Span, message);
        CryptoProvider.Default.Ed25519.Sign(_key, message[..length], signature);
        return new(value, PublicKey, salt, sequence, signature, cas);
    }
}
