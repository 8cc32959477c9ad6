namespace Kadath.Kademlia;

/// <summary>How many records each source group holds, under a secret, with one entry per group that holds any.</summary>
internal sealed class SourceCounts(ulong secret)
{
    private readonly SlotIndex _index = new();
    private readonly Slab<Entry> _groups = new();

    /// <summary>Groups that hold any.</summary>
    public int Groups => _groups.Count;

    /// <summary>The group's records; 0 for group 0, which is exempt.</summary>
    public int Of(ulong group) => group != 0 && Find(group, HashOf(group)) is >= 0 and int at ? _groups[at].Records : 0;

    public void Add(ulong group)
    {
        if (group == 0)
        {
            return;
        }

        uint hash = HashOf(group);
        int at = Find(group, hash);
        if (at < 0)
        {
            at = _groups.Allocate();
            _groups[at].Group = group;
            _index.Add(hash, at);
        }

        _groups[at].Records++;
    }

    public void Remove(ulong group)
    {
        if (group == 0)
        {
            return;
        }

        uint hash = HashOf(group);
        int at = Find(group, hash);
        if (--_groups[at].Records == 0)
        {
            _index.Remove(hash, at);
            _groups.Free(at);
        }
    }

    private int Find(ulong group, uint hash)
    {
        for (int at = _index.First(hash, out int place); at >= 0; at = _index.Next(hash, ref place))
        {
            if (_groups[at].Group == group)
            {
                return at;
            }
        }

        return -1;
    }

    private uint HashOf(ulong group)
    {
        ulong high = Math.BigMul(group ^ secret, (secret << 1) | 1, out ulong low);
        high = Math.BigMul(high ^ low ^ secret, 0x9E3779B97F4A7C15UL, out low);
        return (uint)(high ^ low ^ ((high ^ low) >> 32));
    }

    private struct Entry : ISlabEntry
    {
        public ulong Group;
        public int Records;

        public int Next { get; set; }

        public int Previous { get; set; }

        public uint Expires { get; set; }
    }
}
