using System.Runtime.CompilerServices;
using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Queries;

/// <summary>Answers the queries of others: judges the arguments, asks table and records, writes the reply into the send slot. No allocation.</summary>
internal static class QueryHandler
{
    /// <summary>Takes a query that was parsed. A read-only node answers none (BEP 43).</summary>
    public static void Handle(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        if (node.Context.Options.ReadOnly || !node.Context.Budget.Admit(node.Rules.GroupsOf(from), CostOf(node, query, now), now))
        {
            node.Context.Counters.Dropped++;
            return;
        }

        if (!query.HasId)
        {
            Refuse(node, query, from, KrpcError.Protocol, "id must have 20 bytes"u8, now);
            return;
        }

        switch (query.Method)
        {
            case KrpcMethod.Ping:
                Acknowledge(node, query.Transaction, from);
                break;
            case KrpcMethod.FindNode:
                FindNode(node, query, from, now);
                break;
            case KrpcMethod.GetPeers:
                PeerQueries.GetPeers(node, query, from, now);
                break;
            case KrpcMethod.AnnouncePeer:
                PeerQueries.Announce(node, query, from, now);
                break;
            case KrpcMethod.SampleInfohashes:
                PeerQueries.Sample(node, query, from, now);
                break;
            case KrpcMethod.Get:
                ItemQueries.Get(node, query, from, now);
                break;
            case KrpcMethod.Put:
                ItemQueries.Put(node, query, from, now);
                break;
            default:
                Unknown(node, query, from, now);
                break;
        }

        if (!query.Has(KrpcFields.ReadOnly) && node.Accepts(from) && !node.Context.Conduct.Distrusts(node, from, now))
        {
            // There is a place for the stranger: ask whether it is who it says, at a rate that nobody can turn into a flood.
            if (node.Table.Heard(query.Id, from, now) == Admission.Check && node.Context.Budget.TryVerification(now))
            {
                node.Maintenance.Greet(from, now);
            }
        }
    }

    /// <summary>What a query costs, in units of a ping: measured, but for signatures, which are checked elsewhere.</summary>
    private static int CostOf(SocketNode node, in KrpcMessage query, Instant now) => query.Method switch
    {
        KrpcMethod.Ping => 1,
        KrpcMethod.GetPeers when query.Has(KrpcFields.Scrape) && query.HasInfoHash => 4 + (node.Context.Records.ScrapeCost(query.InfoHash, now) / 16),
        KrpcMethod.AnnouncePeer => 5,
        KrpcMethod.Put => query.KeySlice.Present ? 100 : 10,
        _ => 2,
    };

    /// <summary>Answers with an error, at the fixed rate of errors.</summary>
    public static void Refuse(SocketNode node, in KrpcMessage query, in Endpoint from, KrpcError code, ReadOnlySpan<byte> text, Instant now) =>
        Refuse(node, query.Transaction, from, code, text, now);

    /// <summary>Answers with an error, at the fixed rate of errors.</summary>
    public static void Refuse(SocketNode node, ReadOnlySpan<byte> transaction, in Endpoint from, KrpcError code, ReadOnlySpan<byte> text, Instant now)
    {
        if (!node.Context.Budget.TryError(now))
        {
            node.Context.Counters.Dropped++;
            return;
        }

        var writer = new BencodeWriter(node.Context.Effects.Rent(node.Socket));
        ReplyWriter.Error(ref writer, from, transaction, code, text);
        node.Context.Effects.Send(node.Socket, writer.Length, from);
    }

    /// <summary>Begins a response in the send slot.</summary>
    public static BencodeWriter Begin(SocketNode node, in Endpoint to, int limit)
    {
        var writer = new BencodeWriter(node.Context.Effects.Rent(node.Socket)[..limit]);
        ReplyWriter.Begin(ref writer, to);
        return writer;
    }

