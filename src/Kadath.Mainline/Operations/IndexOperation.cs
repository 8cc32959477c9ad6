using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Rpc;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>
/// Walks the network with sample_infohashes (BEP 51): asks each node no sooner than the interval that it gave, at a bounded rate, and learns of
/// further nodes from the answers. A node that does not speak the method, or is silent, is not asked again.
/// </summary>
internal sealed class IndexOperation : Operation, IRpcOwner
{
    private const int DefaultRate = 10, MaxRate = 100, DefaultNodes = 20_000, MaxNodes = 1_000_000;

    // No node is asked more often, whatever interval it gives: its sample would hardly differ.
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(6);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhenEmpty = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _pace;
    private readonly EndpointSet _known;
    private readonly EntropyStream _entropy;

    // By the time at which a node may be asked, then by the order in which it became known.
    private readonly PriorityQueue<Visit, (long At, long Order)> _queue = new();
    private long _order;
    private Instant _next;
    private int _sent;
    private int _answered;

    public IndexOperation(OperationTable table, in IndexRequest request, IMainlineObserver observer, Instant now)
        : base(table, observer, TimeSpan.Zero, now)
    {
        int rate = Math.Clamp(request.QueriesPerSecond == 0 ? DefaultRate : request.QueriesPerSecond, 1, MaxRate);
        _pace = TimeSpan.FromSeconds(1) / rate;
        _entropy = Context.Entropy;
        _known = new(Math.Clamp(request.MaxNodes == 0 ? DefaultNodes : request.MaxNodes, 1, MaxNodes), _entropy.NextUInt64());
        _next = now;
    }

    /// <inheritdoc/>
    protected override Instant NextStep => _next;

    /// <inheritdoc/>
    public override void Start(Instant now) => Step(now);

    void IRpcOwner.Sent(in RpcCall call, Instant now) => _sent++;

    void IRpcOwner.Replied(in RpcCall call, in KrpcMessage reply, Instant now)
    {
        SocketNode node = Context.Nodes[(int)call.Tag];
        Learn(reply.Nodes, v6: false, now);
        Learn(reply.Nodes6, v6: true, now);
        if (!reply.SamplesSlice.Present || reply.Samples.Length % 20 != 0)
        {
            return;
        }

        _answered++;
        TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(reply.Interval, 0, (long)MaxInterval.TotalSeconds));
        Observer.OnSamples(new() { From = call.To.Handle, Samples = reply.Samples, Total = Math.Max(reply.Total, 0), Interval = interval });
        TimeSpan wait = interval > LeastInterval ? interval : LeastInterval;
        Enqueue(new(node, call.To.Handle), now + wait);
    }

    void IRpcOwner.Failed(in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now)
    {
    }

    /// <inheritdoc/>
    protected override void Step(Instant now)
    {
        if (_queue.Count == 0)
        {
            LearnFromTables(now);
        }

        if (!_queue.TryPeek(out Visit visit, out (long At, long Order) due))
        {
            _next = now + WhenEmpty;
            return;
        }

        if (due.At > now.Ticks)
        {
            _next = new(due.At);
            return;
        }

        _queue.Dequeue();
        Id160 target = NodeIds.Random<Id160>(_entropy);
        if (!visit.Node.Rpc.TrySend(new() { Method = KrpcMethod.SampleInfohashes, Target = target }, new(default, visit.Endpoint), this, visit.Node.Socket, Patience, now))
        {
            Enqueue(visit, now + LeastInterval);
        }

        _next = now + _pace;
    }

    /// <inheritdoc/>
    protected override OperationReport Sum(OperationEnd end, Instant now) => new(Id, end, 0, _sent, _answered, 0, now - Started, -1, -1);

    /// <inheritdoc/>
    protected override void Close(Instant now)
    {
        IReadOnlyList<SocketNode> nodes = Context.Nodes;
        for (int i = 0; i < nodes.Count; i++)
        {
            nodes[i].Forget(this);
        }
    }

    private void LearnFromTables(Instant now)
    {
        Span<Contact<Id160, Endpoint>> contacts = stackalloc Contact<Id160, Endpoint>[64];
        IReadOnlyList<SocketNode> nodes = Context.Nodes;
        for (int i = 0; i < nodes.Count; i++)
        {
            int count = nodes[i].Table.Closest(NodeIds.Random<Id160>(_entropy), contacts, ContactUse.Ask);
            foreach (ref readonly Contact<Id160, Endpoint> contact in contacts[..count])
            {
                Learn(nodes[i], contact.Handle, now);
            }
        }
    }

    private void Learn(ReadOnlySpan<byte> compact, bool v6, Instant now)
    {
        var reader = new CompactNodes(compact, v6);
        while (reader.TryNext(out Contact<Id160, Endpoint> contact))
        {
            IReadOnlyList<SocketNode> nodes = Context.Nodes;
            for (int i = 0; i < nodes.Count; i++)
            {
                if (nodes[i].Accepts(contact.Handle))
                {
                    Learn(nodes[i], contact.Handle, now);
                    break;
                }
            }
        }
    }

    private void Learn(SocketNode node, in Endpoint endpoint, Instant now)
    {
        if (_known.TryAdd(endpoint))
        {
            Enqueue(new(node, endpoint), now);
        }
    }

    private void Enqueue(in Visit visit, Instant at) => _queue.Enqueue(visit, (at.Ticks, ++_order));

    private readonly record struct Visit(SocketNode Node, Endpoint Endpoint);
}
