namespace Kadath.Crypto;

/// <summary>The cryptography that everything above uses: one field per primitive, each filled by one implementation.</summary>
/// <remarks>
/// A field can be forced with a <c>with</c> expression. Every fill of a primitive passes the same conformance suite, so
/// exchanging one changes speed and nothing else.
/// </remarks>
public sealed record CryptoProvider
{
    /// <summary>The fastest constant-time fill of each primitive.</summary>
    public static CryptoProvider Default { get; } = new()
    {
        // The class library's hashes cost about 400 ns before the first byte, and have the processor's SHA instructions
        // after it: they win from the third block of SHA-1 and SHA-512 on, from the second of SHA-256. libcrypto's compression
        // functions alone have these instructions and no such cost.
        Sha1 = new HashByLength(new ManagedSha1(), new BclSha1(), longFrom: 120),
        Sha256 = LibcryptoSha256.IsSupported ? new LibcryptoSha256() : new HashByLength(new ManagedSha256(), new BclSha256(), longFrom: 56),
        Sha512 = new HashByLength(new ManagedSha512(), new BclSha512(), longFrom: 240),
        Sha384 = LibcryptoSha384.IsSupported ? new LibcryptoSha384() : new HashByLength(new ManagedSha384(), new BclSha384(), longFrom: 240),
        Sha3_256 = ManagedSha3.Sha3_256,
        Sha3_384 = ManagedSha3.Sha3_384,
        Sha3_512 = ManagedSha3.Sha3_512,
        Shake128 = ManagedShake.Shake128,
        Shake256 = ManagedShake.Shake256,
        HmacSha256 = LibcryptoHmacSha256.IsSupported ? new LibcryptoHmacSha256() : new BclHmacSha256(),
        HmacSha384 = LibcryptoHmacSha384.IsSupported ? new LibcryptoHmacSha384() : new BclHmacSha384(),
        Aes128Gcm = FastestAesGcm(16),
        Aes256Gcm = FastestAesGcm(32),
        ChaCha20Poly1305 = FastestChaCha20Poly1305(),
        Aes128Ctr = new ManagedAesCounterMode(16),
        Aes256Ctr = new ManagedAesCounterMode(32),
        Aes128HeaderProtection = new ManagedAesHeaderProtection(16),
        Aes256HeaderProtection = new ManagedAesHeaderProtection(32),
        ChaCha20HeaderProtection = new ManagedChaCha20HeaderProtection(),
        SipHash = new ManagedSipHash(),
        Crc32C = new ManagedCrc32C(),
        Ed25519 = new ManagedEd25519(),
        X25519 = new ManagedX25519(),

        // The class library takes three to seven times as long for an agreement as libcrypto called directly. OpenSSL 3.0
        // has fast code for P-256 only. Signatures, whose keys live long, are the platform's in any case.
        P256 = LibcryptoEcdh.IsSupported ? new LibcryptoEcdh(NistCurve.P256) : new ManagedEcdh(NistCurve.P256),
        P384 = new ManagedEcdh(NistCurve.P384),
        EcdsaP256 = PlatformEcdsa(NistCurve.P256, new HashByLength(new ManagedSha256(), new BclSha256(), longFrom: 56)),
        EcdsaP384 = PlatformEcdsa(NistCurve.P384, new HashByLength(new ManagedSha384(), new BclSha384(), longFrom: 240)),
        MlKem512 = ManagedMlKem.MlKem512,
        MlKem768 = ManagedMlKem.MlKem768,
        MlKem1024 = ManagedMlKem.MlKem1024,
        FrodoKem640Shake = ManagedFrodoKem.Frodo640Shake,
        FrodoKem640Aes = ManagedFrodoKem.Frodo640Aes,
        FrodoKem976Shake = ManagedFrodoKem.Frodo976Shake,
        EphemeralFrodoKem640Shake = ManagedFrodoKem.Ephemeral640Shake,
        BikeL1 = ManagedBike.BikeL1,
        MlDsa44 = ManagedMlDsa.MlDsa44,
        MlDsa65 = ManagedMlDsa.MlDsa65,
        MlDsa87 = ManagedMlDsa.MlDsa87,
    };

