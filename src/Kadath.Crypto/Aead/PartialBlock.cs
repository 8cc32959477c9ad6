using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Blocks of fewer than sixteen bytes.</summary>
internal static unsafe class PartialBlock
{
    /// <summary>The bytes, filled up with zeros. Reads no byte beyond them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* data, int length)
    {
        ulong low, high = 0;
        if (length >= 8)
        {
            low = *(ulong*)data;
            high = length == 8 ? 0 : *(ulong*)(data + length - 8) >> (8 * (16 - length));
        }
        else if (length >= 4)
        {
            low = *(uint*)data | ((ulong)*(uint*)(data + length - 4) << (8 * (length - 4)));
        }
        else
        {
            low = length == 0 ? 0 : data[0] | ((ulong)data[length / 2] << (8 * (length / 2))) | ((ulong)data[length - 1] << (8 * (length - 1)));
        }

        return Vector128.Create(low, high).AsByte();
    }

    /// <summary>Writes the first bytes of a block, and none beyond them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> block, byte* data, int length)
    {
        var low = block.AsUInt64().ToScalar();
        if (length >= 8)
        {
            *(ulong*)data = low;
            data += 8;
            length -= 8;
            low = block.AsUInt64().GetElement(1);
        }

        if (length >= 4)
        {
            *(uint*)data = (uint)low;
            data += 4;
            length -= 4;
            low >>= 32;
        }

        for (; length > 0; length--, low >>= 8)
        {
            *data++ = (byte)low;
        }
    }

    /// <summary>The first bytes of a block, the others zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Keep(Vector128<byte> block, int length) =>
        block & Vector128.GreaterThan(Vector128.Create((sbyte)length), Vector128<sbyte>.Indices).AsByte();
}
