using Kadath.Primitives;
using Kadath.Simulator.Events;

namespace Kadath.Simulator.Links;

/// <summary>Draws what the links do to each datagram, in integers only.</summary>
internal sealed class LinkSampler
{
    private const int TableSize = 1024;
    private const long JitterUnit = 65_536L * 1000;

    private RttModel _model;
    private readonly int[] _baseMicroseconds;
    private readonly EntropyStream _entropy;

    public LinkSampler(RttModel model, EntropyStream entropy)
    {
        model.Validate();
        _model = model;
        _baseMicroseconds = [.. model.BaseMilliseconds.Select(static ms => ms * 1000)];
        _entropy = entropy;
    }

    /// <summary>From now on nothing is lost, late or doubled.</summary>
    public void Heal() => _model = _model with { LossPerMille = 0, LatePerMille = 0, DuplicatedPerMille = 0 };

    /// <summary>Whether anything but jitter may befall a datagram.</summary>
    public bool IsClean => _model.LossPerMille == 0 && _model.LatePerMille == 0 && _model.DuplicatedPerMille == 0;

    /// <summary>An access delay in µs.</summary>
    public static int DrawAccess(EntropyStream entropy) => LinkTables.AccessMicroseconds[entropy.NextBelow(TableSize)];

    /// <summary>The jitter of an exchange, from 0 to 1,023: shared by a query and its reply.</summary>
    public int DrawJitter() => (int)(_entropy.NextUInt32() & (TableSize - 1));

    /// <summary>The round trip of a pair without jitter, in µs.</summary>
    public int RoundTrip(in LinkEnd a, in LinkEnd b) => _baseMicroseconds[(a.Region * _model.Shares.Count) + b.Region] + a.AccessMicroseconds + b.AccessMicroseconds;

    /// <summary>One way, in quanta.</summary>
    public long OneWay(in LinkEnd from, in LinkEnd to, int jitter)
    {
        long factor = JitterUnit + ((long)_model.JitterPerMille * LinkTables.HalfNormal[jitter]);
        return SimClock.FromMicroseconds(RoundTrip(from, to) * factor / (2 * JitterUnit));
    }

    /// <summary>Whether a fragment is lost.</summary>
    public bool Loses() => _model.LossPerMille != 0 && _entropy.NextBelow(1000) < _model.LossPerMille;

    /// <summary>Whether a datagram arrives twice.</summary>
    public bool Duplicates() => _model.DuplicatedPerMille != 0 && _entropy.NextBelow(1000) < _model.DuplicatedPerMille;

    /// <summary>How much later than the round trip a reply comes, in quanta; mostly 0.</summary>
    public long Lateness() => _model.LatePerMille == 0 || _entropy.NextBelow(1000) >= _model.LatePerMille
        ? 0
        : SimClock.FromMicroseconds(LinkTables.LateMicroseconds[_entropy.NextBelow(TableSize)]);
}

/// <summary>Where a node stands in the model.</summary>
/// <param name="Region">The number of its region.</param>
/// <param name="AccessMicroseconds">Its access delay.</param>
internal readonly record struct LinkEnd(byte Region, int AccessMicroseconds);
