using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kadath.Primitives;

/// <summary>
/// A keyed stream of random bytes: ChaCha20 in counter mode under a key of its own. Holds 104 bytes; a draw of 8 bytes takes a few
/// nanoseconds and allocates nothing. Not thread-safe, like every machine that owns one.
/// </summary>
public sealed class EntropyStream
{
    private readonly ChaChaKey _key;
    private Block _block;
    private ulong _counter;
    private int _used = ChaCha20.BlockSize;

    internal EntropyStream(in ChaChaKey key) => _key = key;

    /// <summary>Fills the span with random bytes.</summary>
    public void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_used == ChaCha20.BlockSize)
            {
                Refill();
            }

            int take = Math.Min(destination.Length, ChaCha20.BlockSize - _used);
            Span<byte> block = _block;
            block.Slice(_used, take).CopyTo(destination);
            _used += take;
            destination = destination[take..];
        }
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>A uniform integer from 0 to <paramref name="bound"/> − 1; the bound must be positive.</summary>
    public int NextBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // Lemire's multiply-shift with rejection: unbiased, and nearly always one draw.
        uint range = (uint)bound;
        ulong product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            // Only here may a draw be one of those that would favour some results; the threshold costs a division.
            for (uint threshold = (0u - range) % range; (uint)product < threshold;)
            {
                product = (ulong)NextUInt32() * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A uniform duration from zero to just below <paramref name="bound"/>: jitter for timers.</summary>
    public TimeSpan NextBelow(TimeSpan bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(bound, TimeSpan.Zero);
        return new((long)(NextUInt64() % (ulong)bound.Ticks));
    }

    private void Refill()
    {
        ChaCha20.Block(_key, _counter++, ChaCha20.StreamNonce, _block);
        _used = 0;
    }

    [InlineArray(ChaCha20.BlockSize)]
    private struct Block
    {
        private byte _first;
    }
}
