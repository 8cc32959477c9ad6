using System.Numerics;
using Kadath.Primitives;

namespace Kadath.Simulator.Packets;

/// <summary>
/// Who is reached at an endpoint: node and socket. Open addressing by a multiplicative hash without a secret, since nobody but the scenario
/// chooses addresses; never enumerated.
/// </summary>
internal sealed class EndpointIndex
{
    private const int Free = -1;

    private Endpoint[] _keys = new Endpoint[64];
    private int[] _values = Filled(64);
    private int _count;

    /// <summary>Enters an endpoint, or gives it to another node.</summary>
    public void Set(in Endpoint endpoint, int node, int socket)
    {
        if (2 * (_count + 1) > _keys.Length)
        {
            Grow();
        }

        int at = Find(endpoint);
        _count += _values[at] == Free ? 1 : 0;
        _keys[at] = endpoint;
        _values[at] = (node << 1) | socket;
    }

    /// <summary>The node and the socket at an endpoint; false if there is none.</summary>
    public bool TryGet(in Endpoint endpoint, out int node, out int socket)
    {
        int value = _values[Find(endpoint)];
        (node, socket) = (value >> 1, value & 1);
        return value != Free;
    }

    private int Find(in Endpoint endpoint)
    {
        int mask = _keys.Length - 1, at = (int)(HashOf(endpoint) >> 32) & mask;
        while (_values[at] != Free && _keys[at] != endpoint)
        {
            at = (at + 1) & mask;
        }

        return at;
    }

    private static ulong HashOf(in Endpoint endpoint)
    {
        ulong key = endpoint.IsV4 ? ((ulong)endpoint.AddressV4 << 16) | endpoint.Port : endpoint.AddressHigh ^ BitOperations.RotateLeft(endpoint.AddressLow, 24) ^ endpoint.Port;
        key = (key ^ (key >> 31)) * 0x9E3779B97F4A7C15UL;
        return (key ^ (key >> 29)) * 0xBF58476D1CE4E5B9UL;
    }

    private void Grow()
    {
        (Endpoint[] keys, int[] values) = (_keys, _values);
        _keys = new Endpoint[keys.Length * 2];
        _values = Filled(keys.Length * 2);
        for (int i = 0; i < keys.Length; i++)
        {
            if (values[i] != Free)
            {
                int at = Find(keys[i]);
                (_keys[at], _values[at]) = (keys[i], values[i]);
            }
        }
    }

    private static int[] Filled(int size)
    {
        int[] values = new int[size];
        Array.Fill(values, Free);
        return values;
    }
}
