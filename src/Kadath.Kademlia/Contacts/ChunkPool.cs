using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kadath.Kademlia;

/// <summary>
/// Blocks of one size, cut from pages that are never given back: a free block holds the number of the next free one. A collector never has
/// to look into the pages, however many contacts they hold.
/// </summary>
internal sealed class ChunkPool
{
    // 256 chunks of a Mainline table are 68 kB, below the large-object limit; a process with one node wastes less than that.
    private const int PageShift = 8;
    private const int PageMask = (1 << PageShift) - 1;

    private readonly int _stride;
    private byte[][] _pages = [];
    private int _pageCount;
    private int _free = -1;

    public ChunkPool(int stride) => _stride = stride;

    /// <summary>Chunks handed out and not yet returned.</summary>
    public int Used { get; private set; }

    /// <summary>Bytes of all pages.</summary>
    public long Bytes => (long)_pageCount * (_stride << PageShift);

    /// <summary>The first byte of a chunk; valid until the chunk is returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte At(int chunk) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_pages[chunk >> PageShift]), (nint)(chunk & PageMask) * _stride);

    /// <summary>Takes a chunk; its content is undefined.</summary>
    public int Take()
    {
        if (_free < 0)
        {
            AddPage();
        }

        int chunk = _free;
        _free = Unsafe.ReadUnaligned<int>(ref At(chunk));
        Used++;
        return chunk;
    }

    /// <summary>Gives a chunk back.</summary>
    public void Return(int chunk)
    {
        Unsafe.WriteUnaligned(ref At(chunk), _free);
        _free = chunk;
        Used--;
    }

    private void AddPage()
    {
        int page = _pageCount++;
        if (page == _pages.Length)
        {
            // By a quarter: a list that grew by one would be copied for each of tens of thousands of pages.
            Array.Resize(ref _pages, page + Math.Max(1, page / 4));
        }

        _pages[page] = GC.AllocateUninitializedArray<byte>(_stride << PageShift);
        for (int i = PageMask; i >= 0; i--)
        {
            int chunk = (page << PageShift) | i;
            Unsafe.WriteUnaligned(ref At(chunk), _free);
            _free = chunk;
        }
    }
}
