using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>A group for key exchange: what a key_share entry holds and how both sides come to the same secret.</summary>
internal abstract class KeyExchangeGroup(NamedGroup name)
{
    /// <summary>The longest secret: P-384's coordinate and ML-KEM's 32 bytes.</summary>
    public const int MaxSecretBytes = 48 + 32;

    public NamedGroup Name { get; } = name;

    public abstract int ClientShareBytes { get; }

    public abstract int ServerShareBytes { get; }

    public abstract int SecretBytes { get; }

    /// <summary>Makes the client's key and writes its share.</summary>
    public abstract ClientShare Generate(KeyEntropy entropy, Span<byte> share);

    /// <summary>Makes the server's share and the secret; false for a client's share that the group's standard refuses.</summary>
    public abstract bool TryRespond(ReadOnlySpan<byte> clientShare, KeyEntropy entropy, Span<byte> serverShare, Span<byte> secret);

    /// <summary>The group of a code point, or null for one that is not supported.</summary>
    public static KeyExchangeGroup? Of(NamedGroup group, CryptoProvider crypto) => NamedGroups.IsExperimental(group) ? Experimental(group, crypto) : group switch
    {
        NamedGroup.X25519 => new DiffieHellmanGroup(group, crypto.X25519),
        NamedGroup.Secp256r1 => new DiffieHellmanGroup(group, crypto.P256),
        NamedGroup.Secp384r1 => new DiffieHellmanGroup(group, crypto.P384),

        // RFC 10024: the share that a FIPS module would count on stands first, so ML-KEM before X25519, but after the NIST curves.
        NamedGroup.X25519MLKEM768 => new HybridGroup(group, new DiffieHellmanGroup(NamedGroup.X25519, crypto.X25519), crypto.MlKem768, kemFirst: true),
        NamedGroup.SecP256r1MLKEM768 => new HybridGroup(group, new DiffieHellmanGroup(NamedGroup.Secp256r1, crypto.P256), crypto.MlKem768, kemFirst: false),
        NamedGroup.SecP384r1MLKEM1024 => new HybridGroup(group, new DiffieHellmanGroup(NamedGroup.Secp384r1, crypto.P384), crypto.MlKem1024, kemFirst: false),
        _ => null,
    };

    /// <summary>Classical share and secret first in all of them.</summary>
    private static HybridGroup? Experimental(NamedGroup group, CryptoProvider crypto)
    {
        var kem = group switch
        {
            NamedGroup.X25519FrodoKEM640AES => crypto.FrodoKem640Aes,
            NamedGroup.X25519FrodoKEM640SHAKE => crypto.FrodoKem640Shake,
            NamedGroup.X25519FrodoKEM976SHAKE => crypto.FrodoKem976Shake,
            NamedGroup.X25519EFrodoKEM640SHAKE => crypto.EphemeralFrodoKem640Shake,
            NamedGroup.X25519BIKEL1 => crypto.BikeL1,
            _ => null,
        };
        return kem is null ? null : new(group, new DiffieHellmanGroup(NamedGroup.X25519, crypto.X25519), kem, kemFirst: false);
    }
}

/// <summary>A client's private half of a key exchange; erased by <see cref="Dispose"/>.</summary>
internal abstract class ClientShare(NamedGroup group) : IDisposable
{
    public NamedGroup Group { get; } = group;

    /// <summary>Computes the secret; false for a server's share that the group's standard refuses.</summary>
    public abstract bool TryFinish(ReadOnlySpan<byte> serverShare, Span<byte> secret);

    public abstract void Dispose();
}
