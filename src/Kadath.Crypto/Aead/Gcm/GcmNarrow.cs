using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>AES-GCM with the 128-bit instructions that x86 and Arm have alike: eight blocks at a time, hashed by one reduction.</summary>
internal readonly unsafe struct GcmNarrow<TAes> : IGcmKernel
    where TAes : IAesInstructions
{
    private const int RunBytes = 128;

    public static GcmKeyMemory Expand(ReadOnlySpan<byte> key) => GcmKeyMemory.Create<TAes>(key);

    /// <inheritdoc/>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<byte> Process<TDirection>(
        GcmKeyMemory key, byte* nonce, byte* associatedData, int associatedLength, byte* input, byte* output, int length)
        where TDirection : IGcmDirection
    {
        var roundKeys = key.RoundKeys;
        var rounds = key.Rounds;
        var first = GcmCounter.First(nonce);
        var tagMask = AesSchedule.Encrypt<TAes>(first.AsByte(), roundKeys, rounds);
        var counter = GcmCounter.Swap(first);
        var hash = Ghash<TAes>.Append(default, associatedData, associatedLength, Vector128.Load((ulong*)key.PowersFor(1)));
        var rest = length;
        Span<byte> stream = stackalloc byte[RunBytes];
        fixed (byte* streamAt = stream)
        {
            for (; rest > 0; rest -= RunBytes, input += RunBytes, output += RunBytes)
            {
                KeyStream(ref counter, roundKeys, rounds, streamAt);
                var run = Math.Min(rest, RunBytes);
                hash = Combine<TDirection>(hash, input, output, run, streamAt, key.PowersFor((run + 15) / 16));
            }
        }

        Erase.Span(stream);
        var lengths = Vector128.Create((ulong)length, (ulong)associatedLength) << 3;
        hash = Ghash<TAes>.Multiply(hash ^ lengths, Vector128.Load((ulong*)key.PowersFor(1)));
        return Ghash<TAes>.Reverse(hash.AsByte()).AsByte() ^ tagMask;
    }

    /// <summary>Eight blocks of key stream.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KeyStream(ref Vector128<uint> counter, byte* roundKeys, int rounds, byte* stream)
    {
        var k = Vector128.LoadAligned(roundKeys);
        var b0 = GcmCounter.Next(ref counter) ^ k;
        var b1 = GcmCounter.Next(ref counter) ^ k;
        var b2 = GcmCounter.Next(ref counter) ^ k;
        var b3 = GcmCounter.Next(ref counter) ^ k;
        var b4 = GcmCounter.Next(ref counter) ^ k;
        var b5 = GcmCounter.Next(ref counter) ^ k;
        var b6 = GcmCounter.Next(ref counter) ^ k;
        var b7 = GcmCounter.Next(ref counter) ^ k;
        AesSchedule.FinishEight<TAes>(b0, b1, b2, b3, b4, b5, b6, b7, roundKeys, rounds, stream);
    }

    /// <summary>Adds the key stream to at most eight blocks and takes the ciphertext into the hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Combine<TDirection>(Vector128<ulong> hash, byte* input, byte* output, int length, byte* stream, byte* powers)
        where TDirection : IGcmDirection
    {
        Vector128<ulong> low = default, middle = default, high = default;
        for (; length >= 16; length -= 16, input += 16, output += 16, stream += 16, powers += 16)
        {
            var before = Vector128.Load(input);
            var after = before ^ Vector128.Load(stream);
            after.Store(output);
            Ghash<TAes>.Accumulate(Ghash<TAes>.Reverse(TDirection.Ciphertext(before, after)) ^ hash, Vector128.Load((ulong*)powers), ref low, ref middle, ref high);
            hash = default;
        }

        if (length > 0)
        {
            var before = PartialBlock.Load(input, length);
            var after = PartialBlock.Keep(before ^ Vector128.Load(stream), length);
            PartialBlock.Store(after, output, length);
            Ghash<TAes>.Accumulate(Ghash<TAes>.Reverse(TDirection.Ciphertext(before, after)) ^ hash, Vector128.Load((ulong*)powers), ref low, ref middle, ref high);
        }

        return Ghash<TAes>.Reduce(low, middle, high);
    }
}
