namespace Kadath.Crypto;

/// <summary>An unkeyed hash function, over one contiguous message or over one that arrives in parts.</summary>
public interface IHash : IPrimitive
{
    /// <summary>Length of a digest, in bytes.</summary>
    int DigestLength { get; }

    /// <summary>Writes the digest of <paramref name="data"/> into the first <see cref="DigestLength"/> bytes of <paramref name="digest"/>.</summary>
    /// <param name="data">The whole message, of any length. May overlap <paramref name="digest"/>.</param>
    /// <param name="digest">At least <see cref="DigestLength"/> bytes; what lies beyond them is left alone.</param>
    /// <exception cref="ArgumentException"><paramref name="digest"/> is too short.</exception>
    void Hash(ReadOnlySpan<byte> data, Span<byte> digest);

    /// <summary>Begins a message that arrives in parts. Allocates the object that it returns, and nothing after it.</summary>
    RunningHash Start();
}
