namespace Kadath.Crypto;

/// <summary>A block cipher in counter mode (NIST SP 800-38A section 6.5). It conceals and authenticates nothing.</summary>
public interface ICounterMode : IPrimitive
{
    /// <summary>Length of a key, in bytes.</summary>
    int KeyBytes { get; }

    /// <summary>Expands a key once for many messages.</summary>
    /// <exception cref="ArgumentException"><paramref name="key"/> does not have <see cref="KeyBytes"/> bytes.</exception>
    CounterModeKey CreateKey(ReadOnlySpan<byte> key);
}

/// <summary>An expanded key of an <see cref="ICounterMode"/>; erased by <see cref="Dispose"/>. May be used on every thread.</summary>
public abstract class CounterModeKey : IDisposable
{
    /// <summary>Length of a counter block, in bytes.</summary>
    public const int BlockBytes = 16;

    private bool _erased;

    private protected CounterModeKey()
    {
    }

    /// <summary>Adds the key stream to the input: encrypts, and decrypts alike.</summary>
    /// <param name="counter">The first counter block, <see cref="BlockBytes"/> bytes: a big-endian number that is counted up modulo 2^128. A key must never meet the same counter twice.</param>
    /// <param name="input">The message; may start exactly where <paramref name="output"/> starts.</param>
    /// <param name="output">At least as long as the input.</param>
    /// <exception cref="ArgumentException">A length is wrong, or input and output overlap other than from the same start.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_erased, this);
        if (counter.Length != BlockBytes)
        {
            throw new ArgumentException($"A counter block has {BlockBytes} bytes, not {counter.Length}.", nameof(counter));
        }

        Destination.Check(output, input.Length, nameof(output));
        Overlap.RequireSameStart(input, output);
        ApplyCore(counter, input, output[..input.Length]);
    }

    /// <summary>Erases the key. The caller sees to it that it is not in use.</summary>
    public void Dispose()
    {
        _erased = true;
        EraseKey();
        GC.SuppressFinalize(this);
    }

    private protected abstract void ApplyCore(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> input, Span<byte> output);

    private protected abstract void EraseKey();
}
