using Kadath.Crypto;
using Kadath.Primitives;

namespace Kadath.Mainline;

/// <summary>Targets, signed messages and bounds of BEP 44 items: what publisher, holder and reader must compute alike.</summary>
public static class ItemRules
{
    /// <summary>Bytes of a bencoded value at most.</summary>
    public const int MaxValue = 1000;

    /// <summary>Bytes of a salt at most.</summary>
    public const int MaxSalt = 64;

    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = 64;

    /// <summary>Bytes that hold every signed message: "4:salt64:" and 64, "3:seqi" and 19 digits, "e1:v" and 1,000.</summary>
    public const int MaxMessage = 9 + MaxSalt + 6 + 19 + 4 + MaxValue;

    /// <summary>The target of an immutable item: SHA-1 of the bencoded value, byte for byte.</summary>
    public static Id160 TargetOf(ReadOnlySpan<byte> value) => HashOf(value);

    /// <summary>The target of a mutable item: SHA-1 of public key and salt.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="salt">At most 64 bytes; empty for none.</param>
    /// <exception cref="ArgumentException">The key or the salt has another length.</exception>
    public static Id160 TargetOf(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> salt)
    {
        if (publicKey.Length != PublicKeySize || salt.Length > MaxSalt)
        {
            throw new ArgumentException($"a public key has {PublicKeySize} bytes and a salt at most {MaxSalt}");
        }

        Span<byte> both = stackalloc byte[PublicKeySize + MaxSalt];
        publicKey.CopyTo(both);
        salt.CopyTo(both[PublicKeySize..]);
        return HashOf(both[..(PublicKeySize + salt.Length)]);
    }

    /// <summary>
    /// Writes the message that a mutable item's signature covers: <c>[4:salt‹n›:‹salt›]3:seqi‹seq›e1:v‹v›</c>. Returns its length.
    /// </summary>
    /// <param name="salt">At most 64 bytes; empty counts as absent.</param>
    /// <param name="sequence">The sequence number.</param>
    /// <param name="value">The bencoded value, byte for byte, at most 1,000 bytes.</param>
    /// <param name="destination">At least <see cref="MaxMessage"/> bytes.</param>
    public static int WriteSignedMessage(ReadOnlySpan<byte> salt, long sequence, ReadOnlySpan<byte> value, Span<byte> destination)
    {
        var writer = new BencodeWriter(destination);
        if (!salt.IsEmpty)
        {
            writer.Raw("4:salt"u8);
            writer.String(salt);
        }

        writer.Raw("3:seq"u8);
        writer.Integer(sequence);
        writer.Raw("1:v"u8);
        writer.Raw(value);
        return writer.Overflowed ? throw new ArgumentException("the buffer or a part's length is out of bounds", nameof(destination)) : writer.Length;
    }

    private static Id160 HashOf(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[20];
        CryptoProvider.Default.Sha1.Hash(data, digest);
        return Id160.Read(digest);
    }
}
