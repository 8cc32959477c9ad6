using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>Round keys of AES for the processor's instructions.</summary>
internal sealed unsafe class AesRoundKeys<TAes>
    where TAes : IAesInstructions
{
    private readonly PinnedSecret _memory = new(AesSchedule.MaxBytes);

    public AesRoundKeys(ReadOnlySpan<byte> key)
    {
        Rounds = AesSchedule.Rounds(key.Length);
        AesSchedule.Expand<TAes>(key, _memory.Start);
    }

    public int Rounds { get; }

    public byte* Start => _memory.Start;

    public void Erase() => _memory.Erase();
}

/// <summary>A key of AES in counter mode, by the processor's instructions.</summary>
internal sealed unsafe class AesCounterModeKey<TAes>(ReadOnlySpan<byte> key) : CounterModeKey
    where TAes : IAesInstructions
{
    private const int RunBytes = 128;

    private readonly AesRoundKeys<TAes> _key = new(key);

    [SkipLocalsInit]
    private protected override void ApplyCore(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(counter), low = BinaryPrimitives.ReadUInt64BigEndian(counter[8..]);
        Span<byte> stream = stackalloc byte[RunBytes];
        fixed (byte* inputAt = input, outputAt = output, streamAt = stream)
        {
            for (var at = 0; at < input.Length; at += RunBytes)
            {
                WriteRun(high, low, _key.Start, _key.Rounds, streamAt);
                Add(streamAt, inputAt + at, outputAt + at, Math.Min(RunBytes, input.Length - at));
                low += RunBytes / BlockBytes;
                high += low < RunBytes / BlockBytes ? 1UL : 0;
            }
        }

        GC.KeepAlive(_key); // The rounds hold its address only.
        Erase.Span(stream);
    }

    private protected override void EraseKey() => _key.Erase();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteRun(ulong high, ulong low, byte* roundKeys, int rounds, byte* stream)
    {
        var k = Vector128.LoadAligned(roundKeys);
        AesSchedule.FinishEight<TAes>(
            Counter(high, low, 0) ^ k, Counter(high, low, 1) ^ k, Counter(high, low, 2) ^ k, Counter(high, low, 3) ^ k,
            Counter(high, low, 4) ^ k, Counter(high, low, 5) ^ k, Counter(high, low, 6) ^ k, Counter(high, low, 7) ^ k, roundKeys, rounds, stream);
    }

    /// <summary>The number as a block; the carry by logic, though a counter is no secret.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Counter(ulong high, ulong low, ulong ahead)
    {
        var sum = low + ahead;
        return Vector128.Create(BinaryPrimitives.ReverseEndianness(high + ((low & ~sum) >> 63)), BinaryPrimitives.ReverseEndianness(sum)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(byte* stream, byte* input, byte* output, int length)
    {
        for (; length >= BlockBytes; length -= BlockBytes, stream += BlockBytes, input += BlockBytes, output += BlockBytes)
        {
            (Vector128.Load(input) ^ Vector128.Load(stream)).Store(output);
        }

        if (length > 0)
        {
            PartialBlock.Store(PartialBlock.Load(input, length) ^ Vector128.Load(stream), output, length);
        }
    }
}

/// <summary>A key of header protection with AES, by the processor's instructions.</summary>
internal sealed unsafe class AesHeaderProtectionKey<TAes>(ReadOnlySpan<byte> key) : HeaderProtectionKey
    where TAes : IAesInstructions
{
    private readonly AesRoundKeys<TAes> _key = new(key);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override void ComputeMaskCore(ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        var block = AesSchedule.Encrypt<TAes>(Vector128.Create(sample), _key.Start, _key.Rounds);
        GC.KeepAlive(_key); // The rounds hold its address only.
        BinaryPrimitives.WriteUInt32LittleEndian(mask, block.AsUInt32().ToScalar());
        mask[4] = block.GetElement(4);
    }

    private protected override void EraseKey() => _key.Erase();
}

/// <summary>A key of AES in counter mode without instructions for it.</summary>
internal sealed class BitslicedCounterModeKey(ReadOnlySpan<byte> key) : CounterModeKey
{
    private readonly BitslicedKey _key = new(key);

    private protected override void ApplyCore(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> input, Span<byte> output) =>
        _key.AddKeyStream(counter, input, output);

    private protected override void EraseKey() => _key.Erase();
}

/// <summary>A key of header protection without instructions for AES.</summary>
internal sealed class BitslicedHeaderProtectionKey(ReadOnlySpan<byte> key) : HeaderProtectionKey
{
    private readonly BitslicedKey _key = new(key);

    private protected override void ComputeMaskCore(ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        Span<byte> block = stackalloc byte[SampleBytes];
        _key.EncryptBlock(sample, block);
        block[..MaskBytes].CopyTo(mask);
    }

    private protected override void EraseKey() => _key.Erase();
}
