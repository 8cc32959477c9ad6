namespace Kadath.Crypto;

/// <summary>A key encapsulation mechanism: whoever has the encapsulation key makes a secret and a ciphertext, the private key finds the secret in the ciphertext.</summary>
public interface IKem : IPrimitive
{
    /// <summary>Length of an encapsulation key, in bytes.</summary>
    int EncapsulationKeyBytes { get; }

    /// <summary>Length of a ciphertext, in bytes.</summary>
    int CiphertextBytes { get; }

    /// <summary>Length of the shared secret, in bytes.</summary>
    int SecretBytes { get; }

    /// <summary>Makes a fresh private key.</summary>
    KemPrivateKey Generate(KeyEntropy entropy);

    /// <summary>Takes a private key as a seed or in the standard's expanded form, told apart by their lengths.</summary>
    /// <returns>Null when the length is neither's, or when the parts of an expanded key do not belong together.</returns>
    KemPrivateKey? Import(ReadOnlySpan<byte> seedOrKey);

    /// <summary>Makes a secret for the holder of the private key.</summary>
    /// <param name="encapsulationKey">The peer's key as it arrived. Checked as the standard asks; not trusted.</param>
    /// <param name="entropy">Where the coins come from.</param>
    /// <param name="ciphertext">At least <see cref="CiphertextBytes"/> bytes, of which those are written.</param>
    /// <param name="secret">At least <see cref="SecretBytes"/> bytes, of which those are written.</param>
    /// <returns>False when the key has a wrong length or is not a key; nothing is written then.</returns>
    /// <exception cref="ArgumentException">A destination is too short.</exception>
    bool TryEncapsulate(ReadOnlySpan<byte> encapsulationKey, KeyEntropy entropy, Span<byte> ciphertext, Span<byte> secret);
}

/// <summary>A private key of a <see cref="IKem"/>. Erased by <see cref="Dispose"/>; the caller sees to it that no operation is running then.</summary>
public abstract class KemPrivateKey : IDisposable
{
    /// <summary>Only this library makes keys.</summary>
    private protected KemPrivateKey()
    {
    }

    /// <summary>Copies the encapsulation key into the first <see cref="IKem.EncapsulationKeyBytes"/> bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="encapsulationKey"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public abstract void CopyEncapsulationKey(Span<byte> encapsulationKey);

    /// <summary>Writes the secret of a ciphertext into the first <see cref="IKem.SecretBytes"/> bytes.</summary>
    /// <returns>False only for a ciphertext of a wrong length. One that was tampered with gives a secret that nobody else knows, and no sign of it.</returns>
    /// <exception cref="ArgumentException"><paramref name="secret"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public abstract bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> secret);

    /// <inheritdoc/>
    public abstract void Dispose();
}
