namespace Kadath.Tls;

/// <summary>The least that a key exchange has to be.</summary>
public enum SecurityFloor
{
    /// <summary>Any group of TLS 1.3.</summary>
    Classical,

    /// <summary>A hybrid group: what is recorded today stays closed to a quantum computer of tomorrow.</summary>
    HybridKeyExchange,

    /// <summary>A hybrid group with ML-KEM-1024 and P-384, and AES-256 or ChaCha20 (category 5 and 192 bits).</summary>
    HybridKeyExchange192,
}

/// <summary>The least that a signature of a handshake has to be: the peer's as well as our own.</summary>
public enum SignatureFloor
{
    /// <summary>Any signature that the policy lists.</summary>
    Classical,

    /// <summary>ML-DSA: whoever has a quantum computer while the handshake runs cannot pretend to be the peer.</summary>
    PostQuantum,

    /// <summary>ML-DSA-65 or ML-DSA-87 (categories 3 and 5).</summary>
    PostQuantum192,
}

/// <summary>What is offered and accepted, in the order of preference. What is not named is refused.</summary>
public sealed record TlsPolicy
{
    /// <summary>Everything that is supported, hybrid first.</summary>
    public static TlsPolicy Default { get; } = new();

    /// <summary>Groups for key exchange; experimental ones only where they are named here.</summary>
    public IReadOnlyList<NamedGroup> Groups { get; init; } =
        [NamedGroup.X25519MLKEM768, NamedGroup.SecP256r1MLKEM768, NamedGroup.SecP384r1MLKEM1024, NamedGroup.X25519, NamedGroup.Secp256r1, NamedGroup.Secp384r1];

    /// <summary>
    /// Groups for which a client sends a share at once; the others cost a round trip (HelloRetryRequest). Those that <see cref="Groups"/> does not
    /// allow are left out. Null: the first group, and X25519 where the first group's share contains one and it is allowed by itself.
    /// </summary>
    public IReadOnlyList<NamedGroup>? Shares { get; init; }

    /// <summary>Cipher suites; by default AES first where the processor has instructions for it, else ChaCha20-Poly1305.</summary>
    public IReadOnlyList<CipherSuite> Suites { get; init; } = SuitesFor(HasAes);

    /// <summary>Schemes of the peer's signature.</summary>
    public IReadOnlyList<SignatureScheme> Signatures { get; init; } =
    [
        SignatureScheme.Ed25519, SignatureScheme.EcdsaSecp256r1Sha256, SignatureScheme.EcdsaSecp384r1Sha384, SignatureScheme.MlDsa65, SignatureScheme.MlDsa44,
        SignatureScheme.MlDsa87, SignatureScheme.RsaPssRsaeSha256, SignatureScheme.RsaPssRsaeSha384, SignatureScheme.RsaPssRsaeSha512,
    ];

    /// <summary>The least that a key exchange has to be. Choices are made at or above it, never below.</summary>
    public SecurityFloor Floor { get; init; }

    /// <summary>
    /// The least that a signature of a handshake has to be, of server and client alike. Sessions that began with less are not resumed, and keys given
    /// beforehand, with which nobody signs, do not go together with it. Who signed a certificate is a matter of the chain, not of this.
    /// </summary>
    public SignatureFloor RequiredSignature { get; init; }

    /// <summary>How a server chooses within the lists above.</summary>
    public INegotiation Negotiation { get; init; } = new OrderedNegotiation();

    /// <summary>What the caller measured and remembers, for a <see cref="Negotiation"/> that asks for it.</summary>
    public NegotiationFacts Facts { get; init; } = NegotiationFacts.None;

    /// <summary>Records are padded to a multiple of so many bytes of plaintext, 1 to 16384; 1: not at all.</summary>
    public int PadTo { get; init; } = 1;

    /// <summary>Sending keys are updated after so many bytes of plaintext, at the latest when the cipher's own limit comes.</summary>
    public long KeyUpdateBytes { get; init; } = 1L << 36;

    /// <summary>Sending keys are updated when they are older than this and something is written.</summary>
    public TimeSpan KeyUpdateAge { get; init; } = TimeSpan.FromHours(1);

    private static bool HasAes => System.Runtime.Intrinsics.X86.Aes.IsSupported || System.Runtime.Intrinsics.Arm.Aes.IsSupported;

    /// <summary>The order of suites for a processor with or without instructions for AES.</summary>
    internal static IReadOnlyList<CipherSuite> SuitesFor(bool hasAes) => hasAes
        ? [CipherSuite.Aes128GcmSha256, CipherSuite.Aes256GcmSha384, CipherSuite.ChaCha20Poly1305Sha256]
        : [CipherSuite.ChaCha20Poly1305Sha256, CipherSuite.Aes128GcmSha256, CipherSuite.Aes256GcmSha384];

    /// <summary>Whether a group is at or above the floor.</summary>
    public bool Allows(NamedGroup group) => Groups.Contains(group) && Floor switch
    {
        SecurityFloor.Classical => true,
        SecurityFloor.HybridKeyExchange => NamedGroups.IsHybrid(group),
        _ => group is NamedGroup.SecP384r1MLKEM1024,
    };

    /// <summary>Whether a suite is at or above the floor.</summary>
    public bool Allows(CipherSuite suite) => Suites.Contains(suite) && (Floor < SecurityFloor.HybridKeyExchange192 || suite != CipherSuite.Aes128GcmSha256);

    /// <summary>Whether a peer may sign with this scheme: it is listed, and at or above the floor.</summary>
    public bool Allows(SignatureScheme scheme) => Signatures.Contains(scheme) && IsAtFloor(scheme);

    /// <summary>Whether a signature, the peer's or ours, is at or above the floor.</summary>
    internal bool IsAtFloor(SignatureScheme scheme) => RequiredSignature switch
    {
        SignatureFloor.Classical => true,
        SignatureFloor.PostQuantum => scheme is SignatureScheme.MlDsa44 or SignatureScheme.MlDsa65 or SignatureScheme.MlDsa87,
        _ => scheme is SignatureScheme.MlDsa65 or SignatureScheme.MlDsa87,
    };

    /// <summary>Refuses keys given beforehand where a signature is required.</summary>
    internal void RequireNoPsk(bool hasPsk)
    {
        if (hasPsk && RequiredSignature != SignatureFloor.Classical)
        {
            throw new ArgumentException("With a key given beforehand nobody signs, but the policy requires a signature.");
        }
    }

    /// <summary>Refuses values out of their bounds, and a policy under which nothing could be agreed on.</summary>
    /// <exception cref="ArgumentException">Such a value.</exception>
    public void Validate()
    {
        if (PadTo is < 1 or > 1 << 14 || KeyUpdateBytes < 1 || KeyUpdateAge <= TimeSpan.Zero)
        {
            throw new ArgumentException("Padding is 1 to 16384 bytes; bytes and age of an update are above zero.");
        }

        if (!Groups.Any(Allows) || !Suites.Any(Allows) || !Signatures.Any(Allows))
        {
            throw new ArgumentException("The policy allows no group, no suite or no signature.");
        }
    }
}
