using System.Runtime.InteropServices;
using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>Counts of the groups of a large table, and the ids of its handles. Only looked up, never enumerated.</summary>
internal sealed class GroupIndex<TId, THandle>
    where TId : unmanaged, INodeId<TId>
    where THandle : unmanaged, IEquatable<THandle>
{
    private readonly Dictionary<THandle, TId> _ids = [];
    private readonly Dictionary<ulong, int> _narrow = [];
    private readonly Dictionary<ulong, int> _wide = [];

    public bool TryFind(in THandle handle, out TId id) => _ids.TryGetValue(handle, out id);

    public (int Narrow, int Wide) Count(GroupKeys groups) => (_narrow.GetValueOrDefault(groups.Narrow), _wide.GetValueOrDefault(groups.Wide));

    public void Add(in TId id, in THandle handle, GroupKeys groups)
    {
        _ids.Add(handle, id);
        Change(_narrow, groups.Narrow, 1);
        Change(_wide, groups.Wide, 1);
    }

    public void Remove(in THandle handle, GroupKeys groups)
    {
        _ids.Remove(handle);
        Change(_narrow, groups.Narrow, -1);
        Change(_wide, groups.Wide, -1);
    }

    public void Clear()
    {
        _ids.Clear();
        _narrow.Clear();
        _wide.Clear();
    }

    private static void Change(Dictionary<ulong, int> counts, ulong key, int change)
    {
        if (key == 0)
        {
            return;
        }

        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        count += change;
        if (count == 0)
        {
            counts.Remove(key);
        }
    }
}
