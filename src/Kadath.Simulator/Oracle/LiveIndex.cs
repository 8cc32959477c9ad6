using Kadath.Primitives;

namespace Kadath.Simulator.Oracle;

/// <summary>
/// Which nodes live and who of them is closest to a target, as nobody in the network can know: a sorted index over all live ids. What lookups
/// find is measured against it.
/// </summary>
internal sealed class LiveIndex
{
    // More changes than this at a time are cheaper sorted in than inserted one by one.
    private const int MaxInserts = 64;

    private readonly List<int> _changed = [];
    private Id160[] _ids = new Id160[16];
    private bool[] _live = new bool[16];
    private bool[] _indexed = new bool[16];
    private Id160[] _sorted = [];
    private int[] _nodes = [];
    private int _count;

    /// <summary>Live nodes.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a node lives.</summary>
    public bool IsLive(int node) => node < _live.Length && _live[node];

    /// <summary>The id under which a node joined last.</summary>
    public Id160 IdOf(int node) => _ids[node];

    /// <summary>A node lives, under this id.</summary>
    public void Add(int node, in Id160 id)
    {
        Remove(node);
        Reserve(node);
        _ids[node] = id;
        _live[node] = true;
        Count++;
        _changed.Add(node);
    }

    /// <summary>A node has gone.</summary>
    public void Remove(int node)
    {
        if (!IsLive(node))
        {
            return;
        }

        Settle();
        int at = PositionOf(_ids[node]);
        while (_nodes[at] != node)
        {
            at++;
        }

        _sorted.AsSpan(at + 1, _count - at - 1).CopyTo(_sorted.AsSpan(at));
        _nodes.AsSpan(at + 1, _count - at - 1).CopyTo(_nodes.AsSpan(at));
        _count--;
        _live[node] = _indexed[node] = false;
        Count--;
    }

    /// <summary>The live nodes in the order of their ids.</summary>
    public ReadOnlySpan<int> Nodes
    {
        get
        {
            Settle();
            return _nodes.AsSpan(0, _count);
        }
    }

    /// <summary>The live ids in order.</summary>
    public ReadOnlySpan<Id160> Ids
    {
        get
        {
            Settle();
            return _sorted.AsSpan(0, _count);
        }
    }

    /// <summary>The closest live nodes, closest first; returns how many.</summary>
    public int Closest(in Id160 target, Span<int> into)
    {
        Settle();
        (int from, int to) = (0, _count);
        for (int bits = 0; bits < Id160.Bits && to - from > into.Length; bits++)
        {
            (int low, int high) = RangeOf(target, bits + 1, from, to);
            if (high - low < into.Length)
            {
                break;
            }

            (from, to) = (low, high);
        }

        int count = 0;
        for (int i = from; i < to; i++)
        {
            int at = count;
            while (at > 0 && NodeIds.CompareDistance(target, _sorted[i], _ids[into[at - 1]]) < 0)
            {
                at--;
            }

            if (at < into.Length)
            {
                count = Math.Min(count + 1, into.Length);
                into[at..(count - 1)].CopyTo(into[(at + 1)..]);
                into[at] = _nodes[i];
            }
        }

        return count;
    }

    /// <summary>The positions of the ids that share so many leading bits with an id.</summary>
    public (int From, int To) RangeOf(in Id160 id, int bits)
    {
        Settle();
        return RangeOf(id, bits, 0, _count);
    }

    private (int From, int To) RangeOf(in Id160 id, int bits, int from, int to)
    {
        Id160 first = Id160.Splice(id, default, bits), last = Id160.Splice(id, s_ones, bits);
        return (Bound(first, from, to, after: false), Bound(last, from, to, after: true));
    }

    private static readonly Id160 s_ones = Id160.Read([.. Enumerable.Repeat((byte)0xFF, 20)]);

    private int PositionOf(in Id160 id) => Bound(id, 0, _count, after: false);

    private int Bound(in Id160 id, int low, int high, bool after)
    {
        while (low < high)
        {
            int middle = (low + high) >>> 1, order = Id160.Compare(_sorted[middle], id);
            if (order < 0 || (after && order == 0))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Reserve(int node)
    {
        if (node >= _ids.Length)
        {
            int size = Math.Max(node + 1, _ids.Length * 2);
            Array.Resize(ref _ids, size);
            Array.Resize(ref _live, size);
            Array.Resize(ref _indexed, size);
        }
    }

    private void Settle()
    {
        if (_changed.Count == 0)
        {
            return;
        }

        if (_count + _changed.Count > _sorted.Length)
        {
            int size = Math.Max(_count + _changed.Count, _sorted.Length * 2);
            Array.Resize(ref _sorted, size);
            Array.Resize(ref _nodes, size);
        }

        bool many = _changed.Count > MaxInserts;
        foreach (int node in _changed)
        {
            if (_live[node] && !_indexed[node])
            {
                Insert(node, many ? _count : PositionOf(_ids[node]));
            }
        }

        _changed.Clear();
        if (many)
        {
            // Two nodes may have one id, but no two of them one number.
            Array.Sort(_nodes, 0, _count, Comparer<int>.Create((a, b) => Id160.Compare(_ids[a], _ids[b]) is not 0 and var order ? order : a.CompareTo(b)));
            for (int i = 0; i < _count; i++)
            {
                _sorted[i] = _ids[_nodes[i]];
            }
        }
    }

    private void Insert(int node, int at)
    {
        _sorted.AsSpan(at, _count - at).CopyTo(_sorted.AsSpan(at + 1));
        _nodes.AsSpan(at, _count - at).CopyTo(_nodes.AsSpan(at + 1));
        _sorted[at] = _ids[node];
        _nodes[at] = node;
        _indexed[node] = true;
        _count++;
    }
}
