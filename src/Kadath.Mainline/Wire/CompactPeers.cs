using Kadath.Primitives;

namespace Kadath.Mainline.Wire;

/// <summary>Reads the list of compact peers of a get_peers reply. Entries of 6 and 18 bytes may be mixed; others, and port 0, are passed over.</summary>
internal ref struct CompactPeers
{
    private BencodeReader _reader;
    private readonly bool _list;

    public CompactPeers(ReadOnlySpan<byte> values)
    {
        _reader = new(values);
        _list = _reader.TryBeginList();
    }

    /// <summary>The next peer; false at the end, or at something that is no string.</summary>
    public bool TryNext(out Endpoint peer)
    {
        peer = default;
        while (_list && _reader.TryReadString(out ReadOnlySpan<byte> compact))
        {
            if (Endpoint.TryReadCompact(compact, out peer) && peer.Port != 0)
            {
                return true;
            }
        }

        return false;
    }
}
