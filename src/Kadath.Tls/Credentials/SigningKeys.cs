using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>Makes and takes signing keys of the crypto provider: ECDSA, Ed25519 and ML-DSA. Keys of RSA, and keys that stay on a device, belong to the platform.</summary>
public static class SigningKeys
{
    /// <summary>Makes a fresh key.</summary>
    /// <exception cref="NotSupportedException">The provider has no scheme for keys of this kind (RSA).</exception>
    public static SigningKey Generate(PublicKeyKind kind, CryptoProvider crypto, KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(entropy);
        return new SchemeSigningKey(kind, SchemeOf(kind, crypto).Generate(entropy));
    }

    /// <summary>Takes a private key that exists; null if it is not one that the standard allows.</summary>
    /// <param name="kind">What kind of key it is.</param>
    /// <param name="privateKeyOrSeed">A big-endian scalar for ECDSA, the 32-byte seed for Ed25519 and ML-DSA.</param>
    /// <param name="crypto">Where the scheme comes from.</param>
    /// <exception cref="NotSupportedException">The provider has no scheme for keys of this kind (RSA).</exception>
    public static SigningKey? Import(PublicKeyKind kind, ReadOnlySpan<byte> privateKeyOrSeed, CryptoProvider crypto)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ISignatureScheme scheme = SchemeOf(kind, crypto);
        return privateKeyOrSeed.Length == scheme.PrivateKeyBytes && scheme.Import(privateKeyOrSeed) is { } key ? new SchemeSigningKey(kind, key) : null;
    }

    /// <summary>Takes a private key in PKCS #8 (RFC 5958) or, for ECDSA, SEC 1 (RFC 5915); null if it cannot be read or is of a kind that the platform must hold (RSA).</summary>
    public static SigningKey? ImportDer(ReadOnlySpan<byte> der, CryptoProvider crypto) =>
        PrivateKeyInfo.TryParse(der, out PublicKeyKind kind, out ReadOnlySpan<byte> secret) ? Import(kind, secret, crypto) : null;

    internal static ISignatureScheme SchemeOf(PublicKeyKind kind, CryptoProvider crypto) => kind switch
    {
        PublicKeyKind.P256 => crypto.EcdsaP256,
        PublicKeyKind.P384 => crypto.EcdsaP384,
        PublicKeyKind.Ed25519 => crypto.Ed25519,
        PublicKeyKind.MlDsa44 => crypto.MlDsa44,
        PublicKeyKind.MlDsa65 => crypto.MlDsa65,
        PublicKeyKind.MlDsa87 => crypto.MlDsa87,
        _ => throw new NotSupportedException($"the crypto provider signs with no {kind} keys"),
    };

    private sealed class SchemeSigningKey : SigningKey
    {
        private readonly SignaturePrivateKey _key;
        private readonly byte[] _publicKeyInfo;

        public SchemeSigningKey(PublicKeyKind kind, SignaturePrivateKey key)
        {
            Kind = kind;
            _key = key;
            byte[] publicKey = new byte[SubjectPublicKeyInfo.KeyLengthOf(kind)];
            key.CopyPublicKey(publicKey);
            _publicKeyInfo = SubjectPublicKeyInfo.Encode(kind, publicKey);
        }

        public override PublicKeyKind Kind { get; }

        public override ReadOnlyMemory<byte> PublicKeyInfo => _publicKeyInfo;

        public override int Sign(SignatureScheme scheme, ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature) =>
            SignatureSchemes.Fits(scheme, Kind) ? _key.Sign(message, hedge, signature) : throw new ArgumentException($"a {Kind} key does not sign {scheme}", nameof(scheme));

        protected override void Dispose(bool disposing) => _key.Dispose();
    }
}
