using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kadath.Crypto;

/// <summary>The key stream of one key and nonce (RFC 8439 section 2.4), made run by run into memory that the caller lends and erases.</summary>
internal unsafe struct ChaChaStream<TKernel>
    where TKernel : IChaChaKernel
{
    public const int BlockBytes = 64;

    private const int StateBytes = 64, CounterAt = 12;

    private readonly uint* _state;
    private readonly byte* _run;
    private int _at, _end;

    /// <summary>Lays out the state and makes the first run, which is a long one where more than a short one is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ChaChaStream(byte* memory, byte* key, byte* nonce, uint counter, int needed)
    {
        _state = (uint*)memory;
        _run = memory + StateBytes;

        // "expand 32-byte k"
        Vector128.Create(0x61707865u, 0x3320646e, 0x79622d32, 0x6b206574).Store(_state);
        Vector128.Load((uint*)key).Store(_state + 4);
        Vector128.Load((uint*)key + 4).Store(_state + 8);
        _state[CounterAt] = counter;
        _state[CounterAt + 1] = *(uint*)nonce;
        _state[CounterAt + 2] = *(uint*)(nonce + 4);
        _state[CounterAt + 3] = *(uint*)(nonce + 8);
        WriteRun(needed);
    }

    /// <summary>Bytes to lend: the state, then a long run.</summary>
    public static int MemoryBytes => StateBytes + (4 * TKernel.ShortBytes);

    /// <summary>The next block; to be called before anything else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* TakeBlock()
    {
        _at = BlockBytes;
        return _run;
    }

    /// <summary>Adds the next bytes of the stream to the input. Input and output may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddTo(byte* input, byte* output, int length)
    {
        while (length > 0)
        {
            if (_at == _end)
            {
                WriteRun(length);
            }

            var take = Math.Min(length, _end - _at);
            Add(_run + _at, input, output, take);
            _at += take;
            input += take;
            output += take;
            length -= take;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte* stream, byte* input, byte* output, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            for (; length >= 64; length -= 64, stream += 64, input += 64, output += 64)
            {
                (Vector512.Load(input) ^ Vector512.Load(stream)).Store(output);
            }
        }

        for (; length >= 16; length -= 16, stream += 16, input += 16, output += 16)
        {
            (Vector128.Load(input) ^ Vector128.Load(stream)).Store(output);
        }

        if (length > 0)
        {
            PartialBlock.Store(PartialBlock.Load(input, length) ^ Vector128.Load(stream), output, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteRun(int needed)
    {
        _at = 0;
        if (needed > TKernel.ShortBytes)
        {
            TKernel.WriteLong(_state, _run);
            _end = 4 * TKernel.ShortBytes;
        }
        else
        {
            TKernel.WriteShort(_state, _run);
            _end = TKernel.ShortBytes;
        }

        _state[CounterAt] += (uint)(_end / BlockBytes);
    }
}
