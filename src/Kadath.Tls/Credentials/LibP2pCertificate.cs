using System.Numerics;
using System.Security.Cryptography;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>
/// Certificates that carry a libp2p identity (libp2p's specification tls/tls.md): self-signed by a throw-away key, with an extension in which
/// the host key signs that key.
/// </summary>
public static class LibP2pCertificate
{
    /// <summary>No host key in the extension is longer: an RSA key of 8192 bits has 1062 bytes.</summary>
    public const int MaxPublicKeyLength = 2048;

    // What a peer accepts whose clock is behind, and as long as other implementations make them (a hundred years in Go, a few in Rust).
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);
    private static readonly TimeSpan Validity = TimeSpan.FromDays(100 * 365);

    private static ReadOnlySpan<byte> Prefix => "libp2p-tls-handshake:"u8;

    /// <summary>Makes a certificate of a throw-away key for a host whose key is Ed25519.</summary>
    /// <param name="key">The throw-away key: P-256 where every implementation shall accept it.</param>
    /// <param name="host">The host's Ed25519 key.</param>
    /// <param name="now">The time of the calendar.</param>
    /// <param name="entropy">Makes the serial number, and hedges signatures.</param>
    public static byte[] Make(SigningKey key, SigningKey host, DateTimeOffset now, KeyEntropy entropy)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(host);
        if (host.Kind != PublicKeyKind.Ed25519 || !SubjectPublicKeyInfo.TryParse(host.PublicKeyInfo.Span, out SubjectPublicKeyInfo hostKey))
        {
            throw new ArgumentException("hosts have Ed25519 keys", nameof(host));
        }

        byte[] signature = new byte[SigningKey.MaxSignatureLength];
        int length = host.Sign(SignatureScheme.Ed25519, [.. Prefix, .. key.PublicKeyInfo.Span], entropy, signature);
        byte[] publicKey = [0x08, (byte)LibP2pKeyType.Ed25519, 0x12, 32, .. hostKey.Key];
        DerWriter value = new DerWriter().Begin(DerTag.Sequence).Element(DerTag.OctetString, publicKey).Element(DerTag.OctetString, signature.AsSpan(0, length)).End();
        DerWriter extension = new();
        CertificateMaker.Extension(extension, ObjectIdentifiers.LibP2pPublicKey, critical: false, value);
        return CertificateMaker.SelfSigned(key, [], (now - ClockSkew, now + Validity), entropy, extension.ToArray());
    }

    /// <summary>
    /// Whether a certificate proves an identity: in its time, signed by its own key, and that key signed by the host key in the extension.
    /// The caller compares the identity with the one it dialled.
    /// </summary>
    /// <param name="certificate">The one certificate that the peer sent.</param>
    /// <param name="now">The time of the calendar.</param>
    /// <param name="crypto">The primitives; secp256k1 and RSA are the platform's.</param>
    /// <param name="publicKey">The host key as libp2p's protobuf: a peer id is made of these very bytes.</param>
    public static bool TryVerify(in CertificateView certificate, DateTimeOffset now, CryptoProvider crypto, out ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        publicKey = default;
        DerReader reader = new(certificate.LibP2pExtension);
        if (!certificate.IsValidAt(now) || certificate.HasUnknownCriticalExtension || !CertificateSignatures.IsSelfSigned(certificate, crypto)
            || !reader.TryEnter(DerTag.Sequence, out DerReader body) || !reader.AtEnd
            || !body.TryRead(DerTag.OctetString, out ReadOnlySpan<byte> claimed) || !body.TryRead(DerTag.OctetString, out ReadOnlySpan<byte> signature) || !body.AtEnd
            || !TryReadPublicKey(claimed, out LibP2pKeyType type, out ReadOnlySpan<byte> key)
            || !VerifyHost(type, key, [.. Prefix, .. certificate.PublicKeyInfo], signature, crypto))
        {
            return false;
        }

        publicKey = claimed;
        return true;
    }

    /// <summary>The two fields of libp2p's PublicKey, in their order and nothing else: the bytes are hashed into the peer id, so that there may be one form only.</summary>
    private static bool TryReadPublicKey(ReadOnlySpan<byte> protobuf, out LibP2pKeyType type, out ReadOnlySpan<byte> key)
    {
        type = default;
        key = default;
        if (protobuf.Length is < 5 or > MaxPublicKeyLength || protobuf[0] != 0x08 || protobuf[1] > (byte)LibP2pKeyType.Ecdsa || protobuf[2] != 0x12)
        {
            return false;
        }

        int length = protobuf[3], header = 4;
        if (length >= 0x80)
        {
            length = (length & 0x7f) | (protobuf[4] << 7);
            header = 5;
            if (protobuf[4] is 0 or >= 0x80)
            {
                return false;
            }
        }

        type = (LibP2pKeyType)protobuf[1];
        key = protobuf[header..];
        return key.Length == length;
    }

    private static bool VerifyHost(LibP2pKeyType type, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, CryptoProvider crypto)
    {
        switch (type)
        {
            case LibP2pKeyType.Ed25519:
                return crypto.Ed25519.Verify(key, message, signature);
            case LibP2pKeyType.Secp256k1:
                return Secp256k1Verifier.Verify(key, message, signature);
            case LibP2pKeyType.Ecdsa:
                // SHA-256 whatever the curve, so that only P-256 has a scheme of TLS to go through.
                return SubjectPublicKeyInfo.TryParse(key, out SubjectPublicKeyInfo ecdsa) && ecdsa.Kind == PublicKeyKind.P256
                    && SignatureVerifier.Verify(SignatureScheme.EcdsaSecp256r1Sha256, ecdsa, message, signature, crypto);
            default:
                return SubjectPublicKeyInfo.TryParse(key, out SubjectPublicKeyInfo rsa) && rsa.Kind == PublicKeyKind.Rsa
                    && SignatureVerifier.VerifyRsa(rsa.Key, message, signature, RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA256);
        }
    }
}

/// <summary>Key types of libp2p's PublicKey message.</summary>
internal enum LibP2pKeyType : byte
{
    Rsa = 0,
    Ed25519 = 1,
    Secp256k1 = 2,
    Ecdsa = 3,
}

/// <summary>ECDSA on secp256k1 with SHA-256, for host keys of libp2p. The platform's arithmetic; only the compressed point is opened here.</summary>
internal static class Secp256k1Verifier
{
    // SEC 2 section 2.4.1. Public values, verified with: nothing here is secret.
    private static readonly BigInteger Prime = BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;

    public static bool Verify(ReadOnlySpan<byte> compressed, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (compressed.Length != 33 || compressed[0] is not (2 or 3))
        {
            return false;
        }

        BigInteger x = new(compressed[1..], isUnsigned: true, isBigEndian: true);
        BigInteger square = (BigInteger.ModPow(x, 3, Prime) + 7) % Prime;
        BigInteger y = BigInteger.ModPow(square, (Prime + 1) / 4, Prime);
        if (x >= Prime || y * y % Prime != square)
        {
            return false;
        }

        if (y.IsEven != (compressed[0] == 2))
        {
            y = Prime - y;
        }

        byte[] bytes = new byte[32];
        y.TryWriteBytes(bytes.AsSpan(32 - y.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        try
        {
            using ECDsa key = ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue("1.3.132.0.10"), Q = new ECPoint { X = compressed[1..].ToArray(), Y = bytes } });
            return key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
