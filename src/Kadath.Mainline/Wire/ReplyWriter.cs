using System.Runtime.CompilerServices;
using Kadath.Primitives;

namespace Kadath.Mainline.Wire;

/// <summary>
/// Writes responses and errors, keys sorted, straight into the send slot. Every one carries <c>ip</c> (BEP 42) and <c>v</c>.
/// A response is <see cref="Begin"/>, its values in sorted order, <see cref="End"/>.
/// </summary>
internal static class ReplyWriter
{
    /// <summary>Bytes of everything around the values of a response to a peer with the longest address and transaction id: d2:ip18:…1:rd…e1:t32:…1:v4:…1:y1:re.</summary>
    public const int EnvelopeSize = 1 + 4 + 3 + 18 + 4 + 1 + 3 + 3 + KrpcLimits.MaxTransactionId + 9 + 7;

    /// <summary>Client and version of the top-level <c>v</c>: "KD" and two version bytes.</summary>
    public static ReadOnlySpan<byte> VersionToken => "1:v4:KD\0\x00011:y1:"u8;

    /// <summary>Writes what stands before the values: the peer's own endpoint, as it appears here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(ref BencodeWriter writer, in Endpoint to)
    {
        External(ref writer, "d2:ip"u8, to);
        writer.Raw("1:rd"u8);
    }

    /// <summary>Writes our id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Id(ref BencodeWriter writer, in Id160 id)
    {
        writer.Raw("2:id20:"u8);
        Span<byte> bytes = writer.Take(20);
        if (!bytes.IsEmpty)
        {
            id.Write(bytes);
        }
    }

    /// <summary>Writes what stands behind the values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End(ref BencodeWriter writer, scoped ReadOnlySpan<byte> transaction)
    {
        writer.Raw("e1:t"u8);
        writer.String(transaction);
        writer.Raw(VersionToken);
        writer.Raw("re"u8);
    }

    /// <summary>Writes a whole error.</summary>
    public static void Error(ref BencodeWriter writer, in Endpoint to, scoped ReadOnlySpan<byte> transaction, KrpcError code, scoped ReadOnlySpan<byte> text)
    {
        writer.Raw("d1:el"u8);
        writer.Integer((int)code);
        writer.String(text);
        External(ref writer, "e2:ip"u8, to);
        writer.Raw("1:t"u8);
        writer.String(transaction);
        writer.Raw(VersionToken);
        writer.Raw("ee"u8);
    }

    private static void External(ref BencodeWriter writer, scoped ReadOnlySpan<byte> key, in Endpoint to)
    {
        writer.Raw(key);
        writer.Raw(to.IsV4 ? "6:"u8 : "18:"u8);
        Span<byte> bytes = writer.Take(to.CompactSize);
        if (!bytes.IsEmpty)
        {
            to.WriteCompact(bytes);
        }
    }
}
