using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>The bounds of an <see cref="InboundBudget"/>.</summary>
public sealed record InboundBudgetOptions
{
    /// <summary>Cost units a second that the node serves at most; 0 leaves saturation to the driver's report of its backlog.</summary>
    public int MaxUnitsPerSecond { get; init; }

    /// <summary>What a subnet may use, in shares of one address; 1 to 1,000. A household or a small provider has a few nodes.</summary>
    public int SubnetShares { get; init; } = 4;

    /// <summary>Cells of the sketch as a power of two, 8 to 16; at 12 it takes 64 KB, and only once the node was saturated.</summary>
    public int SketchBits { get; init; } = 12;

    /// <summary>Error replies a second; they serve whoever spoofs an address no better than a reflection should. Burst: the same number.</summary>
    public int ErrorsPerSecond { get; init; } = 100;

    /// <summary>Our own verification pings a second, so that strangers who query us cannot make us flood others. Burst: the same number.</summary>
    public int VerificationsPerSecond { get; init; } = 20;

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> naming the option that is out of its bounds.</summary>
    public void Validate()
    {
        RecordBounds.Within(MaxUnitsPerSecond, 0, int.MaxValue, nameof(MaxUnitsPerSecond));
        RecordBounds.Within(SubnetShares, 1, 1000, nameof(SubnetShares));
        RecordBounds.Within(SketchBits, 8, 16, nameof(SketchBits));
        RecordBounds.Within(ErrorsPerSecond, 1, 1_000_000, nameof(ErrorsPerSecond));
        RecordBounds.Within(VerificationsPerSecond, 1, 1_000_000, nameof(VerificationsPerSecond));
    }
}

/// <summary>
/// Who is served when not all can be. While the node has capacity nobody is refused, at the price of one comparison. When it is saturated (the
/// driver reports backlog, or the configured capacity is used up), each address may use a share, each subnet a few shares, and the share
/// shrinks towards an equal one while the node stays saturated and grows as it recovers: heavy users and costly queries run out first, all others are served
/// as before. Constant time and bounded memory, whatever addresses are invented.
/// </summary>
public sealed class InboundBudget
{
    /// <summary>A share beyond which nobody is held back: regulation ends.</summary>
    private const double Unlimited = 1 << 24;

    /// <summary>The least share with which regulation begins: a few thousand units a second from one address.</summary>
    private const double Opening = 1024;

    /// <summary>What an address that uses the same in every step has counted once it settles, in steps: 1 / (1 − 2^(−1/5)).</summary>
    private const double SettledSteps = 7.7;

    /// <summary>What a saturated step leaves of the share, and what one with capacity adds to it.</summary>
    private const double Relief = 0.7, Recovery = 1.25;

    /// <summary>Steps after which what was counted says nothing of saturation any more: a node in a flood ends its step in time.</summary>
    private const double LongestStep = 4;

    /// <summary>A query that needs no signature check and no filter costs at most this.</summary>
    private const uint CheapCost = 8;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly InboundBudgetOptions _options;
    private readonly EntropyStream _entropy;
    private TokenBucket _errors;
    private TokenBucket _verifications;
    private ShareSketch? _addresses;
    private ShareSketch? _subnets;
    private double _share = double.PositiveInfinity;
    private Instant _stepEnds;
    private Instant _stepBegan;
    private long _step;
    private long _units;
    private int _batches;
    private int _fullBatches;
    private int _active;

    /// <summary>Creates a budget at rest; it takes no memory beyond itself until it first saturates.</summary>
    public InboundBudget(InboundBudgetOptions options, EntropyStream entropy)
    {
        options.Validate();
        _options = options;
        _entropy = entropy;
        _errors = new(options.ErrorsPerSecond, options.ErrorsPerSecond);
        _verifications = new(options.VerificationsPerSecond, options.VerificationsPerSecond);
    }

    /// <summary>True while shares are being enforced.</summary>
    public bool IsSaturated => _share < Unlimited;

    /// <summary>What one address may use now, in cost units per half-life of 250 ms; infinite while the node has capacity.</summary>
    public double Share => _share;

    /// <summary>Queries refused so far.</summary>
    public long Refused { get; private set; }

