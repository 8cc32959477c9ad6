using System.Net;
using System.Net.Sockets;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;

namespace Kadath.Tests.Interop.Matrix;

/// <summary>The cells in which the foreign node asks Kadath. Bare endpoints prepare Kadath and check what it holds afterwards.</summary>
internal static class PeerAsks
{
    /// <summary>Fills one cell.</summary>
    public static async Task<Verdict> RunAsync(Lab lab, Operation operation)
    {
        try
        {
            return operation switch
            {
                Operation.Ping => await PingAsync(lab),
                Operation.FindNode => await FindNodeAsync(lab),
                Operation.GetPeers => await GetPeersAsync(lab),
                Operation.AnnouncePeer => await AnnounceAsync(lab),
                Operation.PutImmutable => await PutImmutableAsync(lab),
                Operation.GetImmutable => await GetImmutableAsync(lab),
                Operation.PutMutable => await PutMutableAsync(lab),
                Operation.GetMutable => await GetMutableAsync(lab),
                Operation.Salt => await SaltAsync(lab),
                Operation.Sequence => await SequenceAsync(lab),
                Operation.Cas => await CasAsync(lab),
                Operation.Scrape => await ScrapeAsync(lab),
                Operation.Sample => await SampleAsync(lab),
                _ => throw new ArgumentOutOfRangeException(nameof(operation)),
            };
        }
        catch (PeerCannotException cannot)
        {
            return cannot.NeverSends ? Verdict.NotSpoken(cannot.Message)
                : await SpeaksAsync(lab, operation) ? Verdict.NotObservable(cannot.Message)
                : Verdict.NotSpoken("it does not answer such a query either");
        }
    }

    /// <summary>Whether the peer answers the query of an operation itself: if not, it is not expected to send it.</summary>
    private static async Task<bool> SpeaksAsync(Lab lab, Operation operation) => operation switch
    {
        Operation.Sample => (await lab.Raw.AskAsync(lab.Peer.Endpoint, "sample_infohashes", Target(), Lab.Silence))?.Values?.Bytes("samples") is not null,
        Operation.Scrape => await lab.SpeaksScrapeAsync(),
        Operation.Ping or Operation.FindNode or Operation.GetPeers or Operation.AnnouncePeer => true,
        _ => await lab.GetRefusalAsync() is null,
    };

    private static BencodeMap Target() => new() { ["target"] = Convert.FromHexString(RawOperations.RandomKey()) };

    private static async Task<Verdict> PingAsync(Lab lab)
    {
        try
        {
            string id = await lab.Peer.PingAsync(lab.Tapped.Endpoint);
            if (id != lab.Tapped.Id)
            {
                return Verdict.Fail($"took Kadath's id for {id}");
            }
        }
        catch (PeerCannotException)
        {
            // What it pings by itself shows on the wire.
        }

        bool saw = await Eventually.HoldsAsync(() => lab.Saw("ping"), TimeSpan.FromSeconds(8));
        return saw ? Verdict.Ok : Verdict.NotObservable("it sends no ping that a test can bring about");
    }

    private static async Task<Verdict> FindNodeAsync(Lab lab)
    {
        // The bare node behind the tapped Kadath node hears of the peer only if the peer learned of it from Kadath's reply.
        string behind = Convert.ToHexStringLower(lab.BehindKadath.Id);
        try
        {
            await lab.Peer.FindNodeAsync(lab.Tapped.Endpoint, behind);
        }
        catch (PeerCannotException)
        {
            // It looks for nodes by itself when it starts.
        }

        TimeSpan patience = TimeSpan.FromSeconds(lab.Peer is Rtorrent or Transmission ? 100 : 12);
        if (!await Eventually.HoldsAsync(() => lab.Saw("find_node"), patience))
        {
            return !lab.Saw("get_peers") ? Verdict.Fail("it asked Kadath for no nodes")
                : lab.Peer is Libtorrent ? Verdict.NotSpoken("it joins with get_peers")
                : Verdict.NotObservable("it joins with get_peers, and refreshes buckets after a quarter of an hour");
        }

        if (lab.Peer is TorrentClient client)
        {
            // Some go on to the nodes named only when they look a torrent up.
            await client.SeekAsync(Lab.Near(behind));
        }

        if (lab.OneContactForAll)
        {
            return Verdict.Of((await lab.Peer.FindNodeAsync(lab.Tapped.Endpoint, behind)).Contains(lab.Tapped.Id), "it did not take Kadath's reply");
        }

        bool reached = await Eventually.HoldsAsync(async () =>
            lab.BehindKadath.Queries.Any(query => query.From.Equals(lab.Peer.Endpoint))
            || (lab.Peer is Anacrolix && (await lab.Peer.FindNodeAsync(lab.Tapped.Endpoint, behind)).Contains(behind)));
        return Verdict.Of(reached, "it did not go on to the node that Kadath named");
    }

