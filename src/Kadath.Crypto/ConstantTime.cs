using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Operations whose duration tells nothing about the contents of their inputs.</summary>
public static class ConstantTime
{
    /// <summary>Whether two byte strings are equal. Only their lengths, which are public, influence the duration.</summary>
    /// <remarks>Takes eight bytes at a time: a write token is compared for every announce, and the class library's comparison goes byte by byte.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        var difference = 0UL;
        for (; left.Length >= 8 && right.Length >= 8; left = left[8..], right = right[8..])
        {
            difference |= BinaryPrimitives.ReadUInt64LittleEndian(left) ^ BinaryPrimitives.ReadUInt64LittleEndian(right);
        }

        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            difference |= (uint)(left[i] ^ right[i]);
        }

        return difference == 0;
    }

    /// <summary>All bits set where two byte strings of the same length differ, none where they are equal: a mask for <see cref="Select"/>, never a condition.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static ulong DifferenceMask(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var difference = 0UL;
        for (; left.Length >= 8 && right.Length >= 8; left = left[8..], right = right[8..])
        {
            difference |= BinaryPrimitives.ReadUInt64LittleEndian(left) ^ BinaryPrimitives.ReadUInt64LittleEndian(right);
        }

        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            difference |= (uint)(left[i] ^ right[i]);
        }

        return 0UL - ((difference | (0UL - difference)) >> 63);
    }

    /// <summary>Copies one of two byte strings of the same length: <paramref name="ifSet"/> where all bits of the mask are set, <paramref name="ifClear"/> where none is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Select(ulong mask, ReadOnlySpan<byte> ifSet, ReadOnlySpan<byte> ifClear, Span<byte> chosen)
    {
        var bits = (byte)mask;
        for (var i = 0; i < chosen.Length; i++)
        {
            chosen[i] = (byte)(ifClear[i] ^ (bits & (ifSet[i] ^ ifClear[i])));
        }
    }
}
