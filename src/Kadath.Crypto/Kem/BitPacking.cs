using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Kadath.Crypto;

/// <summary>ByteEncode and ByteDecode of FIPS 203 section 4.2.1: numbers of d bits one after the other, least significant bit first.</summary>
/// <remarks>Eight numbers are d bytes: two words of four numbers of 16 bits are squeezed to 4d bits each. No branch or index depends on a number.</remarks>
internal static class BitPacking
{
    // The longest group, of eight numbers of twelve bits; a shorter one is followed by what the next one overwrites.
    private const int GroupBytes = sizeof(ulong) + sizeof(uint);

    /// <summary>Writes the low <paramref name="bits"/> bits of each number, at most twelve; their other bits must be zero. The count of numbers is a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<short> numbers, int bits, Span<byte> bytes)
    {
        var mask = Mask(bits);
        bytes = bytes[..(numbers.Length / 8 * bits)];
        var words = MemoryMarshal.Cast<short, ulong>(numbers);
        Span<byte> last = stackalloc byte[GroupBytes];
        for (var i = 0; i + 1 < words.Length; i += 2, bytes = bytes[bits..])
        {
            var (low, high) = (Squeeze(words[i], mask, bits), Squeeze(words[i + 1], mask, bits));
            scoped var group = bytes.Length < GroupBytes ? last : bytes;
            Unsafe.WriteUnaligned(ref group[0], low | (high << (4 * bits)));
            Unsafe.WriteUnaligned(ref group[sizeof(ulong)], (uint)(high >> (64 - (4 * bits))));
            if (bytes.Length < GroupBytes)
            {
                last[..bits].CopyTo(bytes);
            }
        }

        Erase.Span(last);
    }

    /// <summary>Reads as many numbers as there is room for, of at most twelve bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(ReadOnlySpan<byte> bytes, int bits, Span<short> numbers)
    {
        var mask = Mask(bits);
        bytes = bytes[..(numbers.Length / 8 * bits)];
        var words = MemoryMarshal.Cast<short, ulong>(numbers);
        Span<byte> last = stackalloc byte[GroupBytes];
        for (var i = 0; i + 1 < words.Length; i += 2, bytes = bytes[bits..])
        {
            scoped var group = bytes;
            if (bytes.Length < GroupBytes)
            {
                bytes.CopyTo(last);
                group = last;
            }

            var first = Unsafe.ReadUnaligned<ulong>(in group[0]);
            var second = Unsafe.ReadUnaligned<uint>(in group[sizeof(ulong)]);
            words[i] = Spread(first & ((1UL << (4 * bits)) - 1), mask, bits);
            words[i + 1] = Spread((first >> (4 * bits)) | ((ulong)second << (64 - (4 * bits))), mask, bits);
        }

        Erase.Span(last);
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
        return (word & number) | (((word >> bits) & number) << 16) | (((word >> (2 * bits)) & number) << 32) | ((word >> (3 * bits)) << 48 & mask);
    }
}
