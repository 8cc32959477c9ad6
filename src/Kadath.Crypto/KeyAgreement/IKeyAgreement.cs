namespace Kadath.Crypto;

/// <summary>A Diffie-Hellman function: two parties exchange public keys and arrive at the same secret.</summary>
/// <remarks>Everything is constant-time in the private key. The secret is the raw shared coordinate: derive keys from it, never use it as one.</remarks>
public interface IKeyAgreement : IPrimitive
{
    /// <summary>Length of a public key as it goes over the wire, in bytes.</summary>
    int PublicKeyBytes { get; }

    /// <summary>Length of a private key, in bytes.</summary>
    int PrivateKeyBytes { get; }

    /// <summary>Length of a shared secret, in bytes.</summary>
    int SecretBytes { get; }

    /// <summary>Makes a fresh key.</summary>
    KeyAgreementPrivateKey Generate(KeyEntropy entropy);

    /// <summary>Takes a private key that exists; null if its number is not one that the standard allows.</summary>
    /// <param name="privateKey"><see cref="PrivateKeyBytes"/> bytes, secret: little-endian for X25519 (RFC 7748 section 5), big-endian for the NIST curves (SEC 1 section 2.3.7).</param>
    /// <exception cref="ArgumentException"><paramref name="privateKey"/> has another length.</exception>
    KeyAgreementPrivateKey? Import(ReadOnlySpan<byte> privateKey);
}

/// <summary>A private key of an <see cref="IKeyAgreement"/>. Its secret lies outside memory that the collector moves; <see cref="Dispose"/> erases it.</summary>
/// <remarks>One thread at a time: a fill may keep scratch state in its key.</remarks>
public abstract class KeyAgreementPrivateKey : IDisposable
{
    private readonly byte[] _publicKey;
    private readonly int _secretBytes;
    private bool _erased;

    /// <param name="publicKey">The public key, kept.</param>
    /// <param name="secretBytes">Length of a shared secret, in bytes.</param>
    private protected KeyAgreementPrivateKey(byte[] publicKey, int secretBytes) => (_publicKey, _secretBytes) = (publicKey, secretBytes);

    /// <summary>Writes the public key. It remains after <see cref="Dispose"/>.</summary>
    /// <param name="publicKey">At least <see cref="IKeyAgreement.PublicKeyBytes"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="publicKey"/> is too short.</exception>
    public void CopyPublicKey(Span<byte> publicKey) => _publicKey.CopyTo(publicKey);

    /// <summary>Computes the secret shared with the owner of a public key; false, and the secret erased, for a key that the standard refuses.</summary>
    /// <param name="peerPublicKey">
    /// The peer's bytes. Refused: another length than <see cref="IKeyAgreement.PublicKeyBytes"/>; for X25519 a key that makes the secret zero
    /// (RFC 7748 section 6.1), while values of p and more and points of the twist are computed; for the NIST curves anything but an
    /// uncompressed point (RFC 8446 section 4.2.8.2) with coordinates below p that lies on the curve.
    /// </param>
    /// <param name="secret">At least <see cref="IKeyAgreement.SecretBytes"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="secret"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public bool TryAgree(ReadOnlySpan<byte> peerPublicKey, Span<byte> secret)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        if (secret.Length < _secretBytes)
        {
            throw new ArgumentException($"A secret needs {_secretBytes} bytes.", nameof(secret));
        }

        secret = secret[.._secretBytes];
        if (peerPublicKey.Length == _publicKey.Length && TryAgreeCore(peerPublicKey, secret))
        {
            return true;
        }

        secret.Clear();
        return false;
    }

    /// <summary>Erases the secret. The caller sees to it that the key is not in use.</summary>
    public void Dispose()
    {
        if (!_erased)
        {
            _erased = true;
            EraseKey();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Computes the secret; both spans have the right length, and what is written is erased where the answer is false.</summary>
    private protected abstract bool TryAgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> secret);

    private protected abstract void EraseKey();
}
