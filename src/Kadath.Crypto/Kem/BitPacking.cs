using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>ByteEncode and ByteDecode of FIPS 203 section 4.2.1: numbers of d bits one after the other, least significant bit first.</summary>
/// <remarks>Eight numbers are d bytes: two words of four numbers of 16 bits are squeezed to 4d bits each. No branch or index depends on a number.</remarks>
internal static class BitPacking
{
    /// <summary>Writes the low <paramref name="bits"/> bits of each number; their other bits must be zero. The count of numbers is a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<short> numbers, int bits, Span<byte> bytes)
    {
        var mask = Mask(bits);
        bytes = bytes[..(numbers.Length / 8 * bits)];
        var words = MemoryMarshal.Cast<short, ulong>(numbers);
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            var (low, high) = (Squeeze(words[i], mask, bits), Squeeze(words[i + 1], mask, bits));
            var all = low | ((UInt128)high << (4 * bits));
            var group = bytes[..bits];
            bytes = bytes[bits..];
            if (bits >= 8)
            {
                Unsafe.WriteUnaligned(ref group[0], (ulong)all);
                all >>= 64;
                group = group[8..];
            }

            var rest = (ulong)all;
            for (var j = 0; j < group.Length; j++, rest >>= 8)
            {
                group[j] = (byte)rest;
            }
        }
    }

    /// <summary>Reads as many numbers as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(ReadOnlySpan<byte> bytes, int bits, Span<short> numbers)
    {
        var mask = Mask(bits);
        bytes = bytes[..(numbers.Length / 8 * bits)];
        var words = MemoryMarshal.Cast<short, ulong>(numbers);
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            UInt128 all = 0;
            var group = bytes[..bits];
            bytes = bytes[bits..];
            var shift = 0;
            if (bits >= 8)
            {
                all = Unsafe.ReadUnaligned<ulong>(in group[0]);
                group = group[8..];
                shift = 64;
            }

            var rest = 0UL;
            for (var j = 0; j < group.Length; j++)
            {
                rest |= (ulong)group[j] << (8 * j);
            }

            all |= (UInt128)rest << shift;
            words[i] = Spread((ulong)all, mask, bits);
            words[i + 1] = Spread((ulong)(all >> (4 * bits)), mask, bits);
        }
    }

    private static ulong Mask(int bits) => ((1UL << bits) - 1) * 0x0001_0001_0001_0001;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Squeeze(ulong word, ulong mask, int bits)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.ParallelBitExtract(word, mask);
        }

        var number = mask & 0xffff;
        return (word & number) | (((word >> 16) & number) << bits) | (((word >> 32) & number) << (2 * bits)) | ((word >> 48) << (3 * bits));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Spread(ulong word, ulong mask, int bits)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.ParallelBitDeposit(word, mask);
        }

        var number = mask & 0xffff;
        return (word & number) | (((word >> bits) & number) << 16) | (((word >> (2 * bits)) & number) << 32) | (((word >> (3 * bits)) & number) << 48);
    }
}
