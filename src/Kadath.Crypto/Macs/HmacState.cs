using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>HMAC (RFC 2104 section 2) as two hashes, of which each has taken in its pad.</summary>
internal static class HmacState<TCore>
    where TCore : unmanaged, IHashCore
{
    private const byte InnerPad = 0x36, OuterPad = 0x5c;

    [SkipLocalsInit]
    public static void TakeKey(ReadOnlySpan<byte> key, out HashState<TCore> inner, out HashState<TCore> outer)
    {
        // A key longer than a block is replaced by its digest, a shorter one filled up with zeros.
        Span<byte> pad = stackalloc byte[default(TCore).BlockLength];
        pad.Clear();
        if (key.Length > pad.Length)
        {
            ManagedHash.Compute<TCore>(key, pad);
        }
        else
        {
            key.CopyTo(pad);
        }

        Xor(pad, InnerPad);
        inner = HashState<TCore>.Create();
        inner.Append(pad);
        Xor(pad, InnerPad ^ OuterPad);
        outer = HashState<TCore>.Create();
        outer.Append(pad);
        Erase.Span(pad);
    }

    /// <summary>Writes the tag and erases both states.</summary>
    [SkipLocalsInit]
    public static void Finish(ref HashState<TCore> inner, ref HashState<TCore> outer, Span<byte> tag)
    {
        Span<byte> digest = stackalloc byte[default(TCore).DigestLength];
        inner.Finish(digest);
        outer.Append(digest);
        outer.Finish(tag);
        Erase.Span(digest);
    }

    private static void Xor(Span<byte> block, byte mask)
    {
        foreach (ref var octet in block)
        {
            octet ^= mask;
        }
    }
}
