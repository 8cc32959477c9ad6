using Kadath.Primitives;

namespace Kadath.Mainline.Addresses;

/// <summary>
/// The vote on a socket's external address (BEP 42). Only replies to our own queries vote, one per /24 (IPv6: /48) of the voter, so that one
/// owner of addresses cannot decide it; only global addresses are voted on. The address is agreed on at ten votes or more with a majority of
/// two thirds, and changes at most once an hour.
/// </summary>
internal sealed class AddressVote
{
    /// <summary>Votes that an agreement needs.</summary>
    public const int Quorum = 10;

    /// <summary>The least time between two agreements, so that a flapping address (or an attacker) cannot make the table churn.</summary>
    public static readonly TimeSpan LeastInterval = TimeSpan.FromHours(1);

    // Twice the quorum and a half: older voters are replaced, so that a real change of address gets its majority within 32 replies.
    private const int MaxVoters = 32;

    private readonly bool _v6;
    private Ballot[]? _ballots;
    private int _count;
    private int _next;
    private Instant? _agreedAt;

    /// <param name="v6">The family of the socket: an address of the other family is no vote.</param>
    public AddressVote(bool v6) => _v6 = v6;

    /// <summary>The address agreed on, with the port that was seen last with it; none before the first agreement.</summary>
    public Endpoint Agreed { get; private set; }

    /// <summary>Puts a saved agreement back; it can be outvoted at once.</summary>
    public void Restore(in Endpoint agreed) => Agreed = agreed;

    /// <summary>Forgets votes and the time of the last agreement: the network changed, so the next majority counts at once.</summary>
    public void Doubt()
    {
        _count = _next = 0;
        _agreedAt = null;
    }

    /// <summary>Counts a vote. True if it brought an agreement on an address other than the present one.</summary>
    public bool Vote(in Endpoint voter, in Endpoint seen, Instant now)
    {
        bool sameFamily = seen.IsValid && seen.IsV6 == _v6;
        if (!sameFamily || seen.Scope != AddressScope.Global || voter.Scope != AddressScope.Global)
        {
            return false;
        }

        Cast(new Ballot(GroupOf(voter), seen));
        if (Agreed.IsValid && seen.SameAddress(Agreed))
        {
            Agreed = seen;
            return false;
        }

        bool tooSoon = _agreedAt is { } at && now - at < LeastInterval;
        if (tooSoon || !HasMajority(seen))
        {
            return false;
        }

        Agreed = seen;
        _agreedAt = now;
        _count = _next = 0;
        return true;
    }

    private static ulong GroupOf(in Endpoint voter) => voter.IsV4 ? voter.AddressV4 >> 8 : voter.AddressHigh >> 16;

    private void Cast(Ballot ballot)
    {
        _ballots ??= new Ballot[MaxVoters];
        for (int i = 0; i < _count; i++)
        {
            if (_ballots[i].Voter == ballot.Voter)
            {
                _ballots[i] = ballot;
                return;
            }
        }

        _ballots[_next] = ballot;
        _next = (_next + 1) % MaxVoters;
        _count = Math.Min(_count + 1, MaxVoters);
    }

    private bool HasMajority(in Endpoint seen)
    {
        int votes = 0;
        for (int i = 0; i < _count; i++)
        {
            votes += _ballots![i].Seen.SameAddress(seen) ? 1 : 0;
        }

        return votes >= Quorum && 3 * votes >= 2 * _count;
    }

    private readonly record struct Ballot(ulong Voter, Endpoint Seen);
}
