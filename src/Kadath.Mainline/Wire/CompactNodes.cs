using Kadath.Kademlia;
using Kadath.Primitives;

namespace Kadath.Mainline.Wire;

/// <summary>Reads compact nodes: id and endpoint, 26 bytes (BEP 5) or 38 (BEP 32). A remainder that is no whole node is passed over.</summary>
internal ref struct CompactNodes(ReadOnlySpan<byte> nodes, bool v6)
{
    private ReadOnlySpan<byte> _rest = nodes;
    private readonly int _size = v6 ? KrpcLimits.NodeV6 : KrpcLimits.NodeV4;

    public bool TryNext(out Contact<Id160, Endpoint> node)
    {
        if (_rest.Length < _size)
        {
            node = default;
            return false;
        }

        Endpoint.TryReadCompact(_rest[20.._size], out Endpoint endpoint);
        node = new(Id160.Read(_rest), endpoint);
        _rest = _rest[_size..];
        return true;
    }
}
