using System.Numerics;
using System.Runtime.InteropServices;

namespace Kadath.Kademlia;

/// <summary>
/// Byte strings of bounded length in fixed-size chunks, one contiguous chunk each: sizes are s · 2^n and 1.5 · s · 2^n, so that at most a third
/// is lost. Pages hold chunks of one size; freed chunks are used again by strings of that size.
/// </summary>
/// <param name="smallest">Bytes of the smallest chunk, a power of two from 16.</param>
internal sealed class ByteSlab(int smallest)
{
    private const int PageBytes = 16 * 1024;
    private const int Classes = 24;

    private readonly byte[][][] _pages = new byte[Classes][][];
    private readonly int[] _high = new int[Classes];
    private readonly int[] _free = new int[Classes];

    /// <summary>Bytes of the chunk that a string of this length takes.</summary>
    public int ChunkOf(int length) => SizeOf(ClassOf(length));

    /// <summary>Takes a chunk and copies the string into it.</summary>
    public int Store(ReadOnlySpan<byte> value)
    {
        int chunk = Allocate(value.Length);
        value.CopyTo(Get(chunk, value.Length));
        return chunk;
    }

    /// <summary>Takes a chunk for a string of this length; its bytes are whatever they were.</summary>
    public int Allocate(int length)
    {
        int sizeClass = ClassOf(length), chunk = _free[sizeClass] - 1;
        if (chunk < 0)
        {
            return Grow(sizeClass);
        }

        _free[sizeClass] = MemoryMarshal.Read<int>(Chunk(sizeClass, chunk));
        return chunk;
    }

    /// <summary>The string that was stored.</summary>
    public Span<byte> Get(int chunk, int length) => Chunk(ClassOf(length), chunk)[..length];

    /// <summary>Gives a chunk back.</summary>
    public void Free(int chunk, int length)
    {
        int sizeClass = ClassOf(length);
        MemoryMarshal.Write(Chunk(sizeClass, chunk), _free[sizeClass]);
        _free[sizeClass] = chunk + 1;
    }

    private int ClassOf(int length)
    {
        if (length <= smallest)
        {
            return 0;
        }

        int doublings = BitOperations.Log2((uint)((length - 1) / smallest));
        return (2 * doublings) + (length <= (smallest << doublings) * 3 / 2 ? 1 : 2);
    }

    private int SizeOf(int sizeClass) => (sizeClass & 1) == 0 ? smallest << (sizeClass / 2) : (smallest << (sizeClass / 2)) * 3 / 2;

    private Span<byte> Chunk(int sizeClass, int chunk)
    {
        int size = SizeOf(sizeClass), perPage = Math.Max(1, PageBytes / size);
        return _pages[sizeClass][chunk / perPage].AsSpan(chunk % perPage * size, size);
    }

    private int Grow(int sizeClass)
    {
        int size = SizeOf(sizeClass), perPage = Math.Max(1, PageBytes / size), chunk = _high[sizeClass]++;
        if (chunk % perPage == 0)
        {
            byte[][] pages = _pages[sizeClass] ?? [];
            int page = chunk / perPage;
            if (page == pages.Length)
            {
                Array.Resize(ref pages, Math.Max(2, 2 * page));
                _pages[sizeClass] = pages;
            }

            pages[page] = new byte[perPage * size];
        }

        return chunk;
    }
}
