using Kadath.Primitives;

namespace Kadath.Simulator;

/// <summary>
/// How long datagrams take, as integers: regions with shares of the nodes and base round-trip times between them, an access delay for each
/// end, jitter for each exchange, and losses. Without distances of its own a model is <see cref="SixRegions"/>.
/// </summary>
/// <remarks>
/// The round trip of an exchange is (base + access of both ends) · (1 + jitter · |N(0, 1)|), half of it each way. Access delays are
/// lognormal with a median of 7 ms and sigma 0.8. Random pairs of <see cref="SixRegions"/>: p50 135, p95 242, p99 293 ms.
/// </remarks>
public sealed record RttModel
{
    /// <summary>What the model is called in reports.</summary>
    public required string Name { get; init; }

    /// <summary>The regions' shares of all nodes, in parts of 1,000, together 1,000.</summary>
    public required IReadOnlyList<int> Shares { get; init; }

    /// <summary>Base round-trip times in ms, row by row: as many rows and columns as shares.</summary>
    public required IReadOnlyList<int> BaseMilliseconds { get; init; }

    /// <summary>The factor of |N(0, 1)| in parts of 1,000: 50 is 0.05.</summary>
    public int JitterPerMille { get; init; } = 50;

    /// <summary>Datagrams lost each way, in parts of 1,000.</summary>
    public int LossPerMille { get; init; }

    /// <summary>Replies that come late by 100 ms · U^(−1/1.5), in parts of 1,000.</summary>
    public int LatePerMille { get; init; }

    /// <summary>Datagrams that arrive twice, in parts of 1,000.</summary>
    public int DuplicatedPerMille { get; init; }

    /// <summary>
    /// The model of all goals: NA-east, NA-west, Europe, East Asia, South Asia, South America; no loss.
    /// </summary>
    public static RttModel SixRegions { get; } = new()
    {
        Name = "six-regions",
        Shares = [200, 120, 360, 180, 80, 60],
        BaseMilliseconds =
        [
            17, 56, 74, 156, 190, 104,
            56, 13, 125, 104, 164, 147,
            74, 125, 22, 199, 130, 173,
            156, 104, 199, 39, 69, 251,
            190, 164, 130, 69, 35, 268,
            104, 147, 173, 251, 268, 30,
        ],
    };

    /// <summary><see cref="SixRegions"/> with 1 % loss each way and 2 % of replies late.</summary>
    public static RttModel Lossy { get; } = SixRegions with { Name = "lossy", LossPerMille = 10, LatePerMille = 20 };

    /// <summary>The built-in model of this name, or null.</summary>
    public static RttModel? Named(string name) => name switch
    {
        "six-regions" => SixRegions,
        "lossy" => Lossy,
        _ => null,
    };

    /// <summary>Throws <see cref="ArgumentException"/> naming what is out of its bounds.</summary>
    internal void Validate()
    {
        if (Shares.Count is < 1 or > 64 || Shares.Any(static share => share < 0) || Shares.Sum() != 1000)
        {
            throw new ArgumentException("1 to 64 shares that sum up to 1,000 are needed", nameof(Shares));
        }

        if (BaseMilliseconds.Count != Shares.Count * Shares.Count || BaseMilliseconds.Any(static ms => ms is < 0 or > 60_000))
        {
            throw new ArgumentException($"{Shares.Count} rows of {Shares.Count} times from 0 to 60,000 ms are needed", nameof(BaseMilliseconds));
        }

        Check(JitterPerMille, nameof(JitterPerMille));
        Check(LossPerMille, nameof(LossPerMille));
        Check(LatePerMille, nameof(LatePerMille));
        Check(DuplicatedPerMille, nameof(DuplicatedPerMille));

        static void Check(int perMille, string name)
        {
            if (perMille is < 0 or > 1000)
            {
                throw new ArgumentOutOfRangeException(name, perMille, $"{name} must lie between 0 and 1,000");
            }
        }
    }

    /// <summary>A region, drawn by the shares.</summary>
    internal byte DrawRegion(EntropyStream entropy)
    {
        int draw = entropy.NextBelow(1000), region = 0;
        for (; draw >= Shares[region]; region++)
        {
            draw -= Shares[region];
        }

        return (byte)region;
    }
}
