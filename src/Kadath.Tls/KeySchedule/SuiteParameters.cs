using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>A cipher suite with the primitives that fill it.</summary>
internal sealed class SuiteParameters
{
    /// <summary>The longest digest of a suite, in bytes: SHA-384's.</summary>
    public const int MaxHashBytes = 48;

    /// <summary>The longest key of a suite, in bytes.</summary>
    public const int MaxKeyBytes = 32;

    private SuiteParameters(CipherSuite suite, IHash hash, IMac hmac, IAead aead, ulong recordLimit)
    {
        (Suite, Hash, Hmac, Aead, RecordLimit) = (suite, hash, hmac, aead, recordLimit);
    }

    public CipherSuite Suite { get; }

    public IHash Hash { get; }

    public IMac Hmac { get; }

    public IAead Aead { get; }

    /// <summary>Records per key before it must be updated.</summary>
    public ulong RecordLimit { get; }

    public int HashBytes => Hash.DigestLength;

    public int KeyBytes => Aead.KeyBytes;

    /// <summary>The suite of a code point, or null for one that is not supported.</summary>
    public static SuiteParameters? Of(CipherSuite suite, CryptoProvider crypto) => suite switch
    {
        // RFC 9846 section 5.5 allows 2^24.5 full records of AES-GCM per key, and for ChaCha20-Poly1305 more than a sequence number counts.
        CipherSuite.Aes128GcmSha256 => new(suite, crypto.Sha256, crypto.HmacSha256, crypto.Aes128Gcm, 1UL << 24),
        CipherSuite.Aes256GcmSha384 => new(suite, crypto.Sha384, crypto.HmacSha384, crypto.Aes256Gcm, 1UL << 24),
        CipherSuite.ChaCha20Poly1305Sha256 => new(suite, crypto.Sha256, crypto.HmacSha256, crypto.ChaCha20Poly1305, 1UL << 48),
        _ => null,
    };

    /// <summary>The hash that a suite stands for: a PSK is bound to it.</summary>
    public static bool SameHash(CipherSuite a, CipherSuite b) => (a == CipherSuite.Aes256GcmSha384) == (b == CipherSuite.Aes256GcmSha384);
}
