using System.Runtime.CompilerServices;
using Kadath.Kademlia;
using Kadath.Mainline.Nodes;
using Kadath.Mainline.Records;
using Kadath.Mainline.Wire;
using Kadath.Primitives;

namespace Kadath.Mainline.Queries;

/// <summary>get_peers, announce_peer (BEP 5, 33) and sample_infohashes (BEP 51).</summary>
internal static class PeerQueries
{
    /// <summary>Peers in one reply, if there is room: those of IPv4 take 8 bytes each, those of IPv6 21.</summary>
    private const int MaxValues = 64;

    /// <summary>Peers for which a reply keeps room, whatever else it carries.</summary>
    private const int LeastValues = 8;

    /// <summary>Info-hashes in one reply: libtorrent and mldht send as many.</summary>
    private const int MaxSamples = 20;

    /// <summary>Each reply is a fresh sample, so that asking soon brings news; BEP 51 allows 0 to 21,600 seconds.</summary>
    private const int SampleInterval = 60;

    /// <summary>Answers with peers, nodes and a token, and with filters if asked.</summary>
    [SkipLocalsInit]
    public static void GetPeers(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        if (!query.HasInfoHash)
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "info_hash must have 20 bytes"u8, now);
            return;
        }

        Id160 infoHash = query.InfoHash;
        MemberRecords<Id160, PeerMember>? announces = node.Context.Records.Announces;
        int known = announces?.CountOf(infoHash) ?? 0;
        BencodeWriter writer = QueryHandler.Begin(node, from, KrpcLimits.Payload);
        if (query.Has(KrpcFields.Scrape) && known > 0)
        {
            writer.Raw("4:BFpe256:"u8);
            Span<byte> peers = writer.Take(KrpcLimits.Filter);
            writer.Raw("4:BFsd256:"u8);
            node.Context.Records.WriteFilters(infoHash, now, peers, writer.Take(KrpcLimits.Filter));
        }

        ReplyWriter.Id(ref writer, node.Id);
        const int Token = 9 + WriteTokens.Size, Tail = 4 + 3 + KrpcLimits.MaxTransactionId + 9 + 7;
        // Nodes shrink first: beside filters and the nodes of two families there must be room for some peers.
        int reserved = known == 0 ? 0 : 10 + (Math.Min(known, LeastValues) * (node.IsV6 ? 3 + Endpoint.CompactSizeV6 : 2 + Endpoint.CompactSizeV4));
        QueryHandler.WriteNodes(node, ref writer, infoHash, query.Want, KrpcLimits.Payload - writer.Length - Token - Tail - reserved);

        // Near 6,000 peers filters saturate: whoever is not among them is sent to other nodes (BEP 33).
        if (known < MainlineRecords.MaxPeersPerKey || announces!.TryGet(infoHash, new(from, false, 0), now, out _))
        {
            QueryHandler.WriteToken(node, ref writer, from, infoHash, now);
        }

        if (known > 0)
        {
            WriteValues(node, ref writer, announces!, infoHash, query.Has(KrpcFields.NoSeed), KrpcLimits.Payload - writer.Length - Tail);
        }

        QueryHandler.Send(node, ref writer, query.Transaction, from);
    }

    /// <summary>Stores the sender as a peer.</summary>
    public static void Announce(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        if (!query.HasInfoHash)
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "info_hash must have 20 bytes"u8, now);
            return;
        }

        Id160 infoHash = query.InfoHash;
        if (!query.TokenSlice.Present || !node.Context.Tokens.Check(query.Token, from, infoHash, now))
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "invalid token"u8, now);
            return;
        }

        long port = query.Has(KrpcFields.ImpliedPort) ? from.Port : query.Has(KrpcFields.Port) ? query.Port : 0;
        if (port is < 1 or > ushort.MaxValue)
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "port must be 1 to 65535"u8, now);
            return;
        }

        Endpoint peer = from.WithPort((ushort)port);
        PutOutcome outcome = node.Context.Records.Announce(infoHash, peer, query.Has(KrpcFields.Seed), from, node.Context.WorthOf(infoHash), now);
        if (outcome > PutOutcome.Refreshed)
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Server, "no room"u8, now);
            return;
        }

        QueryHandler.Acknowledge(node, query.Transaction, from);
        if (outcome == PutOutcome.Stored)
        {
            node.Context.Effects.Emit(new(MainlineEventKind.AnnounceStored, node.Socket, infoHash, peer, node.Context.Records.Announces!.Count));
        }
    }

    /// <summary>Answers with a sample of the info-hashes that have peers here.</summary>
    [SkipLocalsInit]
    public static void Sample(SocketNode node, in KrpcMessage query, in Endpoint from, Instant now)
    {
        if (!query.HasTarget)
        {
            QueryHandler.Refuse(node, query, from, KrpcError.Protocol, "target must have 20 bytes"u8, now);
            return;
        }

        MemberRecords<Id160, PeerMember>? announces = node.Context.Records.Announces;
        Span<Id160> samples = stackalloc Id160[MaxSamples];
        int count = announces?.SampleKeys(samples) ?? 0;
        BencodeWriter writer = QueryHandler.Begin(node, from, KrpcLimits.Payload);
        ReplyWriter.Id(ref writer, node.Id);
        writer.Raw("8:interval"u8);
        writer.Integer(SampleInterval);

        // Interval, num and samples take at most 100 bytes beside the hashes.
        QueryHandler.WriteNodes(node, ref writer, query.Target, query.Want, KrpcLimits.Payload - ReplyWriter.EnvelopeSize - 100 - (20 * MaxSamples));
        writer.Raw("3:num"u8);
        writer.Integer(announces?.KeyCount ?? 0);
        writer.Raw("7:samples"u8);
        writer.StringHeader(20 * count);
        for (int i = 0; i < count; i++)
        {
            Span<byte> into = writer.Take(20);
            if (!into.IsEmpty)
            {
                samples[i].Write(into);
            }
        }

        QueryHandler.Send(node, ref writer, query.Transaction, from);
    }

    [SkipLocalsInit]
    private static void WriteValues(
        SocketNode node, ref BencodeWriter writer, MemberRecords<Id160, PeerMember> announces, in Id160 infoHash, bool noSeed, int room)
    {
        // BEP 32: peers of the family that was asked over.
        int classes = (1 << (node.IsV6 ? PeerMember.PeerV6 : PeerMember.PeerV4)) | (noSeed ? 0 : 1 << (node.IsV6 ? PeerMember.SeedV6 : PeerMember.SeedV4));
        int size = node.IsV6 ? 3 + Endpoint.CompactSizeV6 : 2 + Endpoint.CompactSizeV4;
        Span<PeerMember> peers = stackalloc PeerMember[MaxValues];
        int count = announces.Sample(infoHash, classes, peers[..Math.Clamp((room - 10) / size, 0, MaxValues)]);
        if (count == 0)
        {
            return;
        }

        writer.Raw("6:valuesl"u8);
        for (int i = 0; i < count; i++)
        {
            writer.StringHeader(node.IsV6 ? Endpoint.CompactSizeV6 : Endpoint.CompactSizeV4);
            Span<byte> into = writer.Take(node.IsV6 ? Endpoint.CompactSizeV6 : Endpoint.CompactSizeV4);
            if (!into.IsEmpty)
            {
                peers[i].Endpoint.WriteCompact(into);
            }
        }

        writer.End();
    }
}
