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

    // Nearly all voters agree, so each address is kept once: a hundred thousand nodes of a process vote.
    private readonly ulong[] _subnets = new ulong[Kept];
    private readonly byte[] _choices = new byte[Kept];
    private Endpoint[] _candidates = new Endpoint[1];
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
        int at = _subnets.AsSpan(0, _count).IndexOf(subnet);
        if (at < 0)
        {
            at = _next;
            _next = (_next + 1) % Kept;
            _count = Math.Min(_count + 1, Kept);
        }

        _subnets[at] = subnet;
        _choices[at] = byte.MaxValue;
        _choices[at] = ChoiceOf(external);
        return Settle(external);
    }

    private bool Settle(in Endpoint candidate)
    {
        int same = 0;
        for (int i = 0; i < _count; i++)
        {
            same += _candidates[_choices[i]].SameAddress(candidate) ? 1 : 0;
        }

        if (_count < Quorum || 3 * same < 2 * _count)
        {
            return false;
        }

        bool changed = !Agreed.SameAddress(candidate);
        Agreed = candidate;
        return changed;
    }

    /// <summary>The number of an external endpoint among the candidates: a new one takes the place of one for which no vote is left.</summary>
    private byte ChoiceOf(in Endpoint external)
    {
        int at = Array.IndexOf(_candidates, external);
        for (int i = 0; at < 0 && i < _candidates.Length; i++)
        {
            at = _choices.AsSpan(0, _count).IndexOf((byte)i) < 0 ? i : -1;
        }

        if (at < 0)
        {
            at = _candidates.Length;
            Array.Resize(ref _candidates, Math.Min(2 * at, Kept));
        }

        _candidates[at] = external;
        return (byte)at;
    }
}