    /// <summary>Every primitive in C#: no call leaves the process for the operating system's library.</summary>
    public static CryptoProvider Managed { get; } = new()
    {
        Sha1 = new ManagedSha1(),
        Sha256 = new ManagedSha256(),
        Sha512 = new ManagedSha512(),
        Sha384 = new ManagedSha384(),
        Sha3_256 = ManagedSha3.Sha3_256,
        Sha3_384 = ManagedSha3.Sha3_384,
        Sha3_512 = ManagedSha3.Sha3_512,
        Shake128 = ManagedShake.Shake128,
        Shake256 = ManagedShake.Shake256,
        HmacSha256 = new ManagedHmacSha256(),
        HmacSha384 = new ManagedHmacSha384(),
        Aes128Gcm = new ManagedAesGcm(16),
        Aes256Gcm = new ManagedAesGcm(32),
        ChaCha20Poly1305 = new ManagedChaCha20Poly1305(),
        Aes128Ctr = new ManagedAesCounterMode(16),
        Aes256Ctr = new ManagedAesCounterMode(32),
        Aes128HeaderProtection = new ManagedAesHeaderProtection(16),
        Aes256HeaderProtection = new ManagedAesHeaderProtection(32),
        ChaCha20HeaderProtection = new ManagedChaCha20HeaderProtection(),
        SipHash = new ManagedSipHash(),
        Crc32C = new ManagedCrc32C(),
        Ed25519 = new ManagedEd25519(),
        X25519 = new ManagedX25519(),
        P256 = new ManagedEcdh(NistCurve.P256),
        P384 = new ManagedEcdh(NistCurve.P384),
        EcdsaP256 = new ManagedEcdsa(NistCurve.P256),
        EcdsaP384 = new ManagedEcdsa(NistCurve.P384),
        MlKem512 = ManagedMlKem.MlKem512,
        MlKem768 = ManagedMlKem.MlKem768,
        MlKem1024 = ManagedMlKem.MlKem1024,
        FrodoKem640Shake = ManagedFrodoKem.Frodo640Shake,
        FrodoKem640Aes = ManagedFrodoKem.Frodo640Aes,
        FrodoKem976Shake = ManagedFrodoKem.Frodo976Shake,
        EphemeralFrodoKem640Shake = ManagedFrodoKem.Ephemeral640Shake,
        BikeL1 = ManagedBike.BikeL1,
        MlDsa44 = ManagedMlDsa.MlDsa44,
        MlDsa65 = ManagedMlDsa.MlDsa65,
        MlDsa87 = ManagedMlDsa.MlDsa87,
    };

    /// <summary>SHA-1 (FIPS 180-4), for the identifiers that BitTorrent defines with it.</summary>
    public required IHash Sha1 { get; init; }

    /// <summary>SHA-256 (FIPS 180-4).</summary>
    public required IHash Sha256 { get; init; }

    /// <summary>SHA-384 (FIPS 180-4).</summary>
    public required IHash Sha384 { get; init; }

    /// <summary>SHA-512 (FIPS 180-4).</summary>
    public required IHash Sha512 { get; init; }

    /// <summary>SHA3-256 (FIPS 202).</summary>
    public required IHash Sha3_256 { get; init; }

    /// <summary>SHA3-384 (FIPS 202).</summary>
    public required IHash Sha3_384 { get; init; }

    /// <summary>SHA3-512 (FIPS 202).</summary>
    public required IHash Sha3_512 { get; init; }

    /// <summary>SHAKE128 (FIPS 202).</summary>
    public required IExtendableHash Shake128 { get; init; }

    /// <summary>SHAKE256 (FIPS 202).</summary>
    public required IExtendableHash Shake256 { get; init; }

    /// <summary>HMAC-SHA-256 (RFC 2104), for deriving keys from secrets.</summary>
    public required IMac HmacSha256 { get; init; }

    /// <summary>HMAC-SHA-384 (RFC 2104), for the suites of TLS that use it.</summary>
    public required IMac HmacSha384 { get; init; }

    /// <summary>AES-GCM with a key of 128 bits (NIST SP 800-38D).</summary>
    public required IAead Aes128Gcm { get; init; }

    /// <summary>AES-GCM with a key of 256 bits (NIST SP 800-38D).</summary>
    public required IAead Aes256Gcm { get; init; }

    /// <summary>ChaCha20-Poly1305 (RFC 8439).</summary>
    public required IAead ChaCha20Poly1305 { get; init; }

    /// <summary>AES in counter mode with a key of 128 bits (NIST SP 800-38A), for headers that are masked rather than sealed.</summary>
    public required ICounterMode Aes128Ctr { get; init; }

    /// <summary>AES in counter mode with a key of 256 bits.</summary>
    public required ICounterMode Aes256Ctr { get; init; }

    /// <summary>QUIC's header protection beside AES-128-GCM (RFC 9001 section 5.4.3).</summary>
    public required IHeaderProtection Aes128HeaderProtection { get; init; }

    /// <summary>QUIC's header protection beside AES-256-GCM (RFC 9001 section 5.4.3).</summary>
    public required IHeaderProtection Aes256HeaderProtection { get; init; }

    /// <summary>QUIC's header protection beside ChaCha20-Poly1305 (RFC 9001 section 5.4.4).</summary>
    public required IHeaderProtection ChaCha20HeaderProtection { get; init; }

    /// <summary>SipHash-2-4, for a MAC per packet.</summary>
    public required ISipHash SipHash { get; init; }

    /// <summary>CRC-32C, for node ids bound to addresses (BEP 42).</summary>
    public required IChecksum Crc32C { get; init; }

    /// <summary>Ed25519 signatures (RFC 8032).</summary>
    public required IEd25519 Ed25519 { get; init; }

    /// <summary>X25519 (RFC 7748).</summary>
    public required IKeyAgreement X25519 { get; init; }

