using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Operations;

/// <summary>
/// Stores at our own nodes, where they are among the k closest that are known: others look for the record there as well, and a node that is
/// alone is all the network there is. What is stored passes the same rules as what strangers send, and counts once it is durable.
/// </summary>
internal sealed class OwnStore(SearchOperation operation, MainlineContext context)
{
    /// <summary>The numbers of its tickets: beyond those of the verifications of a harvest.</summary>
    public const int VerifyNumber = 254, PersistNumber = 255;

    private readonly List<SocketNode> _nodes = [];
    private byte[] _encoded = [];
    private Id160 _target;
    private long? _cas;

    /// <summary>Some node of ours is among the closest.</summary>
    public bool Any => _nodes.Count > 0;

    /// <summary>A signature is being verified, or a disk written.</summary>
    public bool Pending { get; private set; }

    /// <summary>Stores that succeeded.</summary>
    public int Stored { get; private set; }

    /// <summary>A lookup has ended: notes whether its node is itself among the closest. A read-only node keeps nothing for anybody.</summary>
    public void Consider(SocketNode node, in Id160 target, LookupMachine<Id160, Endpoint> lookup)
    {
        // Whoever has somebody to ask and hears of nobody is cut off from a network, not one by itself.
        if (context.Options.ReadOnly || (lookup.AnswerCount == 0 && context.Routers.Length > 0))
        {
            return;
        }

        Span<LookupAnswer<Id160, Endpoint>> closest = stackalloc LookupAnswer<Id160, Endpoint>[context.Options.Constants.Replication];
        int count = lookup.Closest(closest);
        if (count < closest.Length || NodeIds.CompareDistance(target, node.Id, closest[^1].Contact.Id) < 0)
        {
            _nodes.Add(node);
        }
    }

    /// <summary>Stores us as a peer, at every node of ours that is among the closest and knows its own address.</summary>
    public void Announce(in Id160 infoHash, StorePlan plan, Instant now)
    {
        foreach (SocketNode node in _nodes)
        {
            Endpoint own = EndpointOf(node), peer = plan.Port != 0 ? own.WithPort(plan.Port) : own;
            if (peer.Scope != node.Scope || peer.Port == 0)
            {
                continue;
            }

            PutOutcome outcome = context.Records.Announce(infoHash, peer, plan.Seed, own, context.WorthOf(infoHash), now);
            Report(node, outcome <= PutOutcome.Refreshed ? KrpcError.None : KrpcError.Server);
            if (outcome == PutOutcome.Stored)
            {
                context.Effects.Emit(new(MainlineEventKind.AnnounceStored, node.Socket, infoHash, peer, context.Records.Announces!.Count));
            }
        }
    }

    /// <summary>Stores an item: once, since our nodes share their records.</summary>
    public void Put(SignedItem item, Instant now)
    {
        if (!Any)
        {
            return;
        }

        bool mutable = !item.PublicKey.IsEmpty;
        if (!BencodeReader.IsCanonical(item.Value.Span) || item.Value.Length > ItemRules.MaxValue
            || (mutable && (item.Signature.Length != ItemRules.SignatureSize || item.PublicKey.Length != ItemRules.PublicKeySize || item.Sequence < 0)))
        {
            Report(_nodes[0], KrpcError.Protocol);
            return;
        }

        _target = mutable ? ItemRules.TargetOf(item.PublicKey.Span, item.Salt.Span) : ItemRules.TargetOf(item.Value.Span);
        _cas = item.Cas;
        byte[] encoded = new byte[StoredItem.MaxSize];
        _encoded = encoded[..StoredItem.Write(encoded, item.Value.Span, item.PublicKey.Span, item.Salt.Span, item.Sequence, item.Signature.Span)];
        if (!mutable)
        {
            Store(now);
            return;
        }

        Span<byte> message = stackalloc byte[ItemRules.MaxMessage];
        int length = ItemRules.WriteSignedMessage(item.Salt.Span, item.Sequence, item.Value.Span, message);
        Pending = context.Effects.Verify(operation.TicketFor(VerifyNumber), item.PublicKey.Span, message[..length], item.Signature.Span);
        if (!Pending)
        {
            Report(_nodes[0], KrpcError.Server);
        }
    }

    /// <summary>The signature was verified.</summary>
    public void Verified(bool valid, Instant now)
    {
        Pending = false;
        if (valid)
        {
            Store(now);
        }
        else
        {
            Report(_nodes[0], KrpcError.BadSignature);
        }
    }

    /// <summary>The disk was written, or not.</summary>
    public void Persisted(bool durable)
    {
        Pending = false;
        Report(_nodes[0], durable ? KrpcError.None : KrpcError.Server);
    }

    private void Store(Instant now)
    {
        ItemSelector selector = new() { Cas = _cas };
        RecordPut result = context.Records.Put(_target, _encoded, EndpointOf(_nodes[0]), context.WorthOf(_target), ref selector, now);
        if (result.Outcome == PutOutcome.Stored)
        {
            context.Effects.Emit(new(MainlineEventKind.ItemStored, _nodes[0].Socket, _target, EndpointOf(_nodes[0]), context.Records.Items!.Count));
        }

        if (!result.Accepted)
        {
            Report(_nodes[0], result.Outcome == PutOutcome.Refused ? selector.Error : KrpcError.Server);
            return;
        }

        Span<byte> key = stackalloc byte[Id160.Size];
        _target.Write(key);
        if (!result.Persist)
        {
            Report(_nodes[0], KrpcError.None);
        }
        else if (context.Effects.Persist(operation.TicketFor(PersistNumber), MainlineCollection.Items, key, _encoded, context.Records.SourceOf(EndpointOf(_nodes[0])), now + context.Records.ItemLifetime))
        {
            Pending = true;
        }
        else
        {
            Report(_nodes[0], KrpcError.Server);
        }
    }

    private void Report(SocketNode node, KrpcError error)
    {
        NodeResult result = error == KrpcError.None ? NodeResult.Stored : NodeResult.Refused;
        Stored += result == NodeResult.Stored ? 1 : 0;
        string? message = error == KrpcError.None ? null : Operation.Printable(Queries.ItemQueries.TextOf(error));
        operation.Tell(new(result, node.Id, EndpointOf(node), TimeSpan.Zero, (int)error, message, default, 0));
    }

    /// <summary>How others reach the node, as far as it knows.</summary>
    private static Endpoint EndpointOf(SocketNode node) => node.Identity.External is { IsValid: true, Port: not 0 } external ? external : node.Local;
}
