namespace Kadath.Crypto;

/// <summary>An expanded key of an <see cref="IAead"/>; erased by <see cref="Dispose"/>.</summary>
/// <remarks>
/// One thread at a time: a fill may keep scratch state in its key. That a nonce is never used twice to seal, and that the limits
/// of the cipher on messages per key hold, is the caller's duty.
/// </remarks>
public abstract class AeadKey : IDisposable
{
    /// <summary>Length of a nonce, in bytes. Other lengths are refused: no protocol here needs them, and in GCM they weaken the bound.</summary>
    public const int NonceBytes = 12;

    /// <summary>Length of a tag, in bytes. Truncated tags are not supported.</summary>
    public const int TagBytes = 16;

    private bool _erased;

    private protected AeadKey()
    {
    }

    /// <summary>Encrypts a message and writes ciphertext, then tag.</summary>
    /// <param name="nonce"><see cref="NonceBytes"/> bytes, never used before with this key.</param>
    /// <param name="associatedData">Authenticated, not encrypted. Must not overlap <paramref name="sealedOutput"/>.</param>
    /// <param name="plaintext">The message; may start exactly where <paramref name="sealedOutput"/> starts, to be sealed in place.</param>
    /// <param name="sealedOutput">At least <see cref="TagBytes"/> more than the plaintext; what lies beyond is left alone.</param>
    /// <exception cref="ArgumentException">A length is wrong, or plaintext and output overlap other than from the same start.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> sealedOutput)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        RequireNonce(nonce);
        if (sealedOutput.Length - TagBytes < plaintext.Length)
        {
            throw new ArgumentException($"A sealed message needs {TagBytes} bytes more than its plaintext.", nameof(sealedOutput));
        }

        Overlap.RequireSameStart(plaintext, sealedOutput);
        SealCore(nonce, associatedData, plaintext, sealedOutput[..plaintext.Length], sealedOutput.Slice(plaintext.Length, TagBytes));
    }

    /// <summary>Checks and decrypts what <see cref="Seal"/> made.</summary>
    /// <param name="nonce">The nonce that it was sealed with, <see cref="NonceBytes"/> bytes.</param>
    /// <param name="associatedData">The data that it was sealed with. Must not overlap <paramref name="plaintext"/>.</param>
    /// <param name="sealedInput">Ciphertext, then tag; of any length, as a peer may send anything.</param>
    /// <param name="plaintext">At least <see cref="TagBytes"/> less than the input; may start exactly where the input starts.</param>
    /// <returns>False where the message is not authentic or too short to have a tag; the output's part for the message is then erased.</returns>
    /// <exception cref="ArgumentException">The nonce's length is wrong, the output too short, or input and output overlap other than from the same start.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> sealedInput, Span<byte> plaintext)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        RequireNonce(nonce);
        var length = sealedInput.Length - TagBytes;
        if (length < 0)
        {
            return false;
        }

        if (plaintext.Length < length)
        {
            throw new ArgumentException("The plaintext has no room.", nameof(plaintext));
        }

        Overlap.RequireSameStart(sealedInput, plaintext);
        return TryOpenCore(nonce, associatedData, sealedInput[..length], sealedInput[length..], plaintext[..length]);
    }

    /// <summary>Erases the key. The caller sees to it that no message is being sealed or opened.</summary>
    public void Dispose()
    {
        if (!_erased)
        {
            _erased = true;
            EraseKey();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void SealCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag);

    /// <summary>Returns false, the output erased, where the tag is wrong.</summary>
    private protected abstract bool TryOpenCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext);

    private protected abstract void EraseKey();

    private static void RequireNonce(ReadOnlySpan<byte> nonce)
    {
        if (nonce.Length != NonceBytes)
        {
            throw new ArgumentException($"A nonce has {NonceBytes} bytes, not {nonce.Length}.", nameof(nonce));
        }
    }
}
