namespace Kadath.Crypto;

/// <summary>Ed25519 signatures (RFC 8032 section 5.1, the pure variant), by one rule in every fill and for every protocol.</summary>
/// <remarks>
/// <para>
/// The rule: the public key must be the canonical encoding of a point; S must be below the group order; R is compared as
/// bytes with the encoding of S·B - k·A, without multiplying by the cofactor. So a signature has no second valid form,
/// and two nodes never disagree about one.
/// </para>
/// <para>Signing is deterministic and constant-time in everything but the message's length. Verifying handles public values only and takes what time it takes.</para>
/// </remarks>
public interface IEd25519 : ISignatureScheme
{
    /// <summary>Makes the key of a 32-byte seed (RFC 8032 section 5.1.5).</summary>
    /// <param name="seed"><see cref="Ed25519PrivateKey.SeedLength"/> bytes, secret and uniformly random.</param>
    /// <exception cref="ArgumentException"><paramref name="seed"/> has another length.</exception>
    Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed);

    /// <summary>Takes a key in its expanded form: a scalar and the prefix that nonces are derived from, as in the vectors of BEP 44.</summary>
    /// <param name="expanded"><see cref="Ed25519PrivateKey.ExpandedLength"/> bytes, secret. The scalar may be clamped, as derived from a seed, or any other number.</param>
    /// <exception cref="ArgumentException"><paramref name="expanded"/> has another length, or its scalar is zero modulo the group order.</exception>
    Ed25519PrivateKey ImportExpanded(ReadOnlySpan<byte> expanded);

    /// <summary>Signs a message. The public key that goes into the signature is the one inside <paramref name="key"/>: a caller cannot supply another and so leak the scalar.</summary>
    /// <param name="key">The signer's key.</param>
    /// <param name="message">The whole message, of any length.</param>
    /// <param name="signature">At least <see cref="Ed25519PrivateKey.SignatureLength"/> bytes; must not overlap <paramref name="message"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="signature"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="key"/> was erased.</exception>
    void Sign(Ed25519PrivateKey key, ReadOnlySpan<byte> message, Span<byte> signature);
}
