using System.Security.Cryptography;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>Verifies peers' signatures. Never throws for anything a peer sends.</summary>
public static class SignatureVerifier
{
    /// <summary>Whether a signature is valid: the scheme fits the key, and the key made the signature.</summary>
    /// <param name="scheme">The scheme that the peer names.</param>
    /// <param name="key">The peer's key.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="signature">The peer's signature.</param>
    /// <param name="crypto">The primitives; RSA is the platform's.</param>
    public static bool Verify(SignatureScheme scheme, in SubjectPublicKeyInfo key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, CryptoProvider crypto)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        if (!SignatureSchemes.Fits(scheme, key.Kind))
        {
            return false;
        }

        return key.Kind == PublicKeyKind.Rsa
            ? VerifyRsa(key.Key, message, signature, RSASignaturePadding.Pss, HashOf(scheme))
            : SigningKeys.SchemeOf(key.Kind, crypto).Verify(key.Key, message, signature);
    }

    internal static bool VerifyRsa(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, RSASignaturePadding padding, HashAlgorithmName hash)
    {
        try
        {
            using RSA rsa = RSA.Create();
            rsa.ImportRSAPublicKey(publicKey, out _);
            return rsa.VerifyData(message, signature, hash, padding);
        }
        catch (CryptographicException)
        {
            // What the platform does not like about a peer's number is not a fault of ours.
            return false;
        }
    }

    private static HashAlgorithmName HashOf(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.RsaPssRsaeSha384 => HashAlgorithmName.SHA384,
        SignatureScheme.RsaPssRsaeSha512 => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    };
}
