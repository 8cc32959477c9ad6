using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>
/// GHASH (NIST SP 800-38D section 6.4) with a carry-less multiplier. Blocks are byte-reversed, and the hash key is doubled once, so that
/// products of reflected polynomials need no shift (Gueron and Kounavis, 2010).
/// </summary>
internal static unsafe class Ghash<TAes>
    where TAes : IAesInstructions
{
    // x^128 + x^127 + x^126 + x^121 + 1: the field's polynomial, reflected, without its ends.
    private const ulong Polynomial = 0xc200000000000000;

    /// <summary>Writes the powers of the hash key from the highest down to the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WritePowers(Vector128<byte> hashKey, byte* powers)
    {
        var reversed = Reverse(hashKey);
        ulong low = reversed.ToScalar(), high = reversed.GetElement(1);
        var carry = 0 - (high >> 63);
        var first = Vector128.Create(low << 1, (high << 1) | (low >> 63)) ^ Vector128.Create(carry & 1, carry & Polynomial);
        var power = first;
        for (var i = GcmKeyMemory.PowerCount - 1; i >= 0; i--)
        {
            power.Store((ulong*)(powers + (16 * i)));
            power = Multiply(power, first);
        }
    }

    /// <summary>Takes whole blocks and a last one filled up with zeros into the hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Append(Vector128<ulong> hash, byte* data, int length, Vector128<ulong> hashKey)
    {
        for (; length >= 16; length -= 16, data += 16)
        {
            hash = Multiply(hash ^ Reverse(Vector128.Load(data)), hashKey);
        }

        return length == 0 ? hash : Multiply(hash ^ Reverse(PartialBlock.Load(data, length)), hashKey);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Reverse(Vector128<byte> block) =>
        Vector128.ShuffleNative(block, Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Multiply(Vector128<ulong> left, Vector128<ulong> right) =>
        Reduce(TAes.MultiplyLower(left, right), TAes.MultiplyCross(left, right) ^ TAes.MultiplyCross(right, left), TAes.MultiplyUpper(left, right));

    /// <summary>Adds the product of a block and a power to a sum that is not reduced yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(
        Vector128<ulong> block, Vector128<ulong> power, ref Vector128<ulong> low, ref Vector128<ulong> middle, ref Vector128<ulong> high)
    {
        low ^= TAes.MultiplyLower(block, power);
        middle ^= TAes.MultiplyCross(block, power) ^ TAes.MultiplyCross(power, block);
        high ^= TAes.MultiplyUpper(block, power);
    }

    /// <summary>The sum low + middle·x^64 + high·x^128, modulo the field's polynomial.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Reduce(Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        var polynomial = Vector128.Create(0, Polynomial);
        middle = Swap(middle);
        low ^= middle & Vector128.Create(0, ulong.MaxValue);
        high ^= middle & Vector128.Create(ulong.MaxValue, 0);
        low = Swap(low) ^ TAes.MultiplyCross(low, polynomial);
        low = Swap(low) ^ TAes.MultiplyCross(low, polynomial);
        return low ^ high;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Swap(Vector128<ulong> value) => Vector128.Shuffle(value, Vector128.Create(1UL, 0));
}