    private static async Task<Verdict> GetPeersAsync(Lab lab)
    {
        string hash = lab.KeyNearKadath();
        using Beacon beacon = Beacon.On(lab.Raw.Endpoint.Address);
        await lab.Raw.AnnounceAsync(lab.Kadath.Endpoint, hash, beacon.At.Port);
        await lab.Raw.AnnounceAsync(lab.Tapped.Endpoint, hash, beacon.At.Port);
        bool found = await lab.Peer.FindsAsync(hash, beacon);
        return Verdict.Of(found, "it did not find the peer that Kadath holds");
    }

    private static async Task<Verdict> AnnounceAsync(Lab lab)
    {
        string hash = lab.KeyNearKadath();
        int port = await lab.Peer.AnnounceAsync(hash, 6543);
        IReadOnlyList<IPEndPoint> held = [];
        IPEndPoint wanted = new(lab.Peer.Endpoint.Address, port);
        bool stored = await Eventually.HoldsAsync(
            async () => (held = await lab.Raw.PeersAsync(lab.Kadath.Endpoint, hash)).Contains(wanted)
                || (held = await lab.Raw.PeersAsync(lab.Tapped.Endpoint, hash)).Contains(wanted),
            TimeSpan.FromSeconds(90));
        return Verdict.Of(stored, $"Kadath holds [{string.Join(' ', held)}]");
    }

    private static async Task<Verdict> PutImmutableAsync(Lab lab)
    {
        string text = $"by {lab.Peer.Name} {RawOperations.RandomKey()}";
        ForeignPut put = await lab.Peer.PutImmutableAsync(text);
        RawReply? held = await lab.Raw.GetAsync(lab.Kadath.Endpoint, RawOperations.TargetOf(text));
        return Verdict.Of(put.Stored > 0 && held?.Values?.Text("v") == text, $"it says {put.Stored}, Kadath holds {held?.Values?.Text("v") ?? "nothing"}");
    }

    private static async Task<Verdict> GetImmutableAsync(Lab lab)
    {
        string text = $"for {lab.Peer.Name} {RawOperations.RandomKey()}";
        string target = await lab.Raw.PutImmutableAsync(lab.Kadath.Endpoint, text);
        ForeignItem? found = await lab.Peer.GetImmutableAsync(target);
        return Verdict.Of(found?.Text == text, $"it found {found?.Text ?? "nothing"}");
    }

