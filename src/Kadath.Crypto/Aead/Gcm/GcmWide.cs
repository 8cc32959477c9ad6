using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesSet = System.Runtime.Intrinsics.X86.Aes;

namespace Kadath.Crypto;

/// <summary>
/// AES-GCM with AES-NI, 512-bit vectors and the 512-bit carry-less multiplier: eight blocks at a time, hashed by one reduction. The
/// processor overlaps the hash of one run with the encryption of the next, because neither waits for the other.
/// </summary>
internal readonly unsafe struct GcmWide : IGcmKernel
{
    private const int RunBytes = 128, VectorBytes = 64;

    public static bool IsSupported => X86AesInstructions.IsSupported && Pclmulqdq.V512.IsSupported && Avx512BW.IsSupported;

    public static GcmKeyMemory Expand(ReadOnlySpan<byte> key) => GcmKeyMemory.Create<X86AesInstructions>(key);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<byte> Process<TDirection>(
        GcmKeyMemory key, byte* nonce, byte* associatedData, int associatedLength, byte* input, byte* output, int length)
        where TDirection : IGcmDirection
    {
        byte* roundKeys = key.RoundKeys, powers = key.PowersFor(8);
        var rounds = key.Rounds;
        var first = GcmCounter.First(nonce);
        var tagMask = AesSchedule.Encrypt<X86AesInstructions>(first.AsByte(), roundKeys, rounds);
        var counter = GcmCounter.Swap(first);
        var counters = Vector512.Create(Vector256.Create(counter, counter), Vector256.Create(counter, counter)) + Vector512.Create(0u, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4);
        var hash = Ghash<X86AesInstructions>.Append(default, associatedData, associatedLength, Vector128.Load((ulong*)key.PowersFor(1)));
        var sum = default(WideSum);
        var rest = length;
        for (; rest >= RunBytes; rest -= RunBytes, input += RunBytes, output += RunBytes)
        {
            KeyStream(ref counters, roundKeys, rounds, out var stream0, out var stream1);
            Vector512<byte> in0 = Vector512.Load(input), in1 = Vector512.Load(input + VectorBytes);
            Vector512<byte> out0 = in0 ^ stream0, out1 = in1 ^ stream1;
            out0.Store(output);
            out1.Store(output + VectorBytes);
            sum.Start(Reverse(TDirection.Ciphertext(in0, out0)) ^ hash.ToVector256().ToVector512(), Vector512.LoadAligned((ulong*)powers));
            sum.Add(Reverse(TDirection.Ciphertext(in1, out1)), Vector512.LoadAligned((ulong*)(powers + VectorBytes)));
            hash = sum.Reduce();
        }

        var lengths = Vector128.Create((ulong)length, (ulong)associatedLength) << 3;
        if (rest == 0)
        {
            hash = Ghash<X86AesInstructions>.Multiply(hash ^ lengths, Vector128.Load((ulong*)key.PowersFor(1)));
            return Ghash<X86AesInstructions>.Reverse(hash.AsByte()).AsByte() ^ tagMask;
        }

        // The last run is masked, and hashed together with the block of lengths.
        KeyStream(ref counters, roundKeys, rounds, out var last0, out var last1);
        Vector512<byte> mask0 = Mask(rest), mask1 = Mask(rest - VectorBytes);
        Vector512<byte> rest0 = Avx512BW.MaskLoad(input, mask0, default), rest1 = Avx512BW.MaskLoad(input + VectorBytes, mask1, default);
        Vector512<byte> done0 = (rest0 ^ last0) & mask0, done1 = (rest1 ^ last1) & mask1;
        Avx512BW.MaskStore(output, mask0, done0);
        Avx512BW.MaskStore(output + VectorBytes, mask1, done1);
        powers = key.PowersFor(((rest + 15) / 16) + 1);
        sum.Start(Reverse(TDirection.Ciphertext(rest0, done0)) ^ hash.ToVector256().ToVector512(), Vector512.Load((ulong*)powers));
        sum.Add(Reverse(TDirection.Ciphertext(rest1, done1)), Vector512.Load((ulong*)(powers + VectorBytes)));
        sum.Add(lengths, Vector128.Load((ulong*)key.PowersFor(1)));
        return Ghash<X86AesInstructions>.Reverse(sum.Reduce().AsByte()).AsByte() ^ tagMask;
    }

    /// <summary>Eight blocks of key stream: 128-bit instructions, because .NET has no wider ones for AES; eight hide the latency of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KeyStream(ref Vector512<uint> counters, byte* roundKeys, int rounds, out Vector512<byte> stream0, out Vector512<byte> stream1)
    {
        Vector512<byte> low = Swap(counters), high = Swap(counters + Vector512.Create(0u, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4));
        counters += Vector512.Create(0u, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 8);
        var k = Vector128.LoadAligned(roundKeys);
        Vector256<byte> low0 = low.GetLower(), low1 = low.GetUpper(), high0 = high.GetLower(), high1 = high.GetUpper();
        Vector128<byte> b0 = low0.GetLower() ^ k, b1 = low0.GetUpper() ^ k, b2 = low1.GetLower() ^ k, b3 = low1.GetUpper() ^ k;
        Vector128<byte> b4 = high0.GetLower() ^ k, b5 = high0.GetUpper() ^ k, b6 = high1.GetLower() ^ k, b7 = high1.GetUpper() ^ k;
        for (var round = 1; round < rounds; round++)
        {
            k = Vector128.LoadAligned(roundKeys + (16 * round));
            b0 = AesSet.Encrypt(b0, k);
            b1 = AesSet.Encrypt(b1, k);
            b2 = AesSet.Encrypt(b2, k);
            b3 = AesSet.Encrypt(b3, k);
            b4 = AesSet.Encrypt(b4, k);
            b5 = AesSet.Encrypt(b5, k);
            b6 = AesSet.Encrypt(b6, k);
            b7 = AesSet.Encrypt(b7, k);
        }

        k = Vector128.LoadAligned(roundKeys + (16 * rounds));
        stream0 = Join(AesSet.EncryptLast(b0, k), AesSet.EncryptLast(b1, k), AesSet.EncryptLast(b2, k), AesSet.EncryptLast(b3, k));
        stream1 = Join(AesSet.EncryptLast(b4, k), AesSet.EncryptLast(b5, k), AesSet.EncryptLast(b6, k), AesSet.EncryptLast(b7, k));
    }

    /// <summary>Four blocks in one vector; by insertion into the first, so that no instruction waits for an older value of the register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Join(Vector128<byte> b0, Vector128<byte> b1, Vector128<byte> b2, Vector128<byte> b3) =>
        b0.ToVector256Unsafe().WithUpper(b1).ToVector512Unsafe().WithUpper(b2.ToVector256Unsafe().WithUpper(b3));

    /// <summary>Ones in the bytes before <paramref name="length"/>, which may lie outside the vector on either side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Mask(int length) =>
        Vector512.GreaterThan(Vector512.Create((sbyte)Math.Clamp(length, 0, VectorBytes)), Vector512<sbyte>.Indices).AsByte();

    /// <summary>Counter blocks from the form in which they are counted up (<see cref="GcmCounter.Swap"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Swap(Vector512<uint> counters) => Avx512BW.Shuffle(counters.AsByte(), Vector512.Create(
        (byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Reverse(Vector512<byte> blocks) => Avx512BW.Shuffle(blocks, Vector512.Create(
        (byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
        15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)).AsUInt64();

    /// <summary>Products of four blocks each with four powers, not yet added across the lanes nor reduced.</summary>
    private struct WideSum
    {
        private Vector512<ulong> _low, _middle, _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Start(Vector512<ulong> blocks, Vector512<ulong> powers)
        {
            _low = Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x00);
            _middle = Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x10);
            _high = Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x11);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector512<ulong> blocks, Vector512<ulong> powers)
        {
            _low ^= Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x00);
            _middle ^= Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x10);
            _high ^= Pclmulqdq.V512.CarrylessMultiply(blocks, powers, 0x11);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<ulong> block, Vector128<ulong> power) =>
            Add(block.ToVector256().ToVector512(), power.ToVector256().ToVector512());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector128<ulong> Reduce() => Ghash<X86AesInstructions>.Reduce(Fold(_low), Fold(_middle), Fold(_high));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<ulong> Fold(Vector512<ulong> lanes)
        {
            var half = lanes.GetLower() ^ lanes.GetUpper();
            return half.GetLower() ^ half.GetUpper();
        }
    }
}