    /// <summary>Ends a response and sends it.</summary>
    public static void Send(SocketNode node, ref BencodeWriter writer, ReadOnlySpan<byte> transaction, in Endpoint to)
    {
        ReplyWriter.End(ref writer, transaction);
        if (writer.Overflowed)
        {
            node.Context.Counters.Dropped++;
            return;
        }

        node.Context.Effects.Send(node.Socket, writer.Length, to);
    }

    /// <summary>Writes <c>nodes</c> and <c>nodes6</c> as wanted, as many as fit the room.</summary>
    [SkipLocalsInit]
    public static void WriteNodes(SocketNode node, ref BencodeWriter writer, in Id160 target, KrpcWant want, int room)
    {
        if (want == KrpcWant.None)
        {
            want = node.IsV6 ? KrpcWant.V6 : KrpcWant.V4;
        }

        Span<byte> rows = stackalloc byte[MainlineConstants.MaxNodesPerReply * KrpcLimits.NodeV6];
        if ((want & KrpcWant.V4) != 0)
        {
            room -= Write(node.IsV6 ? node.Context.Sibling(node) : node, ref writer, "5:nodes"u8, target, rows, KrpcLimits.NodeV4, room);
        }

        if ((want & KrpcWant.V6) != 0)
        {
            Write(node.IsV6 ? node : node.Context.Sibling(node), ref writer, "6:nodes6"u8, target, rows, KrpcLimits.NodeV6, room);
        }
    }

    private static int Write(SocketNode? node, ref BencodeWriter writer, ReadOnlySpan<byte> key, in Id160 target, scoped Span<byte> rows, int size, int room)
    {
        // The header takes at most 4 bytes: "304:".
        if (node is null || room - key.Length - 4 < 0)
        {
            return 0;
        }

        int max = Math.Min(node.Context.Options.Constants.NodesPerReply, (room - key.Length - 4) / size);

        int count = max == 0 ? 0 : node.Table.CopyClosest(target, max, rows);
        int before = writer.Length;
        writer.Raw(key);
        writer.String(rows[..(count * size)]);
        return writer.Length - before;
    }

    /// <summary>Acknowledges with our id and nothing else.</summary>
    public static void Acknowledge(SocketNode node, ReadOnlySpan<byte> transaction, in Endpoint to)
    {
        BencodeWriter writer = Begin(node, to, KrpcLimits.Payload);
        ReplyWriter.Id(ref writer, node.Id);
        Send(node, ref writer, transaction, to);
    }

    /// <summary>Writes the token with which the address may store at the target.</summary>
    public static void WriteToken(SocketNode node, ref BencodeWriter writer, in Endpoint to, in Id160 target, Instant now)
    {
        writer.Raw("5:token8:"u8);
        Span<byte> token = writer.Take(WriteTokens.Size);
        if (!token.IsEmpty)
        {
            node.Context.Tokens.Write(token, to, target, now);
        }
    }

    private static void FindNode(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        if (!query.HasTarget && !query.HasInfoHash)
        {
            Refuse(node, query, from, KrpcError.Protocol, "target must have 20 bytes"u8, now);
            return;
        }

        BencodeWriter writer = Begin(node, from, KrpcLimits.Payload);
        ReplyWriter.Id(ref writer, node.Id);
        WriteNodes(node, ref writer, query.HasTarget ? query.Target : query.InfoHash, query.Want, KrpcLimits.Payload - ReplyWriter.EnvelopeSize);
        Send(node, ref writer, query.Transaction, from);
    }

    /// <summary>A method of the future that names a target is answered as find_node, so that its lookups pass through us (BEP 5's successors).</summary>
    private static void Unknown(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        if (query.Method != KrpcMethod.None && (query.HasTarget || query.HasInfoHash))
        {
            FindNode(node, query, from, now);
            return;
        }

        Refuse(node, query, from, KrpcError.UnknownMethod, "Method Unknown"u8, now);
    }
}
