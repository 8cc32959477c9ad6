using System.Globalization;
using System.Text;
using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Node;

/// <summary>Where BEP 44 items are stored, and what their signatures cover.</summary>
public static class ItemTargets
{
    /// <summary>Bytes of the longest value.</summary>
    public const int MaxValue = 1000;

    /// <summary>Bytes of the longest salt.</summary>
    public const int MaxSalt = 64;

    /// <summary>The target of an immutable item: SHA-1 of its raw bencoded value.</summary>
    public static Id160 OfImmutable(ReadOnlySpan<byte> value)
    {
        Span<byte> digest = stackalloc byte[Id160.Size];
        CryptoProvider.Default.Sha1.Hash(value, digest);
        return Id160.Read(digest);
    }

    /// <summary>The target of a mutable item: SHA-1 of public key and salt.</summary>
    public static Id160 OfMutable(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> salt)
    {
        Span<byte> input = stackalloc byte[publicKey.Length + salt.Length];
        publicKey.CopyTo(input);
        salt.CopyTo(input[publicKey.Length..]);
        return OfImmutable(input);
    }

    /// <summary>The message that the signature of a mutable item covers.</summary>
    internal static byte[] SignedMessage(ReadOnlySpan<byte> value, ReadOnlySpan<byte> salt, long sequence)
    {
        byte[] head = salt.IsEmpty ? [] : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"4:salt{salt.Length}:"));
        byte[] middle = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"3:seqi{sequence}e1:v"));
        return [.. head, .. salt, .. middle, .. value];
    }
}
