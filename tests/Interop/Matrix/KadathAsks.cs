using System.Net;
using System.Net.Sockets;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>The cells in which Kadath asks the foreign node. Bare endpoints prepare the foreign node and check what it holds afterwards.</summary>
internal static class KadathAsks
{
    /// <summary>Fills one cell.</summary>
    public static Task<Verdict> RunAsync(Lab lab, Operation operation) => operation switch
    {
        Operation.Ping => PingAsync(lab),
        Operation.FindNode => FindNodeAsync(lab),
        Operation.GetPeers => GetPeersAsync(lab),
        Operation.AnnouncePeer => AnnounceAsync(lab),
        Operation.PutImmutable => Bep44Async(lab, PutImmutableAsync),
        Operation.GetImmutable => Bep44Async(lab, GetImmutableAsync),
        Operation.PutMutable => Bep44Async(lab, PutMutableAsync),
        Operation.GetMutable => Bep44Async(lab, GetMutableAsync),
        Operation.Salt => Bep44Async(lab, SaltAsync),
        Operation.Sequence => Bep44Async(lab, SequenceAsync),
        Operation.Cas => Bep44Async(lab, CasAsync),
        Operation.Scrape => ScrapeAsync(lab),
        Operation.Sample => SampleAsync(lab),
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    private static async Task<Verdict> PingAsync(Lab lab)
    {
        string? id = await lab.Kadath.PingAsync(lab.Peer.Endpoint);
        return Verdict.Of(id == lab.PeerId, $"pinged, got id {id ?? "none"}");
    }

    private static async Task<Verdict> FindNodeAsync(Lab lab)
    {
        // A fresh node whose only contact is the peer finds the other Kadath nodes through it.
        KadathNode fresh = await lab.NewKadathAsync(lab.Peer.Endpoint);
        IReadOnlyList<string> nodes = [];
        bool found = await Eventually.HoldsAsync(async () =>
        {
            // Some name only nodes that have answered them lately.
            if (lab.Peer is Anacrolix)
            {
                await lab.Peer.MeetAsync(lab.Kadath.Endpoint);
            }

            nodes = await fresh.FindNodeAsync(lab.Kadath.Id);
            return nodes.Contains(lab.PeerId) && nodes.Contains(lab.Kadath.Id);
        });
        // A bare query shows it beside Kadath's: whom the peer has met and does not name, nobody can find through it.
        if (!found && lab.Peer is Anacrolix && nodes.Contains(lab.PeerId) && !(await NamedAsync(lab)).Contains(lab.Kadath.Id, StringComparison.Ordinal))
        {
            return Verdict.Fault(Expectations.DoesNotName);
        }

        return Verdict.Of(found, found ? "" : $"found [{string.Join(' ', nodes)}] and not both {lab.PeerId} and {lab.Kadath.Id}; the peer names {await NamedAsync(lab)}, and {lab.Kadath.Id} is {(await fresh.PingAsync(lab.Kadath.Endpoint) is null ? "silent" : "there")}");
    }

    private static async Task<string> NamedAsync(Lab lab)
    {
        RawReply? reply = await lab.Raw.AskAsync(lab.Peer.Endpoint, "find_node", new BencodeMap { ["target"] = Convert.FromHexString(lab.Kadath.Id) });
        // Compact nodes: an id, an address and a port each.
        bool v6 = lab.Peer.Endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        return reply?.Values?.Bytes(v6 ? "nodes6" : "nodes") is { } nodes
            ? string.Join(' ', nodes.Chunk(v6 ? 38 : 26).Select(node => Convert.ToHexStringLower(node.AsSpan(0, 20))))
            : "nobody";
    }

    private static async Task<Verdict> GetPeersAsync(Lab lab)
    {
        string hash = lab.KeyNearPeer();
        await lab.Raw.AnnounceAsync(lab.Peer.Endpoint, hash, 4321);
        IPEndPoint announced = new(lab.Raw.Endpoint.Address, 4321);
        IReadOnlyList<IPEndPoint> seen = await lab.Raw.PeersAsync(lab.Peer.Endpoint, hash);
        IReadOnlyList<IPEndPoint> found = await lab.Kadath.GetPeersAsync(hash);
        if (seen.Count == 1 && found.Contains(seen[0]) && seen[0].Port == (ushort)IPAddress.NetworkToHostOrder((short)4321))
        {
            return Verdict.Fault("gives ports byte-swapped");
        }

        return Verdict.Of(found.Contains(announced), $"found [{string.Join(' ', found)}]");
    }

    private static async Task<Verdict> AnnounceAsync(Lab lab)
    {
        string hash = lab.KeyNearPeer();
        AnnounceResult report = await lab.Kadath.AnnounceAsync(hash, 5432);
        bool accepted = report.Nodes.Any(node => node.Result == NodeResult.Stored && node.Id.ToString() == lab.PeerId);
        IReadOnlyList<IPEndPoint> held = await lab.Raw.PeersAsync(lab.Peer.Endpoint, hash);
        return Verdict.Of(
            accepted && held.Any(peer => peer.Address.Equals(lab.Kadath.Endpoint.Address)),
            $"accepted {report.Accepted} ({Outcomes(report.Nodes)}), the peer holds [{string.Join(' ', held)}]");
    }

    /// <summary>A peer that does not speak BEP 44 answers a bare get with silence or error 204; Kadath's put must then end, with nothing stored there.</summary>
    private static async Task<Verdict> Bep44Async(Lab lab, Func<Lab, Task<Verdict>> cell)
    {
        if (await lab.GetRefusalAsync() is not { } refusal)
        {
            return await cell(lab);
        }

        PutResult put = await lab.Kadath.PutAsync($"nobody takes this {RawOperations.RandomKey()}");
        return StoredAt(lab, put.Nodes) ? Verdict.Fail("the peer does not answer get, and yet took a put") : Verdict.NotSpoken(refusal);
    }

    private static async Task<Verdict> PutImmutableAsync(Lab lab)
    {
        string text = $"immutable {RawOperations.RandomKey()}";
        PutResult put = await lab.Kadath.PutAsync(text);
        RawReply? held = await lab.Raw.GetAsync(lab.Peer.Endpoint, RawOperations.TargetOf(text));
        return Verdict.Of(StoredAt(lab, put.Nodes) && held?.Values?.Text("v") == text, $"stored {put.Stored} ({Outcomes(put.Nodes)}), the peer holds {held?.Values?.Text("v") ?? "nothing"}");
    }

    private static async Task<Verdict> GetImmutableAsync(Lab lab)
    {
        string text = $"immutable {RawOperations.RandomKey()}";
        RawReply? taken = await PutRawAsync(lab, text);
        FoundItem? item = await lab.Kadath.GetAsync(RawOperations.TargetOf(text));
        return Verdict.Of(Text(item) == text, $"found {Text(item) ?? "nothing"} (the bare put: error {taken?.ErrorCode})");
    }

    private static async Task<Verdict> PutMutableAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        PutResult put = await lab.Kadath.PutAsync(key.Seed, "mutable", 7);
        RawReply? held = await lab.Raw.GetAsync(lab.Peer.Endpoint, RawOperations.TargetOf(key.PublicKey, null));
        return Verdict.Of(
            StoredAt(lab, put.Nodes) && held?.Values?.Text("v") == "mutable" && held.Values.Number("seq") == 7 && key.PublicKey.AsSpan().SequenceEqual(held.Values.Bytes("k")),
            $"stored {put.Stored} ({Outcomes(put.Nodes)}), the peer holds seq {held?.Values?.Number("seq")}");
    }

