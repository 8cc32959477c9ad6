using System.Net;
using Kadath.Tests.Interop.Krpc;
using Kadath.Tests.Interop.Peers;
using Xunit;

namespace Kadath.Tests.Interop;

/// <summary>
/// What foreign implementations get wrong, or do in a way of their own that Kadath has to reckon with. Each test fails when the peer begins
/// to behave: then docs/interop.md, and perhaps Kadath, can drop a special case.
/// </summary>
public sealed class PeerFaultTests(PeerFaultTests.Fixture fixture) : IClassFixture<PeerFaultTests.Fixture>
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Rtorrent_gives_ports_byte_swapped()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Rtorrent.PeerName);
        string hash = RawOperations.RandomKey();
        await raw.AnnounceAsync(at, hash, 5555);
        Assert.Equal(new IPEndPoint(raw.Endpoint.Address, 45845), Assert.Single(await raw.PeersAsync(at, hash)));
    }

    [Fact]
    public async Task Rtorrent_keeps_one_peer_for_each_address()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Rtorrent.PeerName);
        string hash = RawOperations.RandomKey();
        await raw.AnnounceAsync(at, hash, 5555);
        await raw.AnnounceAsync(at, hash, 6666);
        Assert.Single(await raw.PeersAsync(at, hash));
    }

    [Theory]
    [InlineData(Aria2.PeerName)]
    [InlineData(Mldht.PeerName)]
    public async Task Some_ignore_implied_port(string name)
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(name);
        Assert.Equal(1234, await ImpliedPortAsync(at, raw));
    }

    [Fact]
    public async Task Rtorrent_ignores_implied_port()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Rtorrent.PeerName);
        Assert.Equal((ushort)IPAddress.HostToNetworkOrder((short)1234), await ImpliedPortAsync(at, raw));
    }

    [Theory]
    [InlineData(Aria2.PeerName)]
    [InlineData(Anacrolix.PeerName)]
    public async Task Some_answer_a_bad_token_with_silence(string name)
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(name);
        BencodeMap announce = new() { ["info_hash"] = raw.Id, ["port"] = 1234, ["token"] = "bad" };
        Assert.Null(await raw.AskAsync(at, "announce_peer", announce, Silence));
    }

    [Theory]
    [InlineData(BittorrentDht.PeerName)]
    [InlineData(Aria2.PeerName)]
    [InlineData(Transmission.PeerName)]
    [InlineData(Pubky.PeerName)]
    public async Task Some_answer_an_unknown_query_with_silence(string name)
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(name);
        Assert.Null(await raw.AskAsync(at, "nonsense", limit: Silence));
    }

    [Fact]
    public async Task Pubky_drops_queries_whose_transaction_id_is_not_four_bytes_long()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Pubky.PeerName);
        Assert.NotNull(await raw.AskAsync(at, "ping"));
        raw.TransactionLength = 2;
        RawReply? answer = await raw.AskAsync(at, "ping", limit: Silence);
        raw.TransactionLength = 4;
        Assert.Null(answer);
    }

    [Fact]
    public async Task Pubky_drops_a_put_without_target_or_with_seq_where_it_is_immutable()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Pubky.PeerName);
        Assert.Null(await PutAsync(at, raw, "plain", withTarget: false, withSequence: false));
        Assert.Null(await PutAsync(at, raw, "numbered", withTarget: true, withSequence: true));
        Assert.NotNull((await PutAsync(at, raw, "targeted", withTarget: true, withSequence: false))?.Values);
    }

    [Fact]
    public async Task Anacrolix_refuses_an_immutable_put_without_seq()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Anacrolix.PeerName);
        Assert.Equal(203, (await PutAsync(at, raw, "plain", withTarget: true, withSequence: false))?.ErrorCode);
        Assert.NotNull((await PutAsync(at, raw, "numbered", withTarget: true, withSequence: true))?.Values);
    }

    [Fact]
    public async Task Mldht_refuses_an_immutable_put_with_seq()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Mldht.PeerName);
        Assert.Equal(203, (await PutAsync(at, raw, "numbered", withTarget: true, withSequence: true))?.ErrorCode);
    }

    [Fact]
    public async Task Anacrolix_compares_cas_with_the_cas_of_the_item_it_holds()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Anacrolix.PeerName);
        RawSigner key = RawSigner.Random();
        await raw.PutMutableAsync(at, key.Item("five", 5));
        await raw.PutMutableAsync(at, key.Item("six", 6, cas: 5));
        RawReply? wrong = await raw.PutMutableAsync(at, key.Item("seven", 7, cas: 5));
        Assert.NotNull(wrong?.Values);
        Assert.Equal("seven", (await raw.GetAsync(at, RawOperations.TargetOf(key.PublicKey, null)))?.Values?.Text("v"));
    }

    [Fact]
    public async Task Anacrolix_names_seq_in_the_reply_to_a_get_of_an_immutable_item()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Anacrolix.PeerName);
        await PutAsync(at, raw, "one more", withTarget: false, withSequence: true);
        Assert.Equal(0, (await raw.GetAsync(at, RawOperations.TargetOf("one more")))?.Values?.Number("seq"));
    }

    [Fact]
    public async Task Libtorrent_acknowledges_a_changed_value_of_equal_seq_and_keeps_the_old_one()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Libtorrent.PeerName);
        Assert.Equal("first", await EqualSequenceAsync(at, raw));
    }

    [Fact]
    public async Task Mldht_takes_a_changed_value_of_equal_seq()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Mldht.PeerName);
        Assert.Equal("second", await EqualSequenceAsync(at, raw));
    }

    [Fact]
    public async Task Mldht_names_the_filter_of_seeds_BFse()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(Mldht.PeerName);
        string hash = RawOperations.RandomKey();
        await raw.AnnounceAsync(at, hash, 5555, seed: true);
        RawReply? reply = await raw.AskAsync(at, "get_peers", new BencodeMap { ["info_hash"] = Convert.FromHexString(hash), ["scrape"] = 1 });
        Assert.Equal(256, reply?.Values?.Bytes("BFse")?.Length);
        Assert.Null(reply?.Values?.Bytes("BFsd"));
    }

    [Fact]
    public async Task Bittorrent_dht_answers_a_bad_signature_with_silence()
    {
        (IPEndPoint at, RawNode raw) = await fixture.MeetAsync(BittorrentDht.PeerName);
        BencodeMap forged = RawSigner.Random().Item("forged", 1);
        forged.Bytes("sig")![3] ^= 1;
        Assert.Null(await raw.PutMutableAsync(at, forged));
    }

    private static async Task<int> ImpliedPortAsync(IPEndPoint at, RawNode raw)
    {
        string hash = RawOperations.RandomKey();
        byte[] bytes = Convert.FromHexString(hash);
        byte[] token = await raw.TokenAsync(at, "get_peers", new BencodeMap { ["info_hash"] = bytes });
        await raw.AskAsync(at, "announce_peer", new BencodeMap { ["info_hash"] = bytes, ["port"] = 1234, ["token"] = token, ["implied_port"] = 1 });
        return (await raw.PeersAsync(at, hash)).Single().Port;
    }

    private static async Task<RawReply?> PutAsync(IPEndPoint at, RawNode raw, string text, bool withTarget, bool withSequence)
    {
        byte[] target = Convert.FromHexString(RawOperations.TargetOf(text));
        BencodeMap put = new() { ["v"] = text, ["token"] = await raw.TokenAsync(at, "get", new BencodeMap { ["target"] = target }) };
        if (withTarget)
        {
            put["target"] = target;
        }

        if (withSequence)
        {
            put["seq"] = 0;
        }

        return await raw.AskAsync(at, "put", put, Silence);
    }

    private static async Task<string?> EqualSequenceAsync(IPEndPoint at, RawNode raw)
    {
        RawSigner key = RawSigner.Random();
        await raw.PutMutableAsync(at, key.Item("first", 5));
        RawReply? reply = await raw.PutMutableAsync(at, key.Item("second", 5));
        Assert.NotNull(reply?.Values);
        return (await raw.GetAsync(at, RawOperations.TargetOf(key.PublicKey, null)))?.Values?.Text("v");
    }

    /// <summary>One node of each implementation that is asked for, and a bare endpoint beside it.</summary>
    public sealed class Fixture : IAsyncDisposable
    {
        private readonly Dictionary<string, (ForeignPeer Peer, RawNode Raw)> _met = [];

        internal async Task<(IPEndPoint At, RawNode Raw)> MeetAsync(string name)
        {
            Assert.SkipWhen(PeerHome.Missing(name) is not null, $"{name}: {PeerHome.Missing(name)}");
            if (!_met.TryGetValue(name, out (ForeignPeer Peer, RawNode Raw) met))
            {
                met = (await PeerCatalog.StartAsync(name, Ports.Free(PeerCatalog.Address(name, 1))), new RawNode(IPAddress.Parse(PeerCatalog.Address(name, 10))));
                _met[name] = met;
            }

            return (met.Peer.Endpoint, met.Raw);
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            foreach ((ForeignPeer peer, RawNode raw) in _met.Values)
            {
                await peer.DisposeAsync();
                await raw.DisposeAsync();
            }
        }
    }
}
