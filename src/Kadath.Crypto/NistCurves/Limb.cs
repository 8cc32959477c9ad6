using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kadath.Crypto;

/// <summary>Digits in radix 2^54, the limbs of <see cref="IResidue{TSelf}"/>.</summary>
internal static class Limb
{
    public const int Bits = 54;

    public const ulong Mask = (1UL << Bits) - 1;

    /// <summary>By how much each operand of a product is shifted left, so that the 128-bit product splits at bit 54: below 2^59 they must be.</summary>
    public const int Shift = (64 - Bits) / 2;

    /// <summary>x·y modulo 2^54, for shifted operands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Low(ulong x, ulong y) => (x * y) >> (2 * Shift);

    /// <summary>x·y / 2^54, for shifted operands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong High(ulong x, ulong y) => Word.MultiplyHigh(x, y);

    /// <summary>A column's excess over 54 bits. Columns may be negative, in two's complement.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Excess(ulong column) => (ulong)((long)column >> Bits);

    /// <summary>Reads a big-endian number of a multiple of eight bytes into limbs. Constant-time.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, Span<ulong> limbs)
    {
        for (var i = 0; i < limbs.Length; i++)
        {
            int word = i * Bits / 64, shift = (i * Bits) & 63;
            var limb = LittleEndianWord(bytes, word) >> shift;
            if (shift > 64 - Bits)
            {
                limb |= LittleEndianWord(bytes, word + 1) << (64 - shift);
            }

            limbs[i] = limb & Mask;
        }
    }

    /// <summary>Writes limbs below 2^54 as a big-endian number of a multiple of eight bytes. Constant-time.</summary>
    public static void Write(ReadOnlySpan<ulong> limbs, Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length / 8; i++)
        {
            int limb = i * 64 / Bits, shift = (i * 64) - (limb * Bits);
            var word = limbs[limb] >> shift;
            for (var taken = Bits - shift; taken < 64 && ++limb < limbs.Length; taken += Bits)
            {
                word |= limbs[limb] << taken;
            }

            BinaryPrimitives.WriteUInt64BigEndian(bytes[^(8 * (i + 1))..], word);
        }
    }

    /// <summary>limbs - modulus if that is not negative, else limbs, for limbs below 2^54 and a value below twice the modulus. Constant-time.</summary>
    public static void SubtractOnce(Span<ulong> limbs, ReadOnlySpan<ulong> modulus)
    {
        var borrow = 0UL;
        for (var i = 0; i < limbs.Length; i++)
        {
            borrow = Excess(limbs[i] - modulus[i] + borrow);
        }

        // The borrow is all ones where the modulus was the larger.
        ulong carry = 0, take = ~borrow;
        for (var i = 0; i < limbs.Length; i++)
        {
            carry += limbs[i] - (modulus[i] & take);
            limbs[i] = carry & Mask;
            carry = Excess(carry);
        }
    }

    private static ulong LittleEndianWord(ReadOnlySpan<byte> bytes, int index) =>
        index < bytes.Length / 8 ? BinaryPrimitives.ReadUInt64BigEndian(bytes[^(8 * (index + 1))..]) : 0;
}