    private static async Task<Verdict> GetMutableAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        RawReply? taken = await lab.Raw.PutMutableAsync(lab.Peer.Endpoint, key.Item("by a bare endpoint", 3));
        FoundItem? item = await lab.Kadath.GetAsync(RawOperations.TargetOf(key.PublicKey, null));
        return Verdict.Of(
            Text(item) == "by a bare endpoint" && item!.Sequence == 3 && key.PublicKey.AsSpan().SequenceEqual(item.PublicKey.Span),
            $"found {Text(item) ?? "nothing"} (the bare put: {(taken is null ? "silence" : $"error {taken.ErrorCode}")})");
    }

    private static async Task<Verdict> SaltAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        PutResult put = await lab.Kadath.PutAsync(key.Seed, "salted", 1, "pepper");
        string target = RawOperations.TargetOf(key.PublicKey, "pepper");
        RawReply? held = await lab.Raw.GetAsync(lab.Peer.Endpoint, target);
        await lab.Raw.PutMutableAsync(lab.Peer.Endpoint, key.Item("salted again", 2, "pepper"));
        FoundItem? item = await lab.Kadath.GetAsync(target, "pepper");
        return Verdict.Of(
            StoredAt(lab, put.Nodes) && held?.Values?.Text("v") == "salted" && Text(item) == "salted again",
            $"stored {put.Stored} ({Outcomes(put.Nodes)}), the peer holds {held?.Values?.Text("v") ?? "nothing"}, Kadath found {Text(item) ?? "nothing"}");
    }

    private static async Task<Verdict> SequenceAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        PutResult first = await lab.Kadath.PutAsync(key.Seed, "newer", 5);
        NodeOutcome? refused = At(lab, (await lab.Kadath.PutAsync(key.Seed, "older", 4)).Nodes);
        RawReply? held = await lab.Raw.GetAsync(lab.Peer.Endpoint, RawOperations.TargetOf(key.PublicKey, null));
        return Verdict.Of(
            StoredAt(lab, first.Nodes) && refused is { Result: NodeResult.Refused, ErrorCode: 302 } && held?.Values?.Text("v") == "newer",
            $"first {Outcomes(first.Nodes)}; the older put {refused?.Result} {refused?.ErrorCode}; the peer holds {held?.Values?.Text("v") ?? "nothing"}");
    }

    private static async Task<Verdict> CasAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        PutResult first = await lab.Kadath.PutAsync(key.Seed, "one", 1);
        NodeOutcome? swapped = At(lab, (await lab.Kadath.PutAsync(key.Seed, "two", 2, cas: 1)).Nodes);
        NodeOutcome? refused = At(lab, (await lab.Kadath.PutAsync(key.Seed, "three", 3, cas: 1)).Nodes);
        RawReply? held = await lab.Raw.GetAsync(lab.Peer.Endpoint, RawOperations.TargetOf(key.PublicKey, null));
        if (swapped is { Result: NodeResult.Stored } && refused is { Result: NodeResult.Stored } && held?.Values?.Text("v") == "three")
        {
            return Verdict.Fault("takes a put with the wrong cas");
        }

        return Verdict.Of(
            StoredAt(lab, first.Nodes) && swapped is { Result: NodeResult.Stored } && refused is { Result: NodeResult.Refused, ErrorCode: 301 } && held?.Values?.Text("v") == "two",
            $"first {Outcomes(first.Nodes)}; right cas {swapped?.Result} {swapped?.ErrorCode}; wrong cas {refused?.Result} {refused?.ErrorCode}; the peer holds {held?.Values?.Text("v") ?? "nothing"}");
    }

    private static async Task<Verdict> ScrapeAsync(Lab lab)
    {
        string hash = lab.KeyNearPeer();
        if (!await lab.SpeaksScrapeAsync())
        {
            return (await lab.Kadath.ScrapeAsync(hash)).Peers > 0 ? Verdict.Fail("no filters, and yet an estimate") : Verdict.NotSpoken("no filters in a reply to scrape");
        }

        for (int host = 0; host < 3; host++)
        {
            await lab.NewRaw(30 + host).AnnounceAsync(lab.Peer.Endpoint, hash, 7000 + host, seed: host == 0);
        }

        RawReply? reply = await lab.Raw.AskAsync(lab.Peer.Endpoint, "get_peers", new BencodeMap { ["info_hash"] = Convert.FromHexString(hash), ["scrape"] = 1 });
        ScrapeResult scrape = await lab.Kadath.ScrapeAsync(hash);
        // One address counts once, and on IPv6 all of the test is one address.
        double peers = lab.Raw.Endpoint.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 2 : 1;
        if (reply!.Values!.ContainsKey("BFse") && Math.Abs(scrape.Peers - peers) < 0.5)
        {
            return Verdict.Fault("names the filter of seeds BFse, where BEP 33 says BFsd");
        }

        return Verdict.Of(Math.Abs(scrape.Peers - peers) < 0.5 && Math.Abs(scrape.Seeds - 1) < 0.5, $"{scrape.Seeds:0.00} seeds, {scrape.Peers:0.00} peers");
    }

    private static async Task<Verdict> SampleAsync(Lab lab)
    {
        string hash = lab.KeyNearPeer();
        await lab.Raw.AnnounceAsync(lab.Peer.Endpoint, hash, 7777);
        RawReply? reply = await lab.Raw.AskAsync(lab.Peer.Endpoint, "sample_infohashes", new BencodeMap { ["target"] = Convert.FromHexString(hash) }, Lab.Silence);
        SampleReply? sample = null;
        if (reply?.Values?.Bytes("samples") is null)
        {
            sample = await lab.Kadath.SampleAsync(lab.Peer.Endpoint);
            return sample is null
                ? Verdict.NotSpoken(reply is null ? "silence" : reply.ErrorCode != 0 ? $"error {reply.ErrorCode}" : "a reply without samples")
                : Verdict.Fail("the peer gives no samples, and yet Kadath got some");
        }

        bool found = await Eventually.HoldsAsync(async () =>
        {
            sample = await lab.Kadath.SampleAsync(lab.Peer.Endpoint);
            return sample is not null && (sample.Samples.Any(id => id.ToString() == hash) || sample.Total > 20);
        });
        return Verdict.Of(found, $"{sample?.Samples.Count.ToString(null, null) ?? "no"} samples of {sample?.Total}");
    }

    private static async Task<RawReply?> PutRawAsync(Lab lab, string text)
    {
        byte[] target = Convert.FromHexString(RawOperations.TargetOf(text));
        byte[] token = await lab.Raw.TokenAsync(lab.Peer.Endpoint, "get", new BencodeMap { ["target"] = target });

        // Beyond BEP 44, some implementations want a target, and one wants seq where another refuses it.
        BencodeMap put = new() { ["v"] = text, ["token"] = token, ["target"] = target };
        RawReply? reply = await lab.Raw.AskAsync(lab.Peer.Endpoint, "put", put);
        if (reply?.ErrorCode == 203)
        {
            put["seq"] = 0;
            reply = await lab.Raw.AskAsync(lab.Peer.Endpoint, "put", put);
        }

        return reply;
    }

    private static string? Text(FoundItem? item) => item is null ? null : System.Text.Encoding.Latin1.GetString((byte[])Bencode.Decode(item.Value.Span));

    private static NodeOutcome? At(Lab lab, IReadOnlyList<NodeOutcome> nodes) =>
        nodes.Where(node => node.Endpoint == KadathNode.ToKadath(lab.Peer.Endpoint)).Select(node => (NodeOutcome?)node).LastOrDefault();

    private static bool StoredAt(Lab lab, IReadOnlyList<NodeOutcome> nodes) => At(lab, nodes) is { Result: NodeResult.Stored };

    private static string Outcomes(IReadOnlyList<NodeOutcome> nodes) => string.Join(", ", nodes.Select(node => $"{node.Endpoint} {node.Result} {node.ErrorCode}"));
}
