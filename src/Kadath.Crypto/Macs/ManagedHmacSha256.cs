using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>HMAC-SHA-256 (RFC 2104, FIPS 198-1) in C#.</summary>
public sealed class ManagedHmacSha256 : IMac
{
    private const int BlockLength = 64, Length = 32;

    /// <inheritdoc/>
    public string Fill => Fills.Managed;

    /// <inheritdoc/>
    public int TagLength => Length;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> tag)
    {
        if (tag.Length < Length)
        {
            throw new ArgumentException($"A tag needs {Length} bytes.", nameof(tag));
        }

        // RFC 2104 section 2: a key longer than a block is replaced by its digest, a shorter one filled up with zeros.
        Span<byte> pad = stackalloc byte[BlockLength];
        pad.Clear();
        if (key.Length > BlockLength)
        {
            ManagedHash.Compute<Sha256Core>(key, pad);
        }
        else
        {
            key.CopyTo(pad);
        }

        Span<byte> inner = stackalloc byte[Length];
        Xor(pad, 0x36);
        var state = HashState<Sha256Core>.Create();
        state.Append(pad);
        state.Append(data);
        state.Finish(inner);

        Xor(pad, 0x36 ^ 0x5c);
        state = HashState<Sha256Core>.Create();
        state.Append(pad);
        state.Append(inner);
        state.Finish(tag);
        Erase.Span(pad);
        Erase.Span(inner);
    }

    private static void Xor(Span<byte> block, byte mask)
    {
        foreach (ref var octet in block)
        {
            octet ^= mask;
        }
    }
}
