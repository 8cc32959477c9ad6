using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.Intrinsics.X86.Avx2;

namespace Kadath.Crypto;

/// <summary>What is done to each coefficient by itself, and sampling.</summary>
internal sealed partial class Avx2MlKemRing
{
    // For each set of eight numbers kept, the bytes that move them together. Sixteen bytes a row.
    private readonly byte[] _compaction = Compaction();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void UnscaleAndAdd(Span<short> product, ReadOnlySpan<short> addend)
    {
        ref var p = ref Start(product);
        ref var a = ref Start(addend);
        var (scale, scaleOverQ) = (Vector256.Create(MontgomerySquare), Vector256.Create(unchecked((short)(MontgomerySquare * QInverse))));
        for (var i = 0; i < N; i += Vector)
        {
            Store(Normal(Montgomery(Load(ref p, i), scale, scaleOverQ) + Load(ref a, i)), ref p, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(Span<short> sum, ReadOnlySpan<short> addend)
    {
        ref var s = ref Start(sum);
        ref var a = ref Start(addend);
        for (var i = 0; i < N; i += Vector)
        {
            Store(Normal(Load(ref s, i) + Load(ref a, i)), ref s, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Subtract(Span<short> difference, ReadOnlySpan<short> subtrahend)
    {
        ref var d = ref Start(difference);
        ref var s = ref Start(subtrahend);
        for (var i = 0; i < N; i += Vector)
        {
            Store(Normal(Load(ref d, i) - Load(ref s, i)), ref d, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Normalize(Span<short> polynomial)
    {
        ref var p = ref Start(polynomial);
        for (var i = 0; i < N; i += Vector)
        {
            Store(Normal(Load(ref p, i)), ref p, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compress(Span<short> polynomial, int bits)
    {
        ref var p = ref Start(polynomial);
        var mask = Vector256.Create((short)((1 << bits) - 1));
        for (var i = 0; i < N; i += Vector)
        {
            var c = Load(ref p, i);
            Store((bits > 5 ? CompressFine(c, bits) : CompressCoarse(c, bits)) & mask, ref p, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decompress(Span<short> polynomial, int bits)
    {
        // The instruction halves, multiplies and rounds: (2^(15-d)·c·q + 2^14) / 2^15.
        ref var p = ref Start(polynomial);
        for (var i = 0; i < N; i += Vector)
        {
            Store(MultiplyHighRoundScale(Load(ref p, i) << (15 - bits), Vector256.Create(Q)), ref p, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SampleNoise(ReadOnlySpan<byte> random, int eta, Span<short> polynomial)
    {
        if (eta == 3)
        {
            SampleNoiseOfThree(random, polynomial);
            return;
        }

        ref var source = ref MemoryMarshal.GetReference(random[..(N / 2)]);
        ref var p = ref Start(polynomial);
        var (mask55, mask33, mask0F) = (Vector256.Create((byte)0x55), Vector256.Create((byte)0x33), Vector256.Create((byte)0x0f));
        for (var i = 0; i < N / 2; i += 32)
        {
            // Sums of two bits each, then their differences plus three, so that no borrow leaves a nibble.
            var bits = Vector256.LoadUnsafe(ref source, (nuint)i);
            var sums = (bits & mask55) + ((bits.AsUInt16() >>> 1).AsByte() & mask55);
            var nibbles = (sums & mask33) + mask33 - ((sums.AsUInt16() >>> 2).AsByte() & mask33);
            var even = (nibbles & mask0F).AsSByte() - Vector256.Create((sbyte)3);
            var odd = ((nibbles.AsUInt16() >>> 4).AsByte() & mask0F).AsSByte() - Vector256.Create((sbyte)3);
            var (low, high) = (UnpackLow(even, odd), UnpackHigh(even, odd));
            Store(ConvertToVector256Int16(low.GetLower()), ref p, 2 * i);
            Store(ConvertToVector256Int16(high.GetLower()), ref p, (2 * i) + 16);
            Store(ConvertToVector256Int16(low.GetUpper()), ref p, (2 * i) + 32);
            Store(ConvertToVector256Int16(high.GetUpper()), ref p, (2 * i) + 48);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SampleNoiseOfThree(ReadOnlySpan<byte> random, Span<short> polynomial)
    {
        ref var source = ref MemoryMarshal.GetReference(random[..((N / 4 * 3) + SampleInputSlack)]);
        ref var p = ref Start(polynomial);
        var triples = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
        var (firsts, fields, fours) = (Vector256.Create(0x249249), Vector256.Create(0x1c71c7), Vector256.Create(0x104104));
        var (low, high) = (Vector256.Create(7), Vector256.Create(7 << 16));
        for (var i = 0; i < N; i += 32)
        {
            // Twelve bytes are sixteen coefficients: four in each element. Sums of three bits, then their differences plus four.
            var at = (nuint)(i / 4 * 3);
            var bytes = Vector256.Create(Vector128.LoadUnsafe(ref source, at), Vector128.LoadUnsafe(ref source, at + 12));
            var bits = Shuffle(bytes, Vector256.Create(triples, triples)).AsInt32();
            var sums = (bits & firsts) + ((bits >>> 1) & firsts) + ((bits >>> 2) & firsts);
            var differences = (sums & fields) + fours - ((sums >>> 3) & fields);
            var first = ((differences & low) | ((differences << 10) & high)).AsInt16() - Vector256.Create((short)4);
            var second = (((differences >>> 12) & low) | ((differences >>> 2) & high)).AsInt16() - Vector256.Create((short)4);
            var (a, b) = (UnpackLow(first.AsInt32(), second.AsInt32()), UnpackHigh(first.AsInt32(), second.AsInt32()));
            Store(Permute2x128(a, b, 0x20).AsInt16(), ref p, i);
            Store(Permute2x128(a, b, 0x31).AsInt16(), ref p, i + Vector);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int SampleUniform(ReadOnlySpan<byte> random, int length, Span<short> polynomial, int filled)
    {
        ref var source = ref MemoryMarshal.GetReference(random[..(length + SampleInputSlack)]);
        ref var p = ref MemoryMarshal.GetReference(polynomial[..(N + SampleSlack)]);
        ref var compaction = ref MemoryMarshal.GetArrayDataReference(_compaction);
        var pairs = Vector128.Create((byte)0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11);
        var alignment = Vector128.Create((short)16, 1, 16, 1, 16, 1, 16, 1);
        for (var at = 0; at + 12 <= length && filled < N; at += 12)
        {
            // The first of two numbers is moved up so that one shift brings both into place.
            var words = Ssse3.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)at), pairs).AsInt16();
            var numbers = Sse2.MultiplyLow(words, alignment) >>> 4;
            var kept = Sse2.MoveMask(Sse2.PackSignedSaturate(Vector128.LessThan(numbers, Vector128.Create(Q)), Vector128<short>.Zero).AsByte());
            var together = Ssse3.Shuffle(numbers.AsByte(), Vector128.LoadUnsafe(ref compaction, (nuint)(16 * kept)));
            together.AsInt16().StoreUnsafe(ref p, (nuint)filled);
            filled += BitOperations.PopCount((uint)kept);
        }

        return Math.Min(filled, N);
    }

    private static byte[] Compaction()
    {
        var rows = new byte[256 * 16];
        for (var kept = 0; kept < 256; kept++)
        {
            var to = 16 * kept;
            for (var i = 0; i < 8; i++)
            {
                if (((kept >> i) & 1) != 0)
                {
                    (rows[to], rows[to + 1]) = ((byte)(2 * i), (byte)((2 * i) + 1));
                    to += 2;
                }
            }
        }

        return rows;
    }

    /// <summary>For ten or eleven bits: 8·20159·c in two halves, with the carry between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> CompressFine(Vector256<short> c, int bits)
    {
        var low = MultiplyLow(c, Vector256.Create(unchecked((short)(20159 << 3))));
        var biased = c + Vector256.Create((short)(bits == 10 ? 15 : 36));
        var high = MultiplyHigh(c << 3, Vector256.Create((short)20159));
        var carry = AndNot(low, low - biased) >>> 15;
        return MultiplyHighRoundScale(high - carry, Vector256.Create((short)(1 << (bits + 2))));
    }

    /// <summary>For one, four or five bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> CompressCoarse(Vector256<short> c, int bits) =>
        MultiplyHighRoundScale(MultiplyHigh(c, Vector256.Create((short)20159)), Vector256.Create((short)(1 << (bits + 5))));

    /// <summary>0 ≤ c &lt; q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Normal(Vector256<short> value)
    {
        var centred = Barrett(value);
        return centred + ((centred >> 15) & Vector256.Create(Q));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref short Start(ReadOnlySpan<short> polynomial) => ref Unsafe.AsRef(in MemoryMarshal.GetReference(polynomial[..N]));
}
