namespace Kadath.Crypto;

/// <summary>A signature scheme with its hash: what signs and verifies whole messages under one code point of TLS.</summary>
/// <remarks>Signing is constant-time in the private key. Verifying handles public values only and takes what time it takes.</remarks>
public interface ISignatureScheme : IPrimitive
{
    /// <summary>Length of a public key, in bytes.</summary>
    int PublicKeyBytes { get; }

    /// <summary>Length of what <see cref="Import"/> takes, in bytes.</summary>
    int PrivateKeyBytes { get; }

    /// <summary>The longest signature, in bytes. ECDSA's vary in length, because DER drops leading zeros.</summary>
    int MaxSignatureBytes { get; }

    /// <summary>Whether <paramref name="signature"/> is valid. Wrong lengths and malformed keys make it invalid; nothing makes it throw.</summary>
    /// <param name="publicKey">For ECDSA an uncompressed point (SEC 1 section 2.3.3).</param>
    /// <param name="message">The whole message.</param>
    /// <param name="signature">For ECDSA an <c>Ecdsa-Sig-Value</c> in DER (RFC 3279 section 2.2.3); BER is refused.</param>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Makes a fresh key.</summary>
    SignaturePrivateKey Generate(KeyEntropy entropy);

    /// <summary>Takes a private key that exists; null if its number is not one that the standard allows.</summary>
    /// <param name="privateKeyOrSeed"><see cref="PrivateKeyBytes"/> bytes, secret: a big-endian number for ECDSA, the seed for Ed25519 and ML-DSA.</param>
    /// <exception cref="ArgumentException"><paramref name="privateKeyOrSeed"/> has another length.</exception>
    SignaturePrivateKey? Import(ReadOnlySpan<byte> privateKeyOrSeed);
}

/// <summary>A private key of an <see cref="ISignatureScheme"/>. Its secret lies outside memory that the collector moves; <see cref="Dispose"/> erases it.</summary>
public abstract class SignaturePrivateKey : IDisposable
{
    private readonly byte[] _publicKey;
    private readonly int _maxSignatureBytes;
    private bool _erased;

    /// <param name="publicKey">The public key, kept.</param>
    /// <param name="maxSignatureBytes">The longest signature, in bytes.</param>
    private protected SignaturePrivateKey(byte[] publicKey, int maxSignatureBytes) => (_publicKey, _maxSignatureBytes) = (publicKey, maxSignatureBytes);

    /// <summary>The public key, <see cref="ISignatureScheme.PublicKeyBytes"/> bytes. It remains after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Writes the public key.</summary>
    /// <param name="publicKey">At least <see cref="ISignatureScheme.PublicKeyBytes"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="publicKey"/> is too short.</exception>
    public void CopyPublicKey(Span<byte> publicKey) => _publicKey.CopyTo(publicKey);

    /// <summary>Signs a message. The public key that a scheme may need is this key's own; a caller cannot supply another.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="hedge">Fresh entropy that goes into the nonce beside key and message, so that neither a weak generator nor a fault in a repeated computation tells the key. A scheme that is deterministic (Ed25519), or draws from its own generator (a platform's), takes nothing.</param>
    /// <param name="signature">At least <see cref="ISignatureScheme.MaxSignatureBytes"/> bytes; must not overlap <paramref name="message"/>.</param>
    /// <returns>Length of the signature, in bytes.</returns>
    /// <exception cref="ArgumentException"><paramref name="signature"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public int Sign(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(hedge);
        RequireNotErased();
        return signature.Length < _maxSignatureBytes
            ? throw new ArgumentException($"A signature needs {_maxSignatureBytes} bytes.", nameof(signature))
            : SignCore(message, hedge, signature[.._maxSignatureBytes]);
    }

    /// <summary>Erases the secret. The caller sees to it that no signature is being made.</summary>
    public void Dispose()
    {
        if (!_erased)
        {
            _erased = true;
            EraseKey();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Names the public key, never the secret.</summary>
    public override string ToString() => Convert.ToHexStringLower(_publicKey);

    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    private protected void RequireNotErased() => ObjectDisposedException.ThrowIf(_erased, this);

    private protected abstract int SignCore(ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature);

    private protected abstract void EraseKey();
}
