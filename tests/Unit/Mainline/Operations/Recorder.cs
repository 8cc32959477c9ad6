using Kadath.Mainline;
using Kadath.Primitives;
using Xunit;

namespace Kadath.Tests.Unit.Mainline.Operations;

/// <summary>Writes down what an operation tells, and holds it to its contract: one report, and nothing after it.</summary>
internal sealed class Recorder : IMainlineObserver
{
    public List<Endpoint> Peers { get; } = [];

    public List<NodeOutcome> Nodes { get; } = [];

    public List<(byte[] Value, byte[] Key, byte[] Signature, long Sequence, int Copies)> Items { get; } = [];

    public List<(Endpoint From, int Samples, long Total, TimeSpan Interval)> Samples { get; } = [];

    public List<OperationReport> Rounds { get; } = [];

    public long? Awaited { get; private set; }

    public OperationReport? Report { get; private set; }

    public bool IsDone => Report.HasValue;

    public int Count(NodeResult result) => Nodes.Count(node => node.Result == result);

    public void OnPeers(ReadOnlySpan<Endpoint> peers)
    {
        Running();
        Peers.AddRange(peers.ToArray());
    }

    public void OnNode(in NodeOutcome outcome)
    {
        Running();
        Nodes.Add(outcome);
    }

    public void OnItem(in ItemView item)
    {
        Running();
        Items.Add((item.Value.ToArray(), item.PublicKey.ToArray(), item.Signature.ToArray(), item.Sequence, item.Copies));
    }

    public void OnSamples(in SamplesView samples)
    {
        Running();
        Samples.Add((samples.From, samples.Samples.Length / 20, samples.Total, samples.Interval));
    }

    public void OnAwaitingItem(long highestSequence)
    {
        Running();
        Awaited = highestSequence;
    }

    public void OnRound(in OperationReport report)
    {
        Running();
        Rounds.Add(report);
    }

    public void OnCompleted(in OperationReport report)
    {
        Running();
        Report = report;
    }

    private void Running() => Assert.Null(Report);
}
