using System.Runtime.CompilerServices;

namespace Kadath.Kademlia;

/// <summary>What a slab needs of its entries: links for the free list and the expiry wheel.</summary>
internal interface ISlabEntry
{
    /// <summary>The next entry of the free list or of the wheel's bucket; -1 for none.</summary>
    int Next { get; set; }

    /// <summary>The previous entry of the wheel's bucket; -1 for none.</summary>
    int Previous { get; set; }

    /// <summary>When the entry expires, in whole seconds; 0 marks a free entry.</summary>
    uint Expires { get; set; }
}

/// <summary>
/// Entries in pages of 256 that never move: growth copies nothing but the first page, and a slab that was never used holds no memory.
/// </summary>
internal sealed class Slab<T>
    where T : struct, ISlabEntry
{
    private const int PageBits = 8;
    private const int PageSize = 1 << PageBits;
    private const int FirstPage = 16;

    private T[][] _pages = [];
    private int _free = -1;

    /// <summary>Entries ever used: indices are below it.</summary>
    public int High { get; private set; }

    /// <summary>Entries in use.</summary>
    public int Count { get; private set; }

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _pages[index >> PageBits][index & (PageSize - 1)];
    }

    /// <summary>A cleared entry.</summary>
    public int Allocate()
    {
        Count++;
        if (_free >= 0)
        {
            int index = _free;
            _free = this[index].Next;
            this[index] = default;
            return index;
        }

        Reserve(High);
        return High++;
    }

    public void Free(int index)
    {
        ref T entry = ref this[index];
        entry = default;
        entry.Next = _free;
        _free = index;
        Count--;
    }

    private void Reserve(int index)
    {
        int page = index >> PageBits, at = index & (PageSize - 1);
        if (page == _pages.Length || _pages[page] is null)
        {
            if (page == _pages.Length)
            {
                Array.Resize(ref _pages, Math.Max(4, 2 * page));
            }

            _pages[page] = new T[page == 0 ? FirstPage : PageSize];
        }
        else if (at == _pages[page].Length)
        {
            Array.Resize(ref _pages[page], 2 * at);
        }
    }
}
