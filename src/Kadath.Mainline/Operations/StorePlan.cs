using Kadath.Mainline.Nodes;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>What a search does with the nodes that it found.</summary>
internal enum StoreKind : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Announces us as a peer.</summary>
    Announce,

    /// <summary>Stores the item that was given, or that the user gives when the highest sequence number is known.</summary>
    Item,

    /// <summary>Stores the item that was given where it is missing; spares everybody if it is plentiful (BEP 44's rule for republishing).</summary>
    Republish,

    /// <summary>Stores the newest item that the search found where it is missing (BEP 46).</summary>
    RepublishFound,
}

/// <summary>What is stored.</summary>
internal sealed class StorePlan
{
    public required StoreKind Kind { get; init; }

    /// <summary>The item; null while it is awaited.</summary>
    public SignedItem? Item { get; set; }

    /// <summary>Announce: the port that peers reach us on; 0 for the socket's own.</summary>
    public ushort Port { get; init; }

    /// <summary>Announce: we have the whole torrent.</summary>
    public bool Seed { get; init; }

    /// <summary>The query that stores at one node.</summary>
    /// <param name="target">Info-hash or target.</param>
    /// <param name="token">The node's token.</param>
    /// <param name="node">The socket that asks.</param>
    /// <param name="returned">Whether the node returned a value: only then it is told what we expect it to hold.</param>
    /// <param name="second">A second try at a node that wants a sequence number even of immutable items.</param>
    public KrpcQuery QueryFor(in Id160 target, ReadOnlySpan<byte> token, SocketNode node, bool returned, bool second)
    {
        if (Item is not { } item)
        {
            // Some nodes pass over implied_port: they are told the socket's own port.
            ushort port = Port != 0 ? Port : node.Local.Port;
            return new() { Method = KrpcMethod.AnnouncePeer, Target = target, Token = token, Port = port, ImpliedPort = Port == 0, Seed = Seed };
        }

        bool mutable = !item.PublicKey.IsEmpty;
        return new()
        {
            Method = KrpcMethod.Put,
            Target = target,
            Token = token,
            Value = item.Value.Span,
            PublicKey = item.PublicKey.Span,
            Salt = item.Salt.Span,
            Signature = item.Signature.Span,
            Sequence = mutable ? item.Sequence : second ? 0 : null,
            Cas = mutable && returned ? item.Cas : null,
        };
    }
}
