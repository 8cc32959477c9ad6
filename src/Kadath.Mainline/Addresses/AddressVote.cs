using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>
/// What others say our external address is (BEP 42): one vote per /24 (IPv6: /48) of those that answered queries of ours, the newest 32
/// subnets. An address is agreed on with at least ten votes for it or others, two thirds of them for it. Only global addresses count, on either side.
/// </summary>
internal sealed class AddressVote
{
    /// <summary>Votes without which nothing is agreed on.</summary>
    public const int Quorum = 10;

    // Old votes fade as newer subnets vote: after a change of address some twenty answers bring the majority about.
    private const int Kept = 32;

    private readonly Vote[] _votes = new Vote[Kept];
    private int _next;
    private int _count;

    /// <summary>The external endpoint that is agreed on, or none.</summary>
    public Endpoint Agreed { get; private set; }

    /// <summary>Takes what was agreed on before a restart, until votes say otherwise.</summary>
    public void Restore(in Endpoint external) => Agreed = external;

    /// <summary>Takes the vote of a peer that answered us; true if thereby another address (not only another port) is agreed on.</summary>
    public bool Cast(in Endpoint voter, in Endpoint external)
    {
        if (external.Scope != AddressScope.Global || voter.Scope != AddressScope.Global || external.IsV6 != voter.IsV6)
        {
            return false;
        }

        ulong subnet = voter.IsV4 ? voter.AddressV4 >> 8 : voter.AddressHigh >> 16;
        int at = IndexOf(subnet);
        if (at < 0)
        {
            at = _next;
            _next = (_next + 1) % Kept;
            _count = Math.Min(_count + 1, Kept);
        }

        _votes[at] = new(subnet, external);
        return Settle(external);
    }

    private bool Settle(in Endpoint candidate)
    {
        int same = 0;
        for (int i = 0; i < _count; i++)
        {
            same += _votes[i].External.SameAddress(candidate) ? 1 : 0;
        }

        if (_count < Quorum || 3 * same < 2 * _count)
        {
            return false;
        }

        bool changed = !Agreed.SameAddress(candidate);
        Agreed = candidate;
        return changed;
    }

    private int IndexOf(ulong subnet)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_votes[i].Subnet == subnet)
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Vote(ulong Subnet, Endpoint External);
}
