namespace Kadath.Crypto;

/// <summary>A message authentication code under a key of any length (HMAC, RFC 2104).</summary>
public interface IMac : IPrimitive
{
    /// <summary>Length of a tag, in bytes.</summary>
    int TagLength { get; }

    /// <summary>Writes the tag of <paramref name="data"/> under <paramref name="key"/> into the first <see cref="TagLength"/> bytes of <paramref name="tag"/>.</summary>
    /// <param name="key">The secret; any length, 32 bytes being right for SHA-256.</param>
    /// <param name="data">The whole message.</param>
    /// <param name="tag">At least <see cref="TagLength"/> bytes. Compare tags with <see cref="ConstantTime.AreEqual"/> only.</param>
    /// <exception cref="ArgumentException"><paramref name="tag"/> is too short.</exception>
    void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag);

    /// <summary>Takes in a key once for many messages. Allocates the object that it returns, and nothing after it.</summary>
    MacKey CreateKey(ReadOnlySpan<byte> key);
}

/// <summary>A key of an <see cref="IMac"/> that has been taken in, with the message that is being authenticated; erased by <see cref="Dispose"/>.</summary>
/// <remarks>One thread at a time.</remarks>
public abstract class MacKey : IDisposable
{
    private protected MacKey(int tagLength) => TagLength = tagLength;

    /// <summary>Length of a tag, in bytes.</summary>
    public int TagLength { get; }

    /// <summary>Takes in the next part of a message.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Writes the tag of what was appended since the last one, and is ready for another message.</summary>
    /// <param name="tag">At least <see cref="TagLength"/> bytes; what lies beyond is left alone.</param>
    /// <exception cref="ArgumentException"><paramref name="tag"/> is too short.</exception>
    public void Finish(Span<byte> tag)
    {
        if (tag.Length < TagLength)
        {
            throw new ArgumentException($"A tag needs {TagLength} bytes.", nameof(tag));
        }

        FinishCore(tag[..TagLength]);
    }

    /// <summary>The tag of one whole message, as <see cref="Append"/> and <see cref="Finish"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="tag"/> is too short.</exception>
    public void Compute(ReadOnlySpan<byte> data, Span<byte> tag)
    {
        Append(data);
        Finish(tag);
    }

    /// <summary>Erases key and message.</summary>
    public void Dispose()
    {
        EraseKey();
        GC.SuppressFinalize(this);
    }

    private protected abstract void FinishCore(Span<byte> tag);

    private protected abstract void EraseKey();
}
