using System.Buffers.Binary;
using Kadath.Crypto;

namespace Kadath.Tls;

/// <summary>HKDF-Expand-Label and what is made of it (RFC 9846 section 7.1, RFC 9001 section 5.1).</summary>
public static class HkdfLabel
{
    // Length, label with its prefix, context: two, one and up to 255, one and up to 255 bytes.
    private const int MaxInfo = 2 + 1 + 255 + 1 + 255;

    private static ReadOnlySpan<byte> Prefix => "tls13 "u8;

    /// <summary>Expands a secret under a label and a context into as many bytes as the output has.</summary>
    /// <param name="hmac">The HMAC of the suite's hash.</param>
    /// <param name="secret">The secret, of the hash's length.</param>
    /// <param name="label">Without the prefix "tls13 "; at most 249 bytes.</param>
    /// <param name="context">At most 255 bytes.</param>
    /// <param name="output">At most 255 times the hash's length.</param>
    /// <exception cref="ArgumentException">A length is out of its bounds.</exception>
    public static void Expand(IMac hmac, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        Span<byte> info = stackalloc byte[MaxInfo];
        Hkdf.Expand(hmac, secret, info[..Write(info, label, context, output.Length)], output);
    }

    /// <summary>As the other overload, from a secret that has been taken in as a key of the HMAC.</summary>
    internal static void Expand(MacKey secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        Span<byte> info = stackalloc byte[MaxInfo];
        Hkdf.Expand(secret, info[..Write(info, label, context, output.Length)], output);
    }

    private static int Write(Span<byte> info, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        if (label.Length > 255 - Prefix.Length || context.Length > 255 || length > ushort.MaxValue)
        {
            throw new ArgumentException("A label has at most 249 bytes, a context 255, an output 65535.");
        }

        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)length);
        info[2] = (byte)(Prefix.Length + label.Length);
        Prefix.CopyTo(info[3..]);
        label.CopyTo(info[(3 + Prefix.Length)..]);
        var at = 3 + Prefix.Length + label.Length;
        info[at] = (byte)context.Length;
        context.CopyTo(info[(at + 1)..]);
        return at + 1 + context.Length;
    }
}
