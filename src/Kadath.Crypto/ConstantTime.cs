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
}
