namespace Kadath.Crypto;

/// <summary>Authenticated encryption with associated data (RFC 5116): nonces of 96 bits, tags of 128.</summary>
public interface IAead : IPrimitive
{
    /// <summary>Length of a key, in bytes.</summary>
    int KeyBytes { get; }

    /// <summary>Expands a key once for many messages.</summary>
    /// <exception cref="ArgumentException"><paramref name="key"/> does not have <see cref="KeyBytes"/> bytes.</exception>
    AeadKey CreateKey(ReadOnlySpan<byte> key);
}
