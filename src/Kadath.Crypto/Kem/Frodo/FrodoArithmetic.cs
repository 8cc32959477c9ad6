using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Matrices of numbers modulo 2^16, of which q's bits count: noise, products and bytes. Row by row; secrets of 8 by N.</summary>
/// <remarks>Vectors of the class library, in instructions where the processor has them. No branch or index depends on a number.</remarks>
internal static class FrodoArithmetic
{
    private const int Columns = FrodoParameters.Columns;

    /// <summary>Frodo.SampleMatrix: each random number becomes one of noise, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SampleNoise(ReadOnlySpan<ushort> distribution, Span<ushort> numbers)
    {
        foreach (ref var number in MemoryMarshal.Cast<ushort, Vector256<ushort>>(numbers))
        {
            // The upper fifteen bits against each bound; the lowest is the sign.
            var random = number >>> 1;
            var size = Vector256<ushort>.Zero;
            foreach (var bound in distribution)
            {
                size += (Vector256.Create(bound) - random) >>> 15;
            }

            var sign = Vector256<ushort>.Zero - (number & Vector256<ushort>.One);
            number = (size ^ sign) - sign;
        }
    }

    /// <summary>Eight rows of A·S, added to <paramref name="sums"/>, 8 by 8.</summary>
    /// <param name="rows">Eight rows of N.</param>
    /// <param name="transposed">Sᵀ, 8 by N.</param>
    /// <param name="sums">A row for each row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddRowProducts(ReadOnlySpan<ushort> rows, ReadOnlySpan<ushort> transposed, Span<ushort> sums)
    {
        var n = rows.Length / Columns;
        ref var s = ref MemoryMarshal.GetReference(transposed[..(Columns * n)]);
        for (var i = 0; i < Columns; i++)
        {
            ref var row = ref MemoryMarshal.GetReference(rows[(i * n)..]);
            for (var k = 0; k < Columns; k += 4)
            {
                ref var column = ref Unsafe.Add(ref s, k * n);
                Vector256<ushort> a = default, b = default, c = default, d = default;
                for (var j = 0; j < n; j += Vector256<ushort>.Count)
                {
                    var x = Vector256.LoadUnsafe(ref row, (nuint)j);
                    a += x * Vector256.LoadUnsafe(ref column, (nuint)j);
                    b += x * Vector256.LoadUnsafe(ref column, (nuint)(j + n));
                    c += x * Vector256.LoadUnsafe(ref column, (nuint)(j + (2 * n)));
                    d += x * Vector256.LoadUnsafe(ref column, (nuint)(j + (3 * n)));
                }

                var at = (i * Columns) + k;
                (sums[at], sums[at + 1]) = ((ushort)(sums[at] + Vector256.Sum(a)), (ushort)(sums[at + 1] + Vector256.Sum(b)));
                (sums[at + 2], sums[at + 3]) = ((ushort)(sums[at + 2] + Vector256.Sum(c)), (ushort)(sums[at + 3] + Vector256.Sum(d)));
            }
        }
    }

    /// <summary>The part of S'·A that eight rows of A make, added to <paramref name="sums"/>, 8 by N.</summary>
    /// <param name="secret">S', 8 by N.</param>
    /// <param name="firstRow">The first of the rows.</param>
    /// <param name="rows">Eight rows of A.</param>
    /// <param name="sums">The product.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddColumnProducts(ReadOnlySpan<ushort> secret, int firstRow, ReadOnlySpan<ushort> rows, Span<ushort> sums)
    {
        var n = rows.Length / Columns;
        ref var a = ref MemoryMarshal.GetReference(rows);
        for (var k = 0; k < Columns; k++)
        {
            var factors = secret.Slice((k * n) + firstRow, Columns);
            Vector256<ushort> f0 = Vector256.Create(factors[0]), f1 = Vector256.Create(factors[1]), f2 = Vector256.Create(factors[2]);
            Vector256<ushort> f3 = Vector256.Create(factors[3]), f4 = Vector256.Create(factors[4]), f5 = Vector256.Create(factors[5]);
            Vector256<ushort> f6 = Vector256.Create(factors[6]), f7 = Vector256.Create(factors[7]);
            ref var sum = ref MemoryMarshal.GetReference(sums.Slice(k * n, n));
            for (var j = 0; j < n; j += Vector256<ushort>.Count)
            {
                var even = (Row(ref a, 0, n, j) * f0) + (Row(ref a, 2, n, j) * f2) + (Row(ref a, 4, n, j) * f4) + (Row(ref a, 6, n, j) * f6);
                var odd = (Row(ref a, 1, n, j) * f1) + (Row(ref a, 3, n, j) * f3) + (Row(ref a, 5, n, j) * f5) + (Row(ref a, 7, n, j) * f7);
                (Vector256.LoadUnsafe(ref sum, (nuint)j) + even + odd).StoreUnsafe(ref sum, (nuint)j);
            }
        }
    }

