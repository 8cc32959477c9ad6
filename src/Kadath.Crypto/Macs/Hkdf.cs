using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>HKDF (RFC 5869): keys from a secret, by any HMAC.</summary>
public static class Hkdf
{
    /// <summary>The most blocks that one expansion gives (RFC 5869 section 2.3): 255.</summary>
    public const int MaxBlocks = 255;

    private const int MaxTagLength = 64;

    // What TLS puts into an info, twice: no label and context is longer than 514 bytes (RFC 9846 section 7.1).
    private const int MaxShortInfo = 1024;

    /// <summary>Concentrates input keying material into a pseudorandom key (section 2.2).</summary>
    /// <param name="mac">The HMAC that decides the lengths.</param>
    /// <param name="salt">Not secret; empty stands for zeros of the length of a tag.</param>
    /// <param name="keyingMaterial">The secret.</param>
    /// <param name="pseudorandomKey">At least <see cref="IMac.TagLength"/> bytes; what lies beyond is left alone.</param>
    /// <exception cref="ArgumentException"><paramref name="pseudorandomKey"/> is too short.</exception>
    public static void Extract(IMac mac, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> keyingMaterial, Span<byte> pseudorandomKey)
    {
        ArgumentNullException.ThrowIfNull(mac);

        // A key of zeros and an empty one are the same to HMAC, which fills keys up with zeros.
        mac.Compute(salt, keyingMaterial, pseudorandomKey);
    }

    /// <summary>Expands a pseudorandom key into as many bytes as the output has (section 2.3).</summary>
    /// <param name="mac">The HMAC.</param>
    /// <param name="pseudorandomKey">The secret, of <see cref="IMac.TagLength"/> bytes as a rule.</param>
    /// <param name="info">What the output is for. Must not overlap <paramref name="output"/>.</param>
    /// <param name="output">At most <see cref="MaxBlocks"/> times <see cref="IMac.TagLength"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too long.</exception>
    [SkipLocalsInit]
    public static void Expand(IMac mac, ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        ArgumentNullException.ThrowIfNull(mac);
        if (output.Length <= mac.TagLength && info.Length < MaxShortInfo)
        {
            // One block, as almost always: no object is made for the key.
            var message = (stackalloc byte[MaxShortInfo])[..(info.Length + 1)];
            var block = (stackalloc byte[MaxTagLength])[..mac.TagLength];
            info.CopyTo(message);
            message[^1] = 1;
            mac.Compute(pseudorandomKey, message, block);
            block[..output.Length].CopyTo(output);
            Erase.Span(block);
            return;
        }

        using var key = mac.CreateKey(pseudorandomKey);
        Expand(key, info, output);
    }

    /// <summary>Expands a pseudorandom key that has been taken in: what to use where several outputs come from one key. Allocates nothing.</summary>
    /// <param name="pseudorandomKey">The secret; at the beginning of a message.</param>
    /// <param name="info">What the output is for. Must not overlap <paramref name="output"/>.</param>
    /// <param name="output">At most <see cref="MaxBlocks"/> times <see cref="IMac.TagLength"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too long.</exception>
    [SkipLocalsInit]
    public static void Expand(MacKey pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        ArgumentNullException.ThrowIfNull(pseudorandomKey);
        if (output.Length > MaxBlocks * pseudorandomKey.TagLength)
        {
            throw new ArgumentException($"HKDF gives at most {MaxBlocks} blocks.", nameof(output));
        }

        var block = (stackalloc byte[MaxTagLength])[..pseudorandomKey.TagLength];
        byte number = 1;
        for (; !output.IsEmpty; number++)
        {
            if (number > 1)
            {
                pseudorandomKey.Append(block);
            }

            pseudorandomKey.Append(info);
            pseudorandomKey.Append([number]);
            pseudorandomKey.Finish(block);
            var take = Math.Min(block.Length, output.Length);
            block[..take].CopyTo(output);
            output = output[take..];
        }

        Erase.Span(block);
    }
}
