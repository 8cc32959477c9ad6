using System.Numerics;

namespace Kadath.Kademlia;

/// <summary>How many records each source group holds: open addressing under a secret, with one place per group that holds any.</summary>
internal sealed class SourceCounts(ulong secret)
{
    private const int Smallest = 16;

    private (ulong Group, int Count)[] _places = [];
    private int _groups;

    /// <summary>The group's records; 0 for group 0, which is exempt.</summary>
    public int Of(ulong group) => group == 0 || _groups == 0 ? 0 : _places[Find(group)].Count;

    public void Add(ulong group)
    {
        if (group == 0)
        {
            return;
        }

        if (4 * (_groups + 1) > 3 * _places.Length)
        {
            Grow();
        }

        ref (ulong Group, int Count) place = ref _places[Find(group)];
        _groups += place.Count == 0 ? 1 : 0;
        place = (group, place.Count + 1);
    }

    public void Remove(ulong group)
    {
        if (group == 0)
        {
            return;
        }

        int hole = Find(group);
        if (--_places[hole].Count > 0)
        {
            return;
        }

        _groups--;
        int mask = _places.Length - 1;
        for (int at = (hole + 1) & mask; _places[at].Count != 0; at = (at + 1) & mask)
        {
            int home = Home(_places[at].Group);
            if (((at - home) & mask) >= ((at - hole) & mask))
            {
                _places[hole] = _places[at];
                hole = at;
            }
        }

        _places[hole] = default;
    }

    private int Find(ulong group)
    {
        int mask = _places.Length - 1, at = Home(group);
        while (_places[at].Count != 0 && _places[at].Group != group)
        {
            at = (at + 1) & mask;
        }

        return at;
    }

    private int Home(ulong group)
    {
        ulong high = Math.BigMul(group ^ secret, (secret << 1) | 1, out ulong low);
        high = Math.BigMul(high ^ low ^ secret, 0x9E3779B97F4A7C15UL, out low);
        return (int)(high ^ low) & (_places.Length - 1);
    }

    private void Grow()
    {
        (ulong Group, int Count)[] old = _places;
        _places = new (ulong, int)[Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)old.Length * 2))];
        foreach ((ulong Group, int Count) place in old)
        {
            if (place.Count != 0)
            {
                _places[Find(place.Group)] = place;
            }
        }
    }
}
