using System.Runtime.CompilerServices;
using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Queries;

/// <summary>
/// get and put (BEP 44). A put passes cheap checks first, then a signature is verified and the change made durable, both by the driver; the
/// reply leaves when that is done.
/// </summary>
internal static class ItemQueries
{
    /// <summary>Answers with the item, nodes and a token.</summary>
    public static void Get(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        if (!query.HasTarget)
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "target must have 20 bytes"u8, now);
            return;
        }

        Id160 target = query.Target;
        bool found = node.Context.Records.TryGet(target, now, out StoredItem item);
        bool whole = found && !(item.Mutable && query.Has(KrpcFields.Sequence) && item.Sequence <= query.Sequence);
        BencodeWriter writer = QueryHandler.Begin(node, from, whole ? KrpcLimits.ItemPayload : KrpcLimits.Payload);
        ReplyWriter.Id(ref writer, node.Id);
        if (whole && item.Mutable)
        {
            writer.Raw("1:k"u8);
            writer.String(item.PublicKey);
        }

        // mldht fails on a reply without the key "nodes": it stays, however little room the value leaves.
        int room = whole
            ? KrpcLimits.ItemPayload - ReplyWriter.EnvelopeSize - 27 - 17 - (item.Mutable ? 136 : 0) - 3 - item.Value.Length
            : KrpcLimits.Payload - ReplyWriter.EnvelopeSize - 27 - 17 - 26;
        QueryHandler.WriteNodes(node, ref writer, target, query.Want, room);
        if (found && item.Mutable)
        {
            // Never in an immutable reply: pubky's nodes ignore those that carry it.
            writer.Raw("3:seq"u8);
            writer.Integer(item.Sequence);
        }

        if (whole && item.Mutable)
        {
            writer.Raw("3:sig"u8);
            writer.String(item.Signature);
        }

        QueryHandler.WriteToken(node, ref writer, from, target, now);
        if (whole)
        {
            writer.Raw("1:v"u8);
            writer.Raw(item.Value);
        }

        QueryHandler.Send(node, ref writer, query.Transaction, from);
    }

    /// <summary>Judges a put, and sends it on its way.</summary>
    [SkipLocalsInit]
    public static void Put(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        (KrpcError error, bool mutable) = Judge(query);
        if (error != KrpcError.None)
        {
            QueryHandler.Refuse(node, query, from, error, TextOf(error), now);
            return;
        }

        ReadOnlySpan<byte> salt = mutable ? query.Salt : default;
        Id160 target = mutable
            ? ItemRules.TargetOf(query.PublicKey, salt)
            : ItemRules.TargetOf(query.Value);
        if (!node.Context.Tokens.Check(query.Token, from, target, now))
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "invalid token"u8, now);
            return;
        }

        if (!BencodeReader.IsCanonical(query.Value))
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "v is not canonical bencode"u8, now);
            return;
        }

        Span<byte> encoded = stackalloc byte[StoredItem.MaxSize];
        int length = StoredItem.Write(encoded, query.Value, mutable ? query.PublicKey : default, salt, query.Sequence, query.Signature);
        PendingPut put = new(node, from, target, mutable && query.Has(KrpcFields.Cas) ? query.Cas : null);
        bool held = false;
        error = mutable ? Precheck(put, query, now, out held) : KrpcError.None;
        if (error != KrpcError.None)
        {
            QueryHandler.Refuse(node, query, from, error, TextOf(error), now);
        }
        else if (mutable && !held)
        {
            Verify(put, query, salt, encoded[..length], now);
        }
        else
        {
            Store(put, query.Transaction, encoded[..length], now);
        }
    }

    /// <summary>The completion of a verification.</summary>
    [SkipLocalsInit]
    public static void Verified(PendingPuts puts, long ticket, bool valid, Instant now)
    {
        if (!puts.TryGet(ticket, out PendingPut put, out ReadOnlySpan<byte> waitingTransaction, out ReadOnlySpan<byte> waitingItem))
        {
            return;
        }

        Span<byte> transaction = stackalloc byte[KrpcLimits.MaxTransactionId], encoded = stackalloc byte[StoredItem.MaxSize];
        waitingTransaction.CopyTo(transaction);
        waitingItem.CopyTo(encoded);
        transaction = transaction[..waitingTransaction.Length];
        encoded = encoded[..waitingItem.Length];
        puts.Remove(ticket);
        if (!valid)
        {
            QueryHandler.Refuse(put.Node, transaction, put.From, KrpcError.BadSignature, TextOf(KrpcError.BadSignature), now);
            return;
        }

        Store(put, transaction, encoded, now);
    }

    /// <summary>The completion of a write: the reply that the sender has been waiting for.</summary>
    public static void Persisted(PendingPuts puts, long ticket, bool durable, Instant now)
    {
        if (!puts.TryGet(ticket, out PendingPut put, out ReadOnlySpan<byte> transaction, out _))
        {
            return;
        }

        if (durable)
        {
            QueryHandler.Acknowledge(put.Node, transaction, put.From);
        }
        else
        {
            QueryHandler.Refuse(put.Node, transaction, put.From, KrpcError.Server, "not stored durably"u8, now);
        }

        puts.Remove(ticket);
    }

    [SkipLocalsInit]
    private static void Verify(in PendingPut put, in KrpcMessage query, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> encoded, Instant now)
    {
        MainlineContext context = put.Node.Context;
        Span<byte> message = stackalloc byte[ItemRules.MaxMessage];
        int length = ItemRules.WriteSignedMessage(salt, query.Sequence, query.Value, message);
        bool kept = context.Puts.TryAdd(put, query.Transaction, encoded, out long ticket);
        if (kept && context.Effects.Verify(ticket, query.PublicKey, message[..length], query.Signature))
        {
            return;
        }

        if (kept)
        {
            context.Puts.Remove(ticket);
        }

        QueryHandler.Refuse(put.Node, query, put.From, KrpcError.Server, "busy"u8, now);
    }

    private static void Store(in PendingPut put, ReadOnlySpan<byte> transaction, ReadOnlySpan<byte> encoded, Instant now)
    {
        SocketNode node = put.Node;
        MainlineContext context = node.Context;
        if (!context.Puts.TryAdd(put, transaction, default, out long ticket))
        {
            QueryHandler.Refuse(node, transaction, put.From, KrpcError.Server, "busy"u8, now);
            return;
        }

        ItemSelector selector = new() { Cas = put.Cas };
        RecordPut result = context.Records.Put(put.Target, encoded, put.From, context.WorthOf(put.Target), ref selector, now);
        if (result.Accepted && result.Persist)
        {
            Span<byte> key = stackalloc byte[20];
            put.Target.Write(key);
            if (!context.Effects.Persist(ticket, MainlineCollection.Items, key, encoded, context.Records.SourceOf(put.From), now + context.Records.ItemLifetime))
            {
                Persisted(context.Puts, ticket, durable: false, now);
            }
        }
        else
        {
            context.Puts.Remove(ticket);
            if (result.Accepted)
            {
                QueryHandler.Acknowledge(node, transaction, put.From);
            }
            else
            {
                KrpcError error = result.Outcome == PutOutcome.Refused ? selector.Error : KrpcError.Server;
                QueryHandler.Refuse(node, transaction, put.From, error, TextOf(error), now);
            }
        }

        if (result.Outcome == PutOutcome.Stored)
        {
            context.Effects.Emit(new(MainlineEventKind.ItemStored, node.Socket, put.Target, put.From, context.Records.Items!.Count));
        }
    }

    /// <summary>What costs nothing to judge: presence, sizes.</summary>
    private static (KrpcError Error, bool Mutable) Judge(in KrpcMessage query)
    {
        // An immutable put may carry a sequence number (anacrolix demands it); a key without signature or number is no immutable put.
        bool mutable = query.KeySlice.Present || query.SignatureSlice.Present;
        KrpcError error =
            !query.TokenSlice.Present || !query.ValueSlice.Present ? KrpcError.Protocol
            : query.ValueSlice.Length > KrpcLimits.MaxValue ? KrpcError.ValueTooBig
            : !mutable ? KrpcError.None
            : query.SaltSlice.Length > KrpcLimits.MaxSalt ? KrpcError.SaltTooBig
            : query.KeySlice.Length != 32 || query.SignatureSlice.Length != 64 || !query.Has(KrpcFields.Sequence) || query.Sequence < 0 ? KrpcError.Protocol
            : KrpcError.None;
        return (error, mutable);
    }

    /// <summary>Refuses before a signature is verified what would be refused after it; <paramref name="held"/>: the very item is held already.</summary>
    private static KrpcError Precheck(in PendingPut put, in KrpcMessage query, Instant now, out bool held)
    {
        held = false;
        if (!put.Node.Context.Records.TryGet(put.Target, now, out StoredItem old) || !old.Mutable)
        {
            return KrpcError.None;
        }

        if (put.Cas is { } expected && expected != old.Sequence)
        {
            return KrpcError.CasMismatch;
        }

        bool equal = query.Sequence == old.Sequence && query.Value.SequenceEqual(old.Value);
        held = equal && query.Signature.SequenceEqual(old.Signature);
        return query.Sequence > old.Sequence || equal ? KrpcError.None : KrpcError.SequenceTooLow;
    }

    /// <summary>What an error reply says.</summary>
    public static ReadOnlySpan<byte> TextOf(KrpcError error) => error switch
    {
        KrpcError.Server => "no room"u8,
        KrpcError.ValueTooBig => "v is longer than 1000 bytes"u8,
        KrpcError.SaltTooBig => "salt is longer than 64 bytes"u8,
        KrpcError.BadSignature => "invalid signature"u8,
        KrpcError.CasMismatch => "cas does not match the stored seq"u8,
        KrpcError.SequenceTooLow => "seq is not higher than the stored one"u8,
        KrpcError.Protocol => "missing or malformed argument"u8,
        _ => "error"u8,
    };
}
