using System.Globalization;
using Kadath.Mainline;
using Kadath.Primitives;
using Kadath.Simulator.Events;

namespace Kadath.Simulator;

/// <summary>The course of one lookup for people: who was asked when, who had named it, and what came of it.</summary>
public sealed class LookupCourse
{
    private readonly KademliaNetwork _network;
    private readonly long _started;
    private readonly List<string> _lines = [];
    private readonly Dictionary<Endpoint, Endpoint> _namedBy = [];
    private readonly List<Endpoint> _open = [];

    internal LookupCourse(KademliaNetwork network, int number, int initiator, in Id160 target)
    {
        (_network, Number, _started) = (network, number, network.Packets.Quantum);
        _lines.Add($"lookup {number}: node {initiator} looks for {target}");
    }

    /// <summary>Which of the run's measured lookups it is, 1 for the first that began.</summary>
    public int Number { get; }

    /// <summary>One line an event, in order.</summary>
    public IReadOnlyList<string> Lines => _lines;

    internal void Asks(in Endpoint to)
    {
        Add($"asks {Name(to)}, {(_namedBy.TryGetValue(to, out Endpoint by) ? $"named by {Name(by)}" : "of its own table")}");
        if (!_open.Contains(to))
        {
            _open.Add(to);
        }
    }

    internal void Names(in Endpoint node, in Endpoint by) => _namedBy.TryAdd(node, by);

    internal void Hears(in NodeOutcome outcome)
    {
        _open.Remove(outcome.Endpoint);
        Add(outcome.Result switch
        {
            NodeResult.Answered => $"{Name(outcome.Endpoint)} answered",
            NodeResult.TimedOut => $"{Name(outcome.Endpoint)} did not answer in time",
            _ => $"{Name(outcome.Endpoint)}: {outcome.Result}",
        });
    }

    internal void Ends(string end, int answered, int closest)
    {
        foreach (Endpoint silent in _open)
        {
            Add($"{Name(silent)} has not answered");
        }

        Add($"done ({end}): {answered} of the {closest} closest answered");
    }

    private void Add(string what) =>
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{SimClock.Milliseconds(_network.Packets.Quantum - _started),10:0.00} ms  {what}"));

    // Invented endpoints, and those of nodes that have stopped, are what makes a course worth reading.
    private string Name(in Endpoint endpoint) => _network.NodeAt(endpoint) switch
    {
        < 0 => $"nobody ({endpoint})",
        var node when !_network.IsLive(node) => $"node {node} (stopped)",
        var node when !_network.IsHonest(node) => $"node {node} (dishonest)",
        var node => $"node {node}",
    };
}
