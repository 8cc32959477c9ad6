using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Polynomials and hints as bytes (FIPS 204 sections 7.1 and 7.2). Numbers of d bits lie one after the other, least significant bit first.</summary>
internal static class MlDsaEncoding
{
    // The longest group, of four numbers of twenty bits; a shorter one is followed by what the next one overwrites.
    private const int GroupBytes = sizeof(ulong) + sizeof(ushort);

    /// <summary>SimpleBitPack (algorithm 16): numbers of at most twenty bits, whose other bits are zero; four of them are d/2 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<int> numbers, int bits, Span<byte> bytes)
    {
        var size = bits / 2;
        bytes = bytes[..(numbers.Length / 4 * size)];
        Span<byte> last = stackalloc byte[GroupBytes];
        for (; numbers.Length >= 4; numbers = numbers[4..], bytes = bytes[size..])
        {
            var low = (uint)numbers[0] | ((ulong)(uint)numbers[1] << bits);
            var high = (uint)numbers[2] | ((ulong)(uint)numbers[3] << bits);
            scoped var group = bytes.Length < GroupBytes ? last : bytes;
            Unsafe.WriteUnaligned(ref group[0], low | (high << (2 * bits)));
            Unsafe.WriteUnaligned(ref group[sizeof(ulong)], (ushort)(high >> (64 - (2 * bits))));
            if (bytes.Length < GroupBytes)
            {
                last[..size].CopyTo(bytes);
            }
        }

        Erase.Span(last);
    }

    /// <summary>SimpleBitUnpack (algorithm 18) of as many numbers as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(ReadOnlySpan<byte> bytes, int bits, Span<int> numbers)
    {
        var size = bits / 2;
        var mask = (1 << bits) - 1;
        bytes = bytes[..(numbers.Length / 4 * size)];
        Span<byte> last = stackalloc byte[GroupBytes];
        for (; numbers.Length >= 4; numbers = numbers[4..], bytes = bytes[size..])
        {
            scoped var group = bytes;
            if (bytes.Length < GroupBytes)
            {
                bytes.CopyTo(last);
                group = last;
            }

            var low = Unsafe.ReadUnaligned<ulong>(in group[0]);
            var high = (low >> (2 * bits)) | ((ulong)Unsafe.ReadUnaligned<ushort>(in group[sizeof(ulong)]) << (64 - (2 * bits)));
            (numbers[0], numbers[1]) = ((int)low & mask, (int)(low >> bits) & mask);
            (numbers[2], numbers[3]) = ((int)high & mask, (int)(high >> bits) & mask);
        }

        Erase.Span(last);
    }

    /// <summary>The other half of BitPack and BitUnpack: b - c for each coefficient.</summary>
    public static void SubtractFrom(int minuend, Span<int> polynomials)
    {
        foreach (ref var c in MemoryMarshal.Cast<int, Vector256<int>>(polynomials))
        {
            c = Vector256.Create(minuend) - c;
        }
    }

    /// <summary>HintBitPack (algorithm 20).</summary>
    /// <param name="hints">Polynomials of 0 and 1, with at most as many ones as <paramref name="bytes"/> has room for.</param>
    /// <param name="count">How many polynomials.</param>
    /// <param name="bytes">ω + k bytes.</param>
    public static void PackHints(ReadOnlySpan<int> hints, int count, Span<byte> bytes)
    {
        bytes.Clear();
        var index = 0;
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < MlDsaParameters.N; j++)
            {
                if (hints[(i * MlDsaParameters.N) + j] != 0)
                {
                    bytes[index++] = (byte)j;
                }
            }

            bytes[^count..][i] = (byte)index;
        }
    }

    /// <summary>HintBitUnpack (algorithm 21). False for anything but the one encoding that <see cref="PackHints"/> gives.</summary>
    public static bool TryUnpackHints(ReadOnlySpan<byte> bytes, int count, Span<int> hints)
    {
        hints.Clear();
        var (omega, index) = (bytes.Length - count, 0);
        for (var i = 0; i < count; i++)
        {
            int end = bytes[omega + i];
            if (end < index || end > omega)
            {
                return false;
            }

            for (var first = index; index < end; index++)
            {
                if (index > first && bytes[index - 1] >= bytes[index])
                {
                    return false;
                }

                hints[(i * MlDsaParameters.N) + bytes[index]] = 1;
            }
        }

        return !bytes[index..omega].ContainsAnyExcept((byte)0);
    }
}
