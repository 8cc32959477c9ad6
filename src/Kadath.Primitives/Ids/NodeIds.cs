namespace Kadath.Primitives;

/// <summary>What follows for every id type from <see cref="INodeId{TSelf}"/>.</summary>
public static class NodeIds
{
    /// <summary>Length of the common prefix in bits; the id size if both are equal.</summary>
    public static int CommonPrefix<TId>(in TId a, in TId b) where TId : unmanaged, INodeId<TId> => TId.LeadingZeros(TId.Xor(a, b));

    /// <summary>Compares the distances of <paramref name="a"/> and <paramref name="b"/> to <paramref name="target"/>: negative if a is closer.</summary>
    public static int CompareDistance<TId>(in TId target, in TId a, in TId b) where TId : unmanaged, INodeId<TId>
    {
        ulong highA = a.High ^ target.High, highB = b.High ^ target.High;
        return highA != highB ? highA.CompareTo(highB) : TId.Compare(TId.Xor(a, target), TId.Xor(b, target));
    }

    /// <summary>A uniformly random id.</summary>
    public static TId Random<TId>(EntropyStream entropy) where TId : unmanaged, INodeId<TId>
    {
        Span<byte> bytes = stackalloc byte[TId.Size];
        entropy.Fill(bytes);
        return TId.Read(bytes);
    }

    /// <summary>A random id that shares exactly <paramref name="depth"/> leading bits with <paramref name="self"/>: a target in bucket <paramref name="depth"/>.</summary>
    public static TId RandomAtDepth<TId>(in TId self, int depth, EntropyStream entropy) where TId : unmanaged, INodeId<TId>
    {
        TId random = Random<TId>(entropy);
        return depth >= TId.Bits ? self : TId.Splice(TId.Flip(self, depth), random, depth + 1);
    }

    /// <summary>Lower-case hexadecimal digits.</summary>
    public static string ToHex<TId>(in TId id) where TId : unmanaged, INodeId<TId>
    {
        Span<byte> bytes = stackalloc byte[TId.Size];
        id.Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Parses exactly twice <c>Size</c> hexadecimal digits of either case.</summary>
    public static bool TryParseHex<TId>(ReadOnlySpan<char> text, out TId id) where TId : unmanaged, INodeId<TId>
    {
        Span<byte> bytes = stackalloc byte[TId.Size];
        bool ok = text.Length == 2 * TId.Size && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        id = ok ? TId.Read(bytes) : default;
        return ok;
    }
}
