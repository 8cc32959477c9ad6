using Kadath.Kademlia;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Nodes;

/// <summary>
/// What a restart wants back of the nodes. Both collections are keyed by the compact local endpoint. An identity is the id (20 bytes) and the
/// compact external endpoint, if one is known; contacts are packed rows of id and compact endpoint.
/// </summary>
internal sealed class SavedState
{
    // One per socket of the machine, and as many of earlier configurations.
    private const int MaxIdentities = 128;

    // Room for a full table of some 325 contacts; rows take 26 or 38 bytes, and a record of the store at most 64 KiB.
    private const int MaxContacts = 512;

    private readonly List<(Endpoint Local, Id160 Id, Endpoint External)> _identities = [];

    /// <summary>The saved identity for a local endpoint: of this endpoint, else of the same address with another port.</summary>
    public bool TryTake(in Endpoint local, out Id160 id, out Endpoint external)
    {
        int best = -1;
        for (int i = 0; i < _identities.Count; i++)
        {
            best = _identities[i].Local == local ? i : best < 0 && _identities[i].Local.SameAddress(local) ? i : best;
        }

        (_, id, external) = best < 0 ? default : _identities[best];
        if (best >= 0)
        {
            _identities.RemoveAt(best);
        }

        return best >= 0;
    }

    /// <summary>Takes a saved identity, before its socket is added.</summary>
    public bool RestoreIdentity(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!Endpoint.TryReadCompact(key, out Endpoint local) || value.Length < 20 || _identities.Count == MaxIdentities)
        {
            return false;
        }

        Endpoint external = default;
        if (value.Length > 20 && !Endpoint.TryReadCompact(value[20..], out external))
        {
            return false;
        }

        _identities.Add((local, Id160.Read(value), external));
        return true;
    }

    /// <summary>Puts saved contacts into the tables of the nodes that may hold them: unverified, to be asked and not to be named.</summary>
    public static bool RestoreContacts(IReadOnlyList<SocketNode> nodes, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Instant now)
    {
        if (!Endpoint.TryReadCompact(key, out Endpoint local))
        {
            return false;
        }

        bool any = false;
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i].IsV6 == local.IsV6)
            {
                var contacts = new CompactNodes(value, local.IsV6);
                while (contacts.TryNext(out Contact<Id160, Endpoint> contact))
                {
                    any |= nodes[i].Accepts(contact.Handle) && nodes[i].Table.Restore(contact.Id, contact.Handle, Instant.Zero, now);
                }
            }
        }

        return any;
    }

    /// <summary>Hands the identity of a node to the driver.</summary>
    public static void SaveIdentity(SocketNode node)
    {
        Span<byte> key = stackalloc byte[Endpoint.CompactSizeV6], value = stackalloc byte[20 + Endpoint.CompactSizeV6];
        node.Id.Write(value);
        int length = 20 + node.Identity.External.WriteCompact(value[20..]);
        node.Context.Effects.Persist(0, MainlineCollection.Identity, key[..node.Local.WriteCompact(key)], value[..length], 0, Instant.Never);
    }

    /// <summary>Hands the contacts of a node to the driver, those that live first; an empty table overwrites nothing.</summary>
    public static void SaveContacts(SocketNode node)
    {
        Span<byte> key = stackalloc byte[Endpoint.CompactSizeV6];
        byte[] rows = new byte[MaxContacts * KrpcLimits.NodeV6];
        ContactView<Id160, Endpoint>[] views = new ContactView<Id160, Endpoint>[MaxContacts];
        int count = node.Table.CopyContacts(0, views), length = 0;
        foreach (bool live in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (ref readonly ContactView<Id160, Endpoint> view in views.AsSpan(0, count))
            {
                if (view.IsLive == live)
                {
                    view.Contact.Id.Write(rows.AsSpan(length));
                    length += 20 + view.Contact.Handle.WriteCompact(rows.AsSpan(length + 20));
                }
            }
        }

        if (length > 0)
        {
            node.Context.Effects.Persist(0, MainlineCollection.Contacts, key[..node.Local.WriteCompact(key)], rows.AsSpan(0, length), 0, Instant.Never);
        }
    }
}
