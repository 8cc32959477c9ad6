using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>A Diffie-Hellman function and ML-KEM side by side (RFC 10024): shares and secrets are concatenated, and the secret holds while either does.</summary>
internal sealed class HybridGroup(NamedGroup name, DiffieHellmanGroup classical, IKem kem, bool kemFirst) : KeyExchangeGroup(name)
{
    public override int ClientShareBytes => kem.EncapsulationKeyBytes + classical.ClientShareBytes;

    public override int ServerShareBytes => kem.CiphertextBytes + classical.ServerShareBytes;

    public override int SecretBytes => kem.SecretBytes + classical.SecretBytes;

    /// <summary>The classical half.</summary>
    public NamedGroup Classical => classical.Name;

    /// <summary>Where the classical share lies in the client's.</summary>
    public Range ClassicalPart => kemFirst ? kem.EncapsulationKeyBytes..ClientShareBytes : ..classical.ClientShareBytes;

    public override ClientShare Generate(KeyEntropy entropy, Span<byte> share)
    {
        Split(share, kem.EncapsulationKeyBytes, out var kemPart, out var classicalPart);
        var privateKey = kem.Generate(entropy);
        privateKey.CopyEncapsulationKey(kemPart);
        return new Share(this, privateKey, classical.Generate(entropy, classicalPart));
    }

    public override bool TryRespond(ReadOnlySpan<byte> clientShare, KeyEntropy entropy, Span<byte> serverShare, Span<byte> secret)
    {
        if (clientShare.Length != ClientShareBytes)
        {
            return false;
        }

        var encapsulationKey = kemFirst ? clientShare[..kem.EncapsulationKeyBytes] : clientShare[^kem.EncapsulationKeyBytes..];
        Split(serverShare, kem.CiphertextBytes, out var ciphertext, out var classicalShare);
        Split(secret[..SecretBytes], kem.SecretBytes, out var kemSecret, out var classicalSecret);
        return kem.TryEncapsulate(encapsulationKey, entropy, ciphertext, kemSecret)
            && classical.TryRespond(clientShare[ClassicalPart], entropy, classicalShare, classicalSecret);
    }

    private void Split(Span<byte> whole, int kemBytes, out Span<byte> kemPart, out Span<byte> classicalPart)
    {
        var first = kemFirst ? kemBytes : whole.Length - kemBytes;
        if (kemFirst)
        {
            kemPart = whole[..first];
            classicalPart = whole[first..];
        }
        else
        {
            classicalPart = whole[..first];
            kemPart = whole[first..];
        }
    }

    /// <summary>The private half. Its classical key may stand for an offer of the classical group alone too (RFC 9954 section 3.2), which saves a key generation.</summary>
    internal sealed class Share(HybridGroup group, KemPrivateKey kem, ClientShare classical) : ClientShare(group.Name)
    {
        public ClientShare Classical => classical;

        public override bool TryFinish(ReadOnlySpan<byte> serverShare, Span<byte> secret)
        {
            if (serverShare.Length != group.ServerShareBytes)
            {
                return false;
            }

            var ciphertextBytes = group.ServerShareBytes - group.ClassicalServerBytes;
            var first = group.KemFirst ? ciphertextBytes : group.ClassicalServerBytes;
            var (kemPart, classicalPart) = group.KemFirst ? (0..first, first..serverShare.Length) : (first..serverShare.Length, 0..first);
            group.Split(secret[..group.SecretBytes], group.KemSecretBytes, out var kemSecret, out var classicalSecret);
            return kem.TryDecapsulate(serverShare[kemPart], kemSecret) && classical.TryFinish(serverShare[classicalPart], classicalSecret);
        }

        public override void Dispose()
        {
            kem.Dispose();
            classical.Dispose();
        }
    }

    private bool KemFirst => kemFirst;

    private int KemSecretBytes => kem.SecretBytes;

    private int ClassicalServerBytes => classical.ServerShareBytes;
}
