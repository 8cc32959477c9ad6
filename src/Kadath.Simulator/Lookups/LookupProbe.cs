using Kadath.Mainline;
using Kadath.Mainline.Wire;
using Kadath.Primitives;
using Kadath.Simulator.Events;

namespace Kadath.Simulator.Lookups;

/// <summary>
/// Watches one lookup from outside: counts the datagrams that carry its target, notes who answers when, and follows from the contacts that
/// each answer names how long the chain to each node is.
/// </summary>
internal sealed class LookupProbe : SilentObserver
{
    private readonly KademliaNetwork _network;
    private readonly int[] _closest;
    private readonly Id160[] _joinedAs;
    private readonly bool[] _answered;
    private readonly byte[] _target = new byte[20];
    private readonly Dictionary<int, int> _hops = [];
    private readonly Action<LookupSample> _done;
    private readonly long _started;
    private int _messages;
    private long _firstAnswer = -1;
    private long _firstOfK = -1;
    private int _hopsToClosest;

    public LookupProbe(KademliaNetwork network, int initiator, in Id160 target, int k, Action<LookupSample> done)
    {
        _network = network;
        Initiator = initiator;
        Target = target;
        target.Write(_target);
        _closest = network.ClosestOthers(target, k, initiator);
        _joinedAs = [.. _closest.Select(network.IdOf)];
        _answered = new bool[_closest.Length];
        _done = done;
        _started = network.Packets.Quantum;
    }

    /// <summary>The node that looks.</summary>
    public int Initiator { get; }

    /// <summary>What is looked for.</summary>
    public Id160 Target { get; }

    /// <summary>Where the course is noted; null for nowhere.</summary>
    public LookupCourse? Course { get; set; }

    /// <summary>Takes the contacts of the initiator's own table with which lookups begin: one hop away.</summary>
    public void Seeds(MainlineDht machine)
    {
        Span<Kademlia.Contact<Id160, Endpoint>> seeds = stackalloc Kademlia.Contact<Id160, Endpoint>[32];
        int count = machine.TableOf(0).Closest(Target, seeds, Kademlia.ContactUse.Ask);
        foreach (Kademlia.Contact<Id160, Endpoint> seed in seeds[..count])
        {
            _hops[_network.NodeAt(seed.Handle)] = 1;
        }
    }

    /// <summary>The initiator sends a datagram: is it one of this lookup?</summary>
    public void Sending(int receiver, in Endpoint to, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf(_target) >= 0)
        {
            _messages++;
            Course?.Asks(to);
            _hops.TryAdd(receiver, 1);
        }
    }

    /// <inheritdoc/>
    public override void OnNode(in NodeOutcome outcome)
    {
        Course?.Hears(outcome);
        if (outcome.Result != NodeResult.Answered || _network.NodeAt(outcome.Endpoint) is not (>= 0 and var node))
        {
            return;
        }

        int hops = _hops.GetValueOrDefault(node, 1);
        Note(node, outcome.Id, hops);
        if (KrpcParser.TryParse(_network.Packets.Arriving, out KrpcMessage message))
        {
            Learn(new CompactNodes(message.Nodes, v6: false), hops + 1, outcome.Endpoint);
            Learn(new CompactNodes(message.Nodes6, v6: true), hops + 1, outcome.Endpoint);
        }
    }

    /// <inheritdoc/>
    public override void OnCompleted(in OperationReport report)
    {
        int answered = _answered.Count(static a => a);
        Course?.Ends(report.End.ToString(), answered, _closest.Length);
        _done(new()
        {
            Initiator = Initiator,
            BeganSeconds = SimClock.Milliseconds(_started - SimClock.Origin) / 1000,
            Success = Enumerable.Range(0, _closest.Length).Any(i => _answered[i] && _network.IsHonest(_closest[i])),
            FoundClosest = _firstAnswer >= 0,
            Coverage = _closest.Length == 0 ? 0 : answered / (double)_closest.Length,
            FirstAnswerMs = Milliseconds(_firstAnswer),
            FirstOfKMs = Milliseconds(_firstOfK),
            DoneMs = Milliseconds(_network.Packets.Quantum),
            Hops = _firstAnswer < 0 ? double.PositiveInfinity : _hopsToClosest,
            Messages = _messages,
            End = report.End.ToString(),
        });
    }

    private void Note(int node, in Id160 id, int hops)
    {
        int rank = Array.IndexOf(_closest, node);
        if (rank < 0 || _answered[rank] || id != _joinedAs[rank])
        {
            return;
        }

        _answered[rank] = true;
        long now = _network.Packets.Quantum;
        _firstOfK = _firstOfK < 0 ? now : _firstOfK;
        if (rank == 0)
        {
            _firstAnswer = now;
            _hopsToClosest = hops;
        }
    }

    private void Learn(CompactNodes nodes, int hops, in Endpoint by)
    {
        while (nodes.TryNext(out Kademlia.Contact<Id160, Endpoint> contact))
        {
            Course?.Names(contact.Handle, by);
            if (_network.NodeAt(contact.Handle) is >= 0 and var node)
            {
                _hops.TryAdd(node, hops);
            }
        }
    }

    private double Milliseconds(long quantum) => quantum < 0 ? double.PositiveInfinity : SimClock.Milliseconds(quantum - _started);
}
