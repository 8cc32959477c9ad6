using Kadath.Mainline.Nodes;
using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>
/// The id of one node and its external address: counts the votes that replies carry, and moves the node to an id that fits (BEP 42) when
/// an address is agreed on. Tokens, records and contacts stay as they are.
/// </summary>
internal sealed class NodeIdentity(SocketNode node)
{
    /// <summary>No two changes of id are closer: each costs the node its place in the tables of others.</summary>
    public static readonly TimeSpan LeastInterval = TimeSpan.FromHours(1);

    private AddressVote? _vote;
    private Endpoint _external;
    private Instant? _changed;

    /// <summary>The external endpoint that is agreed on, or none.</summary>
    public Endpoint External => _vote is { Agreed.IsValid: true } ? _vote.Agreed : _external;

    /// <summary>Takes what was known before a restart; votes will confirm or correct it.</summary>
    public void Restore(in Endpoint external) => _external = external;

    /// <summary>The network has changed: old votes say nothing any more.</summary>
    public void Doubt() => _vote = null;

    /// <summary>Takes the vote that came with a reply to a query of ours.</summary>
    public void Observe(in Endpoint voter, ReadOnlySpan<byte> external, Instant now)
    {
        if (node.Scope != AddressScope.Global || !Endpoint.TryReadCompact(external, out Endpoint seen))
        {
            return;
        }

        Endpoint before = External;
        _vote ??= new();
        _vote.Cast(voter, seen);
        if (!_vote.Agreed.IsValid)
        {
            return;
        }

        _external = _vote.Agreed;
        if (!_external.SameAddress(before))
        {
            node.Context.Effects.Emit(new(MainlineEventKind.ExternalAddress, node.Socket, node.Id, _external, 0));
            node.SaveIdentity();
        }

        if ((_changed is not { } last || now - last >= LeastInterval) && !SecureId.IsValid(node.Id, _external, node.Context.Crypto.Crc32C))
        {
            _changed = now;
            node.Rename(SecureId.Create(_external, node.Context.Entropy, node.Context.Crypto.Crc32C), _external, now);
        }
    }
}