    /// <summary>ECDH over NIST P-256.</summary>
    public required IKeyAgreement P256 { get; init; }

    /// <summary>ECDH over NIST P-384.</summary>
    public required IKeyAgreement P384 { get; init; }

    /// <summary>ECDSA over NIST P-256 with SHA-256.</summary>
    public required ISignatureScheme EcdsaP256 { get; init; }

    /// <summary>ECDSA over NIST P-384 with SHA-384.</summary>
    public required ISignatureScheme EcdsaP384 { get; init; }

    /// <summary>ML-KEM-512 (FIPS 203).</summary>
    public required IKem MlKem512 { get; init; }

    /// <summary>ML-KEM-768 (FIPS 203), the half of TLS's preferred group that a quantum computer does not break.</summary>
    public required IKem MlKem768 { get; init; }

    /// <summary>ML-KEM-1024 (FIPS 203).</summary>
    public required IKem MlKem1024 { get; init; }

    /// <summary>FrodoKEM-640-SHAKE, salted (ISO proposal of 2023-03-14). Experimental.</summary>
    public required IKem FrodoKem640Shake { get; init; }

    /// <summary>FrodoKEM-640-AES, salted. Experimental.</summary>
    public required IKem FrodoKem640Aes { get; init; }

    /// <summary>FrodoKEM-976-SHAKE, salted. Experimental.</summary>
    public required IKem FrodoKem976Shake { get; init; }

    /// <summary>eFrodoKEM-640-SHAKE, for keys that are used once. Experimental.</summary>
    public required IKem EphemeralFrodoKem640Shake { get; init; }

    /// <summary>BIKE-L1 of round 4, for keys that are used once. Experimental.</summary>
    public required IKem BikeL1 { get; init; }

    /// <summary>ML-DSA-44 (FIPS 204).</summary>
    public required ISignatureScheme MlDsa44 { get; init; }

    /// <summary>ML-DSA-65 (FIPS 204).</summary>
    public required ISignatureScheme MlDsa65 { get; init; }

    /// <summary>ML-DSA-87 (FIPS 204).</summary>
    public required ISignatureScheme MlDsa87 { get; init; }

    /// <summary>Each primitive by its common name, with the fill chosen for it: what a report prints.</summary>
    public IReadOnlyList<(string Primitive, IPrimitive Fill)> Primitives =>
    [
        ("SHA-1", Sha1),
        ("SHA-256", Sha256),
        ("SHA-384", Sha384),
        ("SHA-512", Sha512),
        ("SHA3-256", Sha3_256),
        ("SHA3-384", Sha3_384),
        ("SHA3-512", Sha3_512),
        ("SHAKE128", Shake128),
        ("SHAKE256", Shake256),
        ("HMAC-SHA-256", HmacSha256),
        ("HMAC-SHA-384", HmacSha384),
        ("AES-128-GCM", Aes128Gcm),
        ("AES-256-GCM", Aes256Gcm),
        ("ChaCha20-Poly1305", ChaCha20Poly1305),
        ("AES-128-CTR", Aes128Ctr),
        ("AES-256-CTR", Aes256Ctr),
        ("AES-128 header protection", Aes128HeaderProtection),
        ("AES-256 header protection", Aes256HeaderProtection),
        ("ChaCha20 header protection", ChaCha20HeaderProtection),
        ("SipHash-2-4", SipHash),
        ("CRC-32C", Crc32C),
        ("Ed25519", Ed25519),
        ("X25519", X25519),
        ("ECDH P-256", P256),
        ("ECDH P-384", P384),
        ("ECDSA P-256", EcdsaP256),
        ("ECDSA P-384", EcdsaP384),
        ("ML-KEM-512", MlKem512),
        ("ML-KEM-768", MlKem768),
        ("ML-KEM-1024", MlKem1024),
        ("FrodoKEM-640-SHAKE", FrodoKem640Shake),
        ("FrodoKEM-640-AES", FrodoKem640Aes),
        ("FrodoKEM-976-SHAKE", FrodoKem976Shake),
        ("eFrodoKEM-640-SHAKE", EphemeralFrodoKem640Shake),
        ("BIKE-L1", BikeL1),
        ("ML-DSA-44", MlDsa44),
        ("ML-DSA-65", MlDsa65),
        ("ML-DSA-87", MlDsa87),
    ];

    private static IAead FastestAesGcm(int keyBytes) =>
        !ManagedAesGcm.IsAccelerated && BclAesGcm.IsSupported ? new BclAesGcm(keyBytes) : new ManagedAesGcm(keyBytes);

    private static IAead FastestChaCha20Poly1305() =>
        !ManagedChaCha20Poly1305.IsAccelerated && BclChaCha20Poly1305.IsSupported ? new BclChaCha20Poly1305() : new ManagedChaCha20Poly1305();

    private static ISignatureScheme PlatformEcdsa(NistCurve curve, IHash hash) =>
        LibcryptoEcdh.IsSupported ? new LibcryptoEcdsa(curve, hash) : new BclEcdsa(curve);
}
