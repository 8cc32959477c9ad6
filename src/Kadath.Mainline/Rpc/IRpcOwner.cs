using Kadath.Kademlia;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Rpc;

/// <summary>One query of ours.</summary>
/// <param name="Method">What was asked.</param>
/// <param name="To">Whom: the id is default where only the endpoint is known.</param>
/// <param name="Tag">The owner's own number.</param>
/// <param name="SentAt">When it left.</param>
internal readonly record struct RpcCall(KrpcMethod Method, Contact<Id160, Endpoint> To, long Tag, Instant SentAt);

/// <summary>
/// Who sent a query and is told what became of it: <see cref="Sent"/> when it leaves, then exactly one of <see cref="Replied"/> and
/// <see cref="Failed"/>. Calls may come from within <see cref="RpcTable.TrySend"/> (only <see cref="Sent"/>), Receive and Wake.
/// </summary>
internal interface IRpcOwner
{
    /// <summary>The query has left: at once, or later where the address was paced.</summary>
    void Sent(in RpcCall call, Instant now);

    /// <summary>The response, from the full endpoint that was asked; it carries a valid id.</summary>
    void Replied(in RpcCall call, in KrpcMessage reply, Instant now);

    /// <summary>
    /// No response. <see cref="RpcFailure.Refused"/>: <paramref name="error"/> is the peer's error message. <see cref="RpcFailure.Lied"/>:
    /// the response had no valid id. <see cref="RpcFailure.TimedOut"/>: silence.
    /// </summary>
    void Failed(in RpcCall call, RpcFailure failure, in KrpcMessage error, Instant now);
}
