using Kadath.Crypto;
using Kadath.Mainline;
using Kadath.Primitives;

namespace Kadath.Tests.Unit.Mainline.Support;

/// <summary>Signs mutable items (BEP 44).</summary>
internal sealed class ItemSigner
{
    private readonly Ed25519PrivateKey _key;

    public ItemSigner(byte seed)
    {
        byte[] secret = new byte[32];
        secret[0] = seed;
        _key = CryptoProvider.Default.Ed25519.ImportSeed(secret);
        PublicKey = _key.PublicKey.ToArray();
        Target = ItemRules.TargetOf(PublicKey, default);
    }

    public byte[] PublicKey { get; }

    public Id160 Target { get; }

    public byte[] Sign(long sequence, ReadOnlySpan<byte> value, ReadOnlySpan<byte> salt)
    {
        byte[] message = new byte[ItemRules.MaxMessage], signature = new byte[64];
        CryptoProvider.Default.Ed25519.Sign(_key, message.AsSpan(0, ItemRules.WriteSignedMessage(salt, sequence, value, message)), signature);
        return signature;
    }
}
