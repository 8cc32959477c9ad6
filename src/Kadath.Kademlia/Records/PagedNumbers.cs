namespace Kadath.Kademlia;

/// <summary>Numbers by position, in pages that never move: growth copies nothing but the first page, and what was never used holds no memory.</summary>
internal sealed class PagedNumbers
{
    private const int PageBits = 10;
    private const int PageSize = 1 << PageBits;
    private const int FirstPage = 16;

    private int[][] _pages = [];

    public ref int this[int index] => ref _pages[index >> PageBits][index & (PageSize - 1)];

    /// <summary>Makes room for a position; all before it have room already.</summary>
    public void Reserve(int index)
    {
        int page = index >> PageBits, at = index & (PageSize - 1);
        if (page >= _pages.Length)
        {
            Array.Resize(ref _pages, Math.Max(4, 2 * page));
        }

        int[] held = _pages[page] ?? [];
        if (at >= held.Length)
        {
            Array.Resize(ref held, page == 0 ? Math.Min(PageSize, Math.Max(FirstPage, 2 * at)) : PageSize);
            _pages[page] = held;
        }
    }
}
