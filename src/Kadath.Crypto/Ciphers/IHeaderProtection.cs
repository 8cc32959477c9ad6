namespace Kadath.Crypto;

/// <summary>The header protection of QUIC (RFC 9001 section 5.4): a mask for a packet's header from a sample of its ciphertext.</summary>
public interface IHeaderProtection : IPrimitive
{
    /// <summary>Length of a key, in bytes.</summary>
    int KeyBytes { get; }

    /// <summary>Expands a key once for many packets.</summary>
    /// <exception cref="ArgumentException"><paramref name="key"/> does not have <see cref="KeyBytes"/> bytes.</exception>
    HeaderProtectionKey CreateKey(ReadOnlySpan<byte> key);
}

/// <summary>An expanded key of an <see cref="IHeaderProtection"/>; erased by <see cref="Dispose"/>. May be used on every thread.</summary>
public abstract class HeaderProtectionKey : IDisposable
{
    /// <summary>Length of a sample, in bytes.</summary>
    public const int SampleBytes = 16;

    /// <summary>Length of a mask, in bytes: one for the flags, four for the packet number.</summary>
    public const int MaskBytes = 5;

    private bool _erased;

    private protected HeaderProtectionKey()
    {
    }

    /// <summary>Writes the mask into the first <see cref="MaskBytes"/> bytes.</summary>
    /// <param name="sample"><see cref="SampleBytes"/> bytes of ciphertext.</param>
    /// <param name="mask">At least <see cref="MaskBytes"/> bytes; what lies beyond is left alone.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void ComputeMask(ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        if (sample.Length != SampleBytes)
        {
            throw new ArgumentException($"A sample has {SampleBytes} bytes, not {sample.Length}.", nameof(sample));
        }

        Destination.Check(mask, MaskBytes, nameof(mask));
        ComputeMaskCore(sample, mask[..MaskBytes]);
    }

    /// <summary>Erases the key. The caller sees to it that it is not in use.</summary>
    public void Dispose()
    {
        _erased = true;
        EraseKey();
        GC.SuppressFinalize(this);
    }

    private protected abstract void ComputeMaskCore(ReadOnlySpan<byte> sample, Span<byte> mask);

    private protected abstract void EraseKey();
}