    private static async Task<Verdict> PutMutableAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        ForeignPut put = await lab.Peer.PutMutableAsync(new MutableValue(key.Seed, "mutable", 1));
        RawReply? held = await lab.Raw.GetAsync(lab.Kadath.Endpoint, RawOperations.TargetOf(key.PublicKey, null));
        return Verdict.Of(put.Stored > 0 && held?.Values?.Text("v") == "mutable", $"it says {put.Stored}, Kadath holds {held?.Values?.Text("v") ?? "nothing"}");
    }

    private static async Task<Verdict> GetMutableAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        RawReply? taken = await lab.Raw.PutMutableAsync(lab.Kadath.Endpoint, key.Item("at Kadath", 4));
        ForeignItem? found = await lab.Peer.GetMutableAsync(RawOperations.TargetOf(key.PublicKey, null), key.PublicKeyHex, null);
        return Verdict.Of(found is { Text: "at Kadath", Sequence: 4 }, $"it found {found} (the bare put: error {taken?.ErrorCode})");
    }

    private static async Task<Verdict> SaltAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        string target = RawOperations.TargetOf(key.PublicKey, "pepper");
        await lab.Raw.PutMutableAsync(lab.Kadath.Endpoint, key.Item("salted", 1, "pepper"));
        ForeignItem? found = await lab.Peer.GetMutableAsync(target, key.PublicKeyHex, "pepper");
        ForeignPut put = await lab.Peer.PutMutableAsync(new MutableValue(key.Seed, "salted again", 2, "pepper"));
        RawReply? held = await lab.Raw.GetAsync(lab.Kadath.Endpoint, target);
        return Verdict.Of(
            found?.Text == "salted" && held?.Values?.Text("v") == "salted again",
            $"it found {found?.Text ?? "nothing"}, says {put.Stored} of its own, Kadath holds {held?.Values?.Text("v") ?? "nothing"}");
    }

    private static async Task<Verdict> SequenceAsync(Lab lab)
    {
        // Kadath holds sequence number 9; what the peer puts below must not take its place, what it puts above must.
        RawSigner key = RawSigner.Random();
        string target = RawOperations.TargetOf(key.PublicKey, null);
        await lab.Raw.PutMutableAsync(lab.Kadath.Endpoint, key.Item("nine", 9));
        string refusal = "accepted";
        if (lab.Peer is not Libtorrent)
        {
            refusal = await RefusalAsync(lab, new MutableValue(key.Seed, "eight", 8));
        }

        RawReply? kept = await lab.Raw.GetAsync(lab.Kadath.Endpoint, target);
        ForeignPut put = await lab.Peer.PutMutableAsync(new MutableValue(key.Seed, "ten", 10));
        RawReply? held = await lab.Raw.GetAsync(lab.Kadath.Endpoint, target);
        return Verdict.Of(
            kept?.Values?.Text("v") == "nine" && held?.Values?.Text("v") == "ten" && held.Values.Number("seq") == 10,
            $"older: {refusal}, Kadath kept {kept?.Values?.Text("v")}; newer: it says {put.Stored}, Kadath holds {held?.Values?.Text("v")}");
    }

    private static async Task<Verdict> CasAsync(Lab lab)
    {
        RawSigner key = RawSigner.Random();
        string target = RawOperations.TargetOf(key.PublicKey, null);
        await lab.Raw.PutMutableAsync(lab.Kadath.Endpoint, key.Item("one", 1));
        ForeignPut swapped = await lab.Peer.PutMutableAsync(new MutableValue(key.Seed, "two", 2, Cas: 1));
        string refusal = await RefusalAsync(lab, new MutableValue(key.Seed, "three", 3, Cas: 1));
        RawReply? held = await lab.Raw.GetAsync(lab.Kadath.Endpoint, target);
        return Verdict.Of(
            swapped.Stored > 0 && held?.Values?.Text("v") == "two",
            $"right cas: it says {swapped.Stored}; wrong cas: {refusal}; Kadath holds {held?.Values?.Text("v") ?? "nothing"}");
    }

    private static async Task<Verdict> ScrapeAsync(Lab lab)
    {
        string hash = lab.KeyNearKadath();
        for (int host = 0; host < 3; host++)
        {
            await lab.NewRaw(40 + host).AnnounceAsync(lab.Kadath.Endpoint, hash, 7000 + host, seed: host == 0);
        }

        (double seeds, double peers) = await lab.Peer.ScrapeAsync(hash);
        double expected = lab.Raw.Endpoint.AddressFamily == AddressFamily.InterNetwork ? 2 : 1;
        if (seeds == 0 && lab.Peer is Mldht && Math.Abs(peers - expected) < 0.6)
        {
            return Verdict.Fault("looks for the filter of seeds under BFse, where BEP 33 says BFsd");
        }

        return Verdict.Of(Math.Abs(peers - expected) < 0.6 && Math.Abs(seeds - 1) < 0.6, $"{seeds:0.00} seeds, {peers:0.00} peers");
    }

    private static async Task<Verdict> SampleAsync(Lab lab)
    {
        string hash = lab.KeyNearKadath();
        await lab.Raw.AnnounceAsync(lab.Kadath.Endpoint, hash, 7777);
        IReadOnlyList<string> samples = [];
        try
        {
            bool found = await Eventually.HoldsAsync(
                async () => (samples = await lab.Peer.SampleAsync(lab.Kadath.Endpoint)).Contains(hash) || samples.Count >= 15);
            return Verdict.Of(found, $"{samples.Count} samples");
        }
        catch (PeerException failed)
        {
            return await NeverSentAsync(lab) ? Verdict.NotObservable("it never sent the query it was told to send") : Verdict.Fail(failed.Message);
        }
    }

    /// <summary>Whether the peer, told to sample the tapped node, sends nothing.</summary>
    private static async Task<bool> NeverSentAsync(Lab lab)
    {
        try
        {
            await lab.Peer.SampleAsync(lab.Tapped.Endpoint);
            return false;
        }
        catch (PeerException)
        {
            return !lab.Saw("sample_infohashes");
        }
    }

    private static async Task<string> RefusalAsync(Lab lab, MutableValue value)
    {
        try
        {
            ForeignPut put = await lab.Peer.PutMutableAsync(value);
            return $"it says {put.Stored} stored";
        }
        catch (PeerException refused)
        {
            return refused.Message;
        }
    }
}
