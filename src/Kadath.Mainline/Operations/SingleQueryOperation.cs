using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Rpc;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>One question to one endpoint: ping, or sample_infohashes. Asked up to three times, since one lost packet proves nothing.</summary>
internal sealed class SingleQueryOperation : Operation, IRpcOwner
{
    private const int Attempts = 3;

    /// <summary>How long an answer is awaited if the user does not say.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly KrpcMethod _method;
    private readonly Endpoint _to;
    private readonly Id160 _target;
    private readonly TimeSpan _patience;
    private SocketNode? _node;
    private int _sent;
    private int _answered;

    public SingleQueryOperation(
        OperationTable table, KrpcMethod method, in Endpoint to, in Id160 target, TimeSpan timeout, IMainlineObserver observer, Instant now)
        : base(table, observer, TimeSpan.Zero, now)
    {
        _method = method;
        _to = to;
        _target = target;
        _patience = (timeout > TimeSpan.Zero ? timeout : DefaultTimeout) / Attempts;
    }

    /// <inheritdoc/>
    public override void Start(Instant now)
    {
        foreach (SocketNode node in Context.Nodes)
        {
            if (_node is null && node.Accepts(_to))
            {
                _node = node;
            }
        }

        if (_node is null || !Ask(now))
        {
            NotSent();
        }
    }

    void IRpcOwner.Sent(in RpcCall call, Instant now) => _sent++;

    void IRpcOwner.Replied(in RpcCall call, in KrpcMessage reply, Instant now)
    {
        _answered = 1;
        NodeOutcome outcome = Answered(NodeResult.Answered, call, reply, now);
        if (_method == KrpcMethod.SampleInfohashes)
        {
            if (reply.SamplesSlice.Present && reply.Samples.Length % 20 == 0)
            {
                // An interval beyond the six hours of BEP 51 is a node that never wants to be asked again; six hours it is.
                long seconds = Math.Clamp(reply.Interval, 0, 21_600);
                Observer.OnSamples(new() { From = _to, Samples = reply.Samples, Total = Math.Max(reply.Total, 0), Interval = TimeSpan.FromSeconds(seconds) });
            }
            else
            {
                outcome = outcome with { Result = NodeResult.Refused, ErrorCode = (int)KrpcError.UnknownMethod, Message = "answers without samples: it does not speak BEP 51" };
            }
        }

        Observer.OnNode(outcome);
        Finish(OperationEnd.Done, now);
    }

    void IRpcOwner.Failed(in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now)
    {
        if (failure == RpcFailure.TimedOut && _sent < Attempts && Ask(now))
        {
            return;
        }

        Observer.OnNode(Unanswered(call, failure, error, now));
        Finish(failure == RpcFailure.TimedOut ? OperationEnd.TimedOut : OperationEnd.Done, now);
    }

    /// <inheritdoc/>
    protected override OperationReport Sum(OperationEnd end, Instant now) => new(Id, end, _answered, _sent, _answered, 0, now - Started, -1, -1);

    /// <inheritdoc/>
    protected override void Close(Instant now) => _node?.Forget(this);

    private bool Ask(Instant now) =>
        _node!.Rpc.TrySend(new() { Method = _method, Target = _target }, new(default, _to), this, 0, _patience, now);

    private void NotSent()
    {
        Observer.OnNode(new(NodeResult.NotSent, default, _to, TimeSpan.Zero, 0, null, default, 0));
        FinishSoon(_node is null ? OperationEnd.Refused : OperationEnd.Done);
    }
}