    /// <summary>S'·B, added to <paramref name="sums"/>, 8 by 8. B is N by 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddSquareProduct(ReadOnlySpan<ushort> secret, ReadOnlySpan<ushort> matrix, Span<ushort> sums)
    {
        var n = matrix.Length / Columns;
        ref var rows = ref MemoryMarshal.GetReference(matrix);
        for (var k = 0; k < Columns; k++)
        {
            var sum = Vector128.LoadUnsafe(ref sums[k * Columns]);
            for (var i = 0; i < n; i++)
            {
                sum += Vector128.Create(secret[(k * n) + i]) * Vector128.LoadUnsafe(ref rows, (nuint)(i * Columns));
            }

            sum.StoreUnsafe(ref sums[k * Columns]);
        }
    }

    /// <summary>Frodo.Encode, added to a matrix of 8 by 8.</summary>
    public static void AddMessage(FrodoParameters parameters, ReadOnlySpan<byte> message, Span<ushort> square)
    {
        var (bits, position) = (parameters.EncodedBits, 0);
        foreach (ref var number in square)
        {
            var value = 0;
            for (var i = 0; i < bits; i++, position++)
            {
                value |= ((message[position >> 3] >> (position & 7)) & 1) << i;
            }

            number += (ushort)(value << (parameters.ModulusBits - bits));
        }
    }

    /// <summary>Frodo.Decode: the closest message.</summary>
    public static void ReadMessage(FrodoParameters parameters, ReadOnlySpan<ushort> square, Span<byte> message)
    {
        var (bits, position) = (parameters.EncodedBits, 0);
        var shift = parameters.ModulusBits - bits;
        message.Clear();
        foreach (var number in square)
        {
            var value = (number + (1 << (shift - 1))) >> shift;
            for (var i = 0; i < bits; i++, position++)
            {
                message[position >> 3] |= (byte)(((value >> i) & 1) << (position & 7));
            }
        }
    }

    /// <summary>Frodo.Pack: the numbers' low bits one after the other, most significant first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(int bits, ReadOnlySpan<ushort> numbers, Span<byte> bytes)
    {
        var mask = (1UL << bits) - 1;
        for (; numbers.Length >= 8; numbers = numbers[8..], bytes = bytes[bits..])
        {
            // Eight numbers are as many bytes as a number has bits; the first four and the last four end on half bytes.
            var first = Join(numbers[..4], bits, mask);
            var all = ((UInt128)first << (4 * bits)) | Join(numbers[4..8], bits, mask);
            all <<= 128 - (8 * bits);
            BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)(all >> 64));
            var rest = (ulong)all;
            for (var i = 8; i < bits; i++, rest <<= 8)
            {
                bytes[i] = (byte)(rest >> 56);
            }
        }
    }

    /// <summary>Frodo.Unpack of as many numbers as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(int bits, ReadOnlySpan<byte> bytes, Span<ushort> numbers)
    {
        var mask = (ushort)((1 << bits) - 1);
        for (; numbers.Length >= 8; numbers = numbers[8..], bytes = bytes[bits..])
        {
            var rest = 0UL;
            for (var i = 8; i < bits; i++)
            {
                rest = (rest << 8) | bytes[i];
            }

            var all = ((UInt128)BinaryPrimitives.ReadUInt64BigEndian(bytes) << ((8 * bits) - 64)) | rest;
            for (var i = 7; i >= 0; i--, all >>= bits)
            {
                numbers[i] = (ushort)((ushort)all & mask);
            }
        }
    }

    private static ulong Join(ReadOnlySpan<ushort> numbers, int bits, ulong mask) =>
        ((numbers[0] & mask) << (3 * bits)) | ((numbers[1] & mask) << (2 * bits)) | ((numbers[2] & mask) << bits) | (numbers[3] & mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Row(ref ushort rows, int row, int n, int column) => Vector256.LoadUnsafe(ref rows, (nuint)((row * n) + column));
}
