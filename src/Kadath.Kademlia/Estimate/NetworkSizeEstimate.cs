using Kadath.Primitives;

namespace Kadath.Kademlia;

/// <summary>
/// Estimates how many nodes a network has, from the distances of the closest nodes that lookups found: in a network of N uniform ids the
/// one of rank i lies i/(N+1) of the id space away from a target. Each lookup gives one least-squares slope of distance over rank.
/// </summary>
public sealed class NetworkSizeEstimate
{
    // 32 lookups of k = 8 bring the spread of the estimate to about 7 %; older ones fade, so that a network that grows is followed.
    private const double Memory = 32;

    private double _mean;
    private double _variance;
    private long _samples;

    /// <summary>Lookups taken in so far.</summary>
    public long Samples => _samples;

    /// <summary>The estimated number of nodes; 0 as long as there is no sample.</summary>
    public double Nodes => _samples == 0 || _mean <= 0 ? 0 : Math.Max(1, (1 / _mean) - 1);

    /// <summary>The relative standard error of <see cref="Nodes"/> (0.1 is 10 %); infinite below two samples.</summary>
    public double Spread => _samples < 2 || _mean <= 0 ? double.PositiveInfinity : Math.Sqrt(_variance / Math.Min(_samples, Memory)) / _mean;

    /// <summary>Takes in the closest nodes that a lookup confirmed, closest first. Fewer than four say too little and are left out.</summary>
    public void Add<TId>(in TId target, ReadOnlySpan<TId> closest) where TId : unmanaged, INodeId<TId>
    {
        if (closest.Length < 4)
        {
            return;
        }

        double products = 0, squares = 0;
        for (int i = 0; i < closest.Length; i++)
        {
            double rank = i + 1, distance = TId.Xor(target, closest[i]).High / (double)ulong.MaxValue;
            products += rank * distance;
            squares += rank * rank;
        }

        Take(products / squares);
    }

    private void Take(double slope)
    {
        _samples++;
        double weight = 1 / Math.Min(_samples, Memory), difference = slope - _mean;
        _mean += weight * difference;
        _variance = (1 - weight) * (_variance + (weight * difference * difference));
    }
}
