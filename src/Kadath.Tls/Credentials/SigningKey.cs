using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>
/// A private key that authenticates us. The machine never holds one: it pauses, names a scheme and what is to be signed, and whoever owns
/// the key answers, at once or after a trip to a smart card.
/// </summary>
public abstract class SigningKey : IDisposable
{
    /// <summary>No signature of any scheme is longer: ML-DSA-87 has 4627 bytes.</summary>
    public const int MaxSignatureLength = 4627;

    /// <summary>What kind of key it is.</summary>
    public abstract PublicKeyKind Kind { get; }

    /// <summary>The public key as SubjectPublicKeyInfo in DER.</summary>
    public abstract ReadOnlyMemory<byte> PublicKeyInfo { get; }

    /// <summary>The schemes that this key can sign with, preferred first.</summary>
    public IReadOnlyList<SignatureScheme> Schemes => SignatureSchemes.Of(Kind);

    /// <summary>Signs a message.</summary>
    /// <param name="scheme">One of <see cref="Schemes"/>.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="hedge">Fresh entropy for schemes that mix it in.</param>
    /// <param name="signature">At least <see cref="MaxSignatureLength"/> bytes.</param>
    /// <returns>Length of the signature, in bytes.</returns>
    /// <exception cref="ArgumentException">The key has no such scheme.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public abstract int Sign(SignatureScheme scheme, ReadOnlySpan<byte> message, KeyEntropy hedge, Span<byte> signature);

    /// <summary>Erases the key, or gives up the handle to it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Erases the key; may be called again.</summary>
    protected abstract void Dispose(bool disposing);
}
