using Kadath.Crypto;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Records;

/// <summary>What of a BEP 44 item is hashed and what is signed: always the raw bytes as they came.</summary>
internal static class ItemSigning
{
    /// <summary>Bytes of the longest message that is signed: 4:salt64:… 3:seqi…e 1:v….</summary>
    public const int MaxMessage = 6 + 3 + KrpcLimits.MaxSalt + 5 + 22 + 3 + KrpcLimits.MaxValue;

    /// <summary>The target of an immutable item.</summary>
    public static Id160 TargetOf(ReadOnlySpan<byte> value, IHash sha1)
    {
        Span<byte> digest = stackalloc byte[20];
        sha1.Hash(value, digest);
        return Id160.Read(digest);
    }

    /// <summary>The target of a mutable item, and of a mutable torrent (BEP 46).</summary>
    public static Id160 TargetOf(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> salt, IHash sha1)
    {
        Span<byte> both = stackalloc byte[32 + KrpcLimits.MaxSalt];
        publicKey.CopyTo(both);
        salt.CopyTo(both[publicKey.Length..]);
        return TargetOf(both[..(publicKey.Length + salt.Length)], sha1);
    }

    /// <summary>Writes the message that is signed; returns its length.</summary>
    public static int WriteMessage(Span<byte> into, ReadOnlySpan<byte> salt, long sequence, ReadOnlySpan<byte> value)
    {
        var writer = new BencodeWriter(into);
        if (!salt.IsEmpty)
        {
            writer.String("salt"u8);
            writer.String(salt);
        }

        writer.String("seq"u8);
        writer.Integer(sequence);
        writer.String("v"u8);
        writer.Raw(value);
        return writer.Overflowed ? 0 : writer.Length;
    }
}
