namespace Kadath.Kademlia;

/// <summary>A growing list of 16-bit indices that keeps its memory when cleared.</summary>
internal sealed class IndexList
{
    private ushort[] _items = [];

    public int Count { get; private set; }

    public ushort this[int at] => _items[at];

    public void Add(ushort item) => Insert(Count, item);

    public void Insert(int at, ushort item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(32, 2 * Count));
        }

        Array.Copy(_items, at, _items, at + 1, Count - at);
        _items[at] = item;
        Count++;
    }

    public void RemoveAt(int at)
    {
        Count--;
        Array.Copy(_items, at + 1, _items, at, Count - at);
    }

    public int IndexOf(ushort item) => _items.AsSpan(0, Count).IndexOf(item);

    public bool Remove(ushort item)
    {
        int at = IndexOf(item);
        if (at < 0)
        {
            return false;
        }

        RemoveAt(at);
        return true;
    }

    public void Clear() => Count = 0;
}
