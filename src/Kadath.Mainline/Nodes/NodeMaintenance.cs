using Kadath.Kademlia;
using Kadath.Mainline.Lookups;
using Kadath.Mainline.Rpc;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Nodes;

/// <summary>Carries out what the engine's maintenance asks of one node: pings, refreshes, bootstrapping.</summary>
internal sealed class NodeMaintenance : IRpcOwner, ILookupClient
{
    // A node is at work when a lookup can begin with k contacts that live, or has looked around and there are no more than it found.
    private const int Enough = 8;

    private const long PingTag = 1, NewcomerTag = 2;

    private readonly SocketNode _node;
    private readonly Maintenance<Id160, Endpoint> _engine;
    private bool _bootstrapped;
    private bool _lookedAround;

    public NodeMaintenance(SocketNode node, Maintenance<Id160, Endpoint> engine)
    {
        _node = node;
        _engine = engine;
    }

    /// <summary>The node has enough live contacts to work.</summary>
    public bool Bootstrapped => _bootstrapped;

    public Instant NextDeadline => Suspended ? Instant.Never : _engine.NextDeadline;

    /// <summary>True where nothing is maintained at present: a simulation wants to see what becomes of the table.</summary>
    public bool Suspended { get; set; }

    public void Wake(Instant now)
    {
        while (!Suspended && _engine.TryNext(now, out MaintenanceTask<Id160, Endpoint> task))
        {
            Begin(task, now);
        }

        Note();
    }

    /// <summary>Bootstrap endpoints have come, or the network changed: begin again at once.</summary>
    public void Restart(Instant now) => _engine.NetworkChanged(now);

    /// <summary>Pings an endpoint of which nothing else is known; it enters the table if it answers.</summary>
    public void Greet(in Endpoint endpoint, Instant now)
    {
        if (!Suspended)
        {
            _node.Rpc.TrySend(new() { Method = KrpcMethod.Ping }, new(default, endpoint), this, NewcomerTag, RpcTable.DefaultTimeout, now);
        }
    }

    /// <summary>The table was empty and no longer is, or the id has changed: look around at once.</summary>
    public void LookAround(Instant now)
    {
        if (_node.LookupCount == 0 && !Suspended)
        {
            Begin(new(MaintenanceKind.LookupSelf, default, _node.Id, 0), now, report: false);
        }
    }

    void IRpcOwner.Sent(in RpcCall call, Instant now)
    {
    }

    void IRpcOwner.Replied(in RpcCall call, in KrpcMessage reply, Instant now)
    {
        _node.RoundTrips.Observe(now - call.SentAt);
        Ended(call, 1, now);
    }

    void IRpcOwner.Failed(in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now)
    {
        if (failure == RpcFailure.BusyHere && call.Tag == PingTag)
        {
            // It waited for its departure in vain: that says nothing of the peer.
            _engine.Declined(TaskOf(call), now);
            return;
        }

        Ended(call, failure == RpcFailure.Refused ? 1 : 0, now);
    }

    ulong ILookupClient.Answered(LookupRun run, in RpcCall call, in KrpcMessage reply, Instant now) => 0;

    void ILookupClient.Completed(LookupRun run, Instant now)
    {
        if (run.Task is { } task)
        {
            _engine.Completed(task, run.Lookup.AnswerCount, now);
        }

        _lookedAround |= run.Lookup.AnswerCount > 0;
        Note();
    }

    private void Begin(in MaintenanceTask<Id160, Endpoint> task, Instant now, bool report = true)
    {
        if (task.Kind == MaintenanceKind.Ping)
        {
            if (!_node.Rpc.TrySend(new() { Method = KrpcMethod.Ping }, task.Contact, this, PingTag, RpcTable.DefaultTimeout, now))
            {
                _engine.Declined(task, now);
            }

            return;
        }

        ReadOnlySpan<Endpoint> routers = task.Kind == MaintenanceKind.Bootstrap ? _node.Context.Routers : [];
        SocketNode? sibling = _node.Context.Sibling(_node);
        KrpcWant want = sibling is { Maintenance.Bootstrapped: false } ? KrpcWant.V4 | KrpcWant.V6 : KrpcWant.None;
        _node.StartLookup(new(KrpcMethod.FindNode, task.Target) { Want = want, Task = report ? task : null }, routers, this, now);
    }

    private static MaintenanceTask<Id160, Endpoint> TaskOf(in RpcCall call) => new(MaintenanceKind.Ping, call.To, default, 0);

    private void Ended(in RpcCall call, int answered, Instant now)
    {
        if (call.Tag == PingTag)
        {
            _engine.Completed(TaskOf(call), answered, now);
        }

        Note();
    }

    private void Note()
    {
        int live = _node.Table.LiveCount;
        if (!_bootstrapped && (live >= Enough || (live > 0 && _lookedAround)))
        {
            _bootstrapped = true;
            _node.Context.Effects.Emit(new(MainlineEventKind.Bootstrapped, _node.Socket, _node.Id, default, live));
        }
        else if (_bootstrapped && live == 0)
        {
            _bootstrapped = _lookedAround = false;
            _node.Context.Effects.Emit(new(MainlineEventKind.Rebootstrapping, _node.Socket, _node.Id, default, 0));
        }
    }
}
