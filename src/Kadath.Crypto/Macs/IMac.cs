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
}
