using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>X25519, P-256 and P-384 (RFC 9846 section 7.4.2).</summary>
internal sealed class DiffieHellmanGroup(NamedGroup name, IKeyAgreement agreement) : KeyExchangeGroup(name)
{
    public override int ClientShareBytes => agreement.PublicKeyBytes;

    public override int ServerShareBytes => agreement.PublicKeyBytes;

    public override int SecretBytes => agreement.SecretBytes;

    public override ClientShare Generate(KeyEntropy entropy, Span<byte> share)
    {
        var key = agreement.Generate(entropy);
        key.CopyPublicKey(share);
        return new Share(Name, key);
    }

    public override bool TryRespond(ReadOnlySpan<byte> clientShare, KeyEntropy entropy, Span<byte> serverShare, Span<byte> secret)
    {
        using var key = agreement.Generate(entropy);
        key.CopyPublicKey(serverShare);
        return key.TryAgree(clientShare, secret);
    }

    private sealed class Share(NamedGroup group, KeyAgreementPrivateKey key) : ClientShare(group)
    {
        public override bool TryFinish(ReadOnlySpan<byte> serverShare, Span<byte> secret) => key.TryAgree(serverShare, secret);

        public override void Dispose() => key.Dispose();
    }
}