    /// <summary>
    /// Tells how the driver's receive batch went: a batch that filled all its slots means that more is waiting. Call it once a batch.
    /// </summary>
    public void Received(int datagrams, int slots, Instant now)
    {
        _batches++;
        _fullBatches += datagrams >= slots ? 1 : 0;
        if (now >= _stepEnds)
        {
            EndStep(now);
        }
    }

    /// <summary>Whether a query is to be served.</summary>
    /// <param name="source">Address and subnet of the sender; a zero key is exempt.</param>
    /// <param name="cost">What serving it costs, in units of a ping: 1 to 1,000 (a signature check is about 100).</param>
    /// <param name="now">The time.</param>
    public bool Admit(in GroupKeys source, int cost, Instant now)
    {
        _units += cost;
        if (_options.MaxUnitsPerSecond != 0 && now >= _stepEnds)
        {
            EndStep(now);
        }

        if (_share >= Unlimited || Regulated(source, (uint)Math.Clamp(cost, 1, 1000)))
        {
            return true;
        }

        Refused++;
        _units -= cost;
        return false;
    }

    /// <summary>Whether an error reply may be sent: a fixed rate.</summary>
    public bool TryError(Instant now) => _errors.TryTake(now);

    /// <summary>Whether a ping may be sent to verify a stranger: a fixed rate.</summary>
    public bool TryVerification(Instant now) => _verifications.TryTake(now);

    private bool Regulated(in GroupKeys source, uint cost)
    {
        if (source.Narrow == 0)
        {
            return true;
        }

        // What the tighter of both shares leaves; where it leaves a part of the cost, the query is served with that part as its probability, so that
        // a share may fall below one query, and costly queries run out first.
        ulong address = _addresses!.HashOf(source.Narrow), subnet = source.Wide == 0 ? 0 : _subnets!.HashOf(source.Wide);
        double room = _share - _addresses.Count(address, _step);
        if (source.Wide != 0)
        {
            room = Math.Min(room, (_share * _options.SubnetShares) - _subnets!.Count(subnet, _step));
        }

        // Half of each share is kept for queries that cost little.
        room -= cost > CheapCost ? _share / 2 : 0;
        if (room < cost && room * uint.MaxValue < (double)cost * _entropy.NextUInt32())
        {
            return false;
        }

        _active += _addresses.Add(address, cost, _step) ? 1 : 0;
        if (source.Wide != 0)
        {
            _subnets!.Add(subnet, cost, _step);
        }

        return true;
    }

    private void EndStep(Instant now)
    {
        double steps = Math.Max((double)(now - _stepBegan).Ticks / Step.Ticks, 1);
        double change = steps > LongestStep ? Recovery : ChangeOfShare(steps);
        if (change < 1)
        {
            _addresses ??= new(_options.SketchBits, _entropy.NextUInt64());
            _subnets ??= new(_options.SketchBits, _entropy.NextUInt64());
            // Nobody can use more than all, so that regulation begins by counting. And while backlog alone speaks of saturation, nobody is cut below
            // twice an equal part of what was served: one sender that keeps the node busy takes nothing from anybody.
            double all = SettledSteps * _units / steps;
            double least = _options.MaxUnitsPerSecond != 0 || _share >= Unlimited ? 1.0 / 1024 : 2 * all / Math.Max(_active / steps, 1);
            _share = Math.Max((_share >= Unlimited ? Math.Max(2 * all, Opening) : _share) * change, least);
        }
        else if (_share < Unlimited)
        {
            // A quiet second has recovered as often as steps would have fitted into it.
            _share *= Math.Pow(change, Math.Floor(Math.Min(steps, 100)));
            _share = _share >= Unlimited ? double.PositiveInfinity : _share;
        }

        _step = now.Ticks / Step.Ticks;
        _units = _batches = _fullBatches = _active = 0;
        _stepBegan = now;
        _stepEnds = now + Step;
    }

    /// <summary>By what the share is to be multiplied: below 1 if the node was saturated in the step that ends.</summary>
    private double ChangeOfShare(double steps)
    {
        bool backlog = _batches >= 4 && 2 * _fullBatches > _batches;
        if (_options.MaxUnitsPerSecond == 0)
        {
            return backlog ? Relief : Recovery;
        }

        double served = _units / (_options.MaxUnitsPerSecond * steps * Step.TotalSeconds);
        return backlog ? Relief : served > 1 ? Math.Max(1 / served, Relief) : Math.Min(1 / Math.Max(served, 0.01), Recovery);
    }
}
