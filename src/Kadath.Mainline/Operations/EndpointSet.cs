using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>
/// A bounded set of endpoints with open addressing: which peers an operation has reported already. Keyed, since peers choose what they name.
/// </summary>
internal sealed class EndpointSet
{
    private readonly ulong _key;
    private readonly int _capacity;
    private Endpoint[] _slots = new Endpoint[64];

    /// <param name="capacity">Endpoints held at most; further ones are refused.</param>
    /// <param name="key">A secret, so that no peer can choose endpoints that collide.</param>
    public EndpointSet(int capacity, ulong key)
    {
        _capacity = capacity;
        _key = key | 1;
    }

    /// <summary>Endpoints in the set.</summary>
    public int Count { get; private set; }

    /// <summary>True if the endpoint was not in the set and there was room for it.</summary>
    public bool TryAdd(in Endpoint endpoint)
    {
        if (Count >= _capacity || !endpoint.IsValid)
        {
            return false;
        }

        if (2 * Count >= _slots.Length)
        {
            Grow();
        }

        if (!Insert(_slots, endpoint))
        {
            return false;
        }

        Count++;
        return true;
    }

    private bool Insert(Endpoint[] slots, in Endpoint endpoint)
    {
        int mask = slots.Length - 1;
        for (int at = (int)(Mix(endpoint) >> 32) & mask; ; at = (at + 1) & mask)
        {
            if (!slots[at].IsValid)
            {
                slots[at] = endpoint;
                return true;
            }

            if (slots[at] == endpoint)
            {
                return false;
            }
        }
    }

    private ulong Mix(in Endpoint endpoint)
    {
        ulong mixed = (endpoint.AddressLow ^ _key) * 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 29) ^ endpoint.AddressHigh ^ endpoint.Port) * 0xBF58476D1CE4E5B9UL;
        return (mixed ^ (mixed >> 32)) * _key;
    }

    private void Grow()
    {
        Endpoint[] larger = new Endpoint[2 * _slots.Length];
        foreach (Endpoint endpoint in _slots)
        {
            if (endpoint.IsValid)
            {
                Insert(larger, endpoint);
            }
        }

        _slots = larger;
    }
}
