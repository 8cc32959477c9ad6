namespace Kadath.Tests.Interop.Matrix;

/// <summary>
/// Chains of work beside each other. What peers do is waiting, for the most part, for timeouts of their own: three at a time keep two cores
/// far from busy, and every deadline honest.
/// </summary>
internal sealed class Lanes
{
    private const int Count = 3;

    private readonly (Task End, int Length)[] _lanes;

    /// <param name="before">When it has ended, they begin.</param>
    public Lanes(Task before) => _lanes = [.. Enumerable.Repeat((before, 0), Count)];

    /// <summary>Ends with the last of them.</summary>
    public Task End => Task.WhenAll(_lanes.Select(lane => lane.End));

    /// <summary>The end of the lane that has least work; the next call of <see cref="Lengthen"/> is about this one.</summary>
    public Task Shortest => _lanes[ShortestAt].End;

    private int ShortestAt => Array.IndexOf(_lanes, _lanes.MinBy(lane => lane.Length));

    /// <summary>The shortest lane goes on to another end.</summary>
    public void Lengthen(Task end, int length) => _lanes[ShortestAt] = (end, _lanes[ShortestAt].Length + length);
}
